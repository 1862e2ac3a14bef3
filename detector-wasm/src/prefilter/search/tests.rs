//! No spelling of a literal is missed, at any place, in a text inside a text of any depth.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::window::window;
use super::{Literal, Sampler, escape};
use crate::pattern::{Case, Part};

/// Stands for the Kelvin sign where each character is a byte.
const KELVIN: u8 = 1;

/// All ways in which one level of JSON writes a character of a text.
fn ways(character: u8) -> Vec<Vec<u8>> {
    let escape = |digits: &str| [b"\\u", digits.as_bytes()].concat();
    match character {
        KELVIN => vec!["\u{212a}".into(), escape("212a"), escape("212A")],
        0x80.. => vec![vec![character]],
        _ => {
            let plain = match character {
                b'\\' => vec![b"\\\\".to_vec()],
                b'"' => vec![b"\\\"".to_vec()],
                other => vec![vec![other]],
            };
            let digits = [format!("{character:04x}"), format!("{character:04X}")];
            let escapes: BTreeSet<Vec<u8>> = digits.iter().map(|digits| escape(digits)).collect();
            plain.into_iter().chain(escapes).collect()
        }
    }
}

/// All windows of all spellings, worked out level by level.
fn closure(texts: Vec<Vec<u8>>) -> BTreeSet<Vec<u8>> {
    let windows = |text: &[u8]| text.windows(4).map(<[u8]>::to_vec).collect::<Vec<_>>();
    let mut all: BTreeSet<Vec<u8>> = texts.iter().flat_map(|text| windows(text)).collect();
    let mut new = all.clone();
    while !new.is_empty() {
        let mut next = BTreeSet::new();
        for known in &new {
            let mut texts = vec![Vec::new()];
            for character in known {
                let ways = ways(*character);
                texts = texts
                    .iter()
                    .flat_map(|text| ways.iter().map(move |way| [text.as_slice(), way].concat()))
                    .collect();
            }
            next.extend(texts.iter().flat_map(|text| windows(text)));
        }
        new = next.difference(&all).cloned().collect();
        all.extend(next);
    }
    all.retain(|window| !window.contains(&KELVIN));
    all
}

fn folded(windows: &BTreeSet<Vec<u8>>) -> BTreeSet<Vec<u8>> {
    windows.iter().map(|window| window.iter().map(|byte| byte | 0x20).collect()).collect()
}

fn listed(kelvin: bool) -> BTreeSet<Vec<u8>> {
    let mut listed = BTreeSet::new();
    escape::inside(kelvin, &mut |window| {
        listed.insert(window.to_vec());
    });
    listed
}

/// An escape of each of the characters, and one of one of those that may follow it.
fn pairs(characters: &[u8], following: &[&str]) -> Vec<Vec<u8>> {
    let ways = characters.iter().flat_map(|character| ways(*character));
    let escapes = ways.filter(|way| way.starts_with(b"\\u"));
    let pair = |way: Vec<u8>| following.iter().map(move |next| [&way, next.as_bytes()].concat());
    escapes.flat_map(pair).collect()
}

#[test]
fn the_tables_of_windows_inside_escapes_are_complete() {
    let printable: Vec<u8> = (b' '..=b'~').filter(|byte| !b"\"\\/".contains(byte)).collect();
    let following = ["\\u002", "\\u003", "\\u004", "\\u005", "\\u006", "\\u007"];
    let plain = folded(&closure(pairs(&printable, &following)));
    assert_eq!(listed(false), plain);
    let all = [&printable[..], &[KELVIN]].concat();
    let kelvin = closure(pairs(&all, &[&following[..], &["\\u212"]].concat()));
    let kelvin = folded(&kelvin);
    let missing: Vec<_> =
        kelvin.difference(&listed(true)).map(|w| w.escape_ascii().to_string()).collect();
    assert!(missing.is_empty(), "{}", missing.join("\n"));
    assert_eq!(listed(true), kelvin);
}

#[test]
fn every_window_of_every_spelling_is_known() {
    for (text, case) in [
        ("StopConfigurationRecorder", Case::Sensitive),
        ("a7-.x", Case::Sensitive),
        ("uuu00u", Case::Sensitive),
        ("DeleteTrail", Case::Insensitive),
        ("kkBackup", Case::Insensitive),
        ("KeyPair", Case::Insensitive),
    ] {
        let literal = Literal::of(inside(text), case).unwrap();
        let sampler = Sampler::new(vec![literal.clone()]);
        let (_, part) = literal.rarest_part(sampler.stride.length() + 3);
        let mut spelled = vec![part.text().as_bytes().to_vec()];
        if part.any_case() {
            spelled.push(part.text().to_uppercase().into_bytes());
            spelled.push(part.text().replace('k', "\u{1}").into_bytes());
            spelled.push(part.text().replacen('k', "\u{1}", 1).into_bytes());
        }
        for known in closure(spelled) {
            let number = sampler.windows.number(window(&known));
            assert!(number.is_some(), "{text}: {}", known.escape_ascii());
        }
    }
}

fn inside(text: &str) -> Part<'_> {
    Part { text, first: false, last: false }
}

#[test]
fn what_is_looked_for() {
    let cases: [(&str, Case, Option<&str>); 12] = [
        ("PutBucketPolicy", Case::Sensitive, Some("PutBucketPolicy")),
        ("DeleteFlowLogs", Case::Insensitive, Some("deleteflowlogs")),
        ("Backup", Case::Insensitive, Some("backup")),
        ("FilterLogsI", Case::Insensitive, Some("filterlogs")),
        ("signin.amazonaws.com", Case::Sensitive, Some("signin.amazonaws.com")),
        ("StopConfigurationRecorder", Case::Sensitive, Some("StopConfigurationRecorder")),
        ("arn:aws:iam::9:policy/AdministratorAccess", Case::Sensitive, Some("AdministratorAccess")),
        ("Müller says \"hello\"", Case::Sensitive, Some("ller says ")),
        ("1234567", Case::Sensitive, None),
        ("Stop", Case::Sensitive, None),
        ("false", Case::Sensitive, Some("false")),
        ("-infin", Case::Insensitive, None),
    ];
    for (text, case, expected) in cases {
        let literal = Literal::of(inside(text), case);
        assert_eq!(literal.as_ref().map(Literal::text), expected, "{text}");
    }
    let shown =
        Literal::of_shown(inside("\"policy\":\"badAdministrator2Access\""), Case::Sensitive);
    assert_eq!(shown.as_ref().map(Literal::text), Some("adAdministrator"));
}

#[test]
fn a_value_is_looked_for_with_its_quotes() {
    let whole = Part::whole("");
    let (first, last) = (Part { last: false, ..whole }, Part { first: false, ..whole });
    for (text, part, expected) in [
        ("StopLogging", whole, Some("\"StopLogging\"")),
        ("Put", whole, Some("\"Put\"")),
        ("PutBucket", first, Some("\"PutBucket")),
        ("LogsI", last, Some("LogsI\"")),
        ("policy/Admin\"i", whole, Some("\"policy")),
        // What a number or a truth value shows as stands without.
        ("fals", first, None),
        ("false", whole, Some("false")),
        ("0x12", last, Some("0x12\"")),
        ("12.5e3", whole, None),
    ] {
        for case in [Case::Sensitive, Case::Insensitive] {
            let literal = Literal::of(Part { text, ..part }, case);
            let expected = match case {
                Case::Sensitive => expected.map(str::to_owned),
                Case::Insensitive => expected.map(str::to_lowercase),
            };
            assert_eq!(literal.as_ref().map(|l| l.text().to_owned()), expected, "{text}");
        }
    }
}

fn sampler_of(part: Part<'_>, case: Case) -> Sampler {
    Sampler::new(vec![Literal::of(part, case).unwrap()])
}

#[test]
fn plain_text_and_near_misses() {
    let within = sampler_of(inside("DeleteFlowLogs"), Case::Sensitive);
    let whole = sampler_of(Part::whole("DeleteFlowLogs"), Case::Sensitive);
    for (text, is_within, is_whole) in [
        ("", false, false),
        ("Del", false, false),
        ("DeleteFlowLogs", true, false),
        (r#""DeleteFlowLogs""#, true, true),
        (r#"{\"eventName\": \"DeleteFlowLogs\"}"#, true, true),
        (r"\u0022DeleteFlowLogs\u0022", true, true),
        ("deleteFlowLogs", false, false),
        ("DeleteFlowLog", false, false),
        ("xDeleteFlowLogsAndMore", true, false),
        (r#""DeleteFlowLogsAndMore""#, true, false),
        (r#"{"DeleteFlowLogs": 1}"#, true, true),
        (r"Delete\FlowLogs", false, false),
        (r#""Delete\u0046lowLogs""#, true, true),
        (r"C:\\Users\\StartFlowLog", false, false),
        (r"d3b07384-d9a0-4c3b-9f0e-0123456789ab-0052-005c-0331-3372", false, false),
    ] {
        assert_eq!(within.find(text.as_bytes(), 0).is_some(), is_within, "{text}");
        assert_eq!(whole.find(text.as_bytes(), 0).is_some(), is_whole, "{text}");
    }
    assert_eq!(Sampler::new(Vec::new()).find(b"StopConfigurationRecorder", 0), None);
}

#[test]
fn what_stands_right_behind_a_piece_of_it_is_found() {
    for (text, part) in [
        ("StopConfigurationRecorder", Part::whole("StopConfigurationRecorder")),
        ("DeleteFlowLogs", inside("DeleteFlowLogs")),
    ] {
        let sampler = sampler_of(part, Case::Sensitive);
        let value = format!("\"{text}\"");
        for (distance, from) in
            (0..30).flat_map(|distance| (0..value.len()).map(move |from| (distance, from)))
        {
            let piece = value.get(from..from + 8).unwrap_or_default();
            let text = [&"-".repeat(distance), piece, &value, &"-".repeat(300)].concat();
            assert!(sampler.find(text.as_bytes(), 0).is_some(), "{text}");
        }
    }
}

#[test]
fn a_kelvin_sign_is_a_letter() {
    let any_case = sampler_of(Part::whole("CreateBackupKey"), Case::Insensitive);
    for text in [
        "\"CREATEBACKUPKEY\"",
        "\"CreateBac\u{212a}upKey\"",
        "\"createbackup\u{212a}ey\"",
        r#""Createbac\u212aup\u212Aey""#,
        r#"{\"Createbac\\u212aup\u212Aey\"}"#,
    ] {
        assert!(any_case.find(text.as_bytes(), 0).is_some(), "{text}");
    }
}

/// Writes a text as JSON strings do, choosing a way for each character by the numbers.
fn spell(text: &[u8], choices: &[u8]) -> Vec<u8> {
    let mut choices = choices.iter().cycle();
    text.iter()
        .flat_map(|character| {
            let mut ways = ways(*character);
            let choice = usize::from(*choices.next().unwrap());
            // Plain half of the time, or a text would soon be escapes alone.
            ways.swap_remove(if choice < 128 { 0 } else { choice % ways.len() })
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn no_spelling_is_missed_anywhere(
        values in proptest::collection::vec(("[A-Za-z0-9.:_-]{3,40}", any::<bool>(), any::<[bool; 2]>()), 1..4),
        levels in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..60), 0..4),
        before in "[ -~]{0,70}|[ -~]{200,500}",
        pieces in proptest::collection::vec((any::<usize>(), 0..40usize, 1..20usize), 0..4),
        behind in "[ -~]{0,70}|[ -~]{200,500}",
        upper in any::<u64>(),
        kelvin in any::<u64>(),
    ) {
        let case = |any: bool| if any { Case::Insensitive } else { Case::Sensitive };
        let part = |text, [first, last]: [bool; 2]| Part { text, first, last };
        let known: Vec<(Literal, &String)> = values.iter()
            .filter_map(|(text, any, ends)| Some((Literal::of(part(text, *ends), case(*any))?, text)))
            .collect();
        let sampler = Sampler::new(known.iter().map(|(literal, _)| literal.clone()).collect());
        // Parts of values may stand in other words.
        let pieces = pieces.iter().filter_map(|(value, from, length)| {
            let (text, ..) = values.get(value % values.len())?;
            text.get(*from..(from + length).min(text.len()))
        });
        let before = [before.as_str(), &pieces.collect::<String>()].concat();
        for (literal, text) in &known {
            let bit = |bits: u64, at: usize| literal.any_case() && bits >> (at % 64) & 1 == 1;
            let spelled = text.bytes().enumerate().map(|(at, byte)| match byte {
                b'k' | b'K' if bit(kelvin, at) => KELVIN,
                _ if bit(upper, at) => byte.to_ascii_uppercase(),
                _ => byte,
            });
            let mut spelled: Vec<u8> = spelled.collect();
            // The value in its quotes, and that in texts inside texts.
            let value = levels.first().map_or(&[0][..], |level| level);
            spelled = [b"\"", &spell(&spelled, value)[..], b"\""].concat();
            for level in levels.iter().skip(1) {
                spelled = spell(&spelled, level);
            }
            // Whatever stands before it is searched first; what is found there is no miss.
            let text = [before.as_bytes(), &spelled, behind.as_bytes()].concat();
            let mut found = sampler.find(&text, 0);
            while let Some(at) = found.filter(|at| *at < before.len()) {
                found = sampler.find(&text, at + 1);
            }
            prop_assert!(found.is_some_and(|at| at < before.len() + spelled.len()), "{}", text.escape_ascii());
            let alone = sampler.find(&spelled, 0);
            prop_assert!(alone.is_some_and(|at| at < spelled.len()));
        }
    }
}

#[test]
fn windows_take_letters_case_away() {
    assert_eq!(window(b"StOp"), window(b"sToP"));
    assert_ne!(window(b"Stop"), window(b"Stob"));
}
