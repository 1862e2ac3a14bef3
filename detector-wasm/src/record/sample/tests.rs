//! No spelling of a literal is missed, at any place, in a text inside a text of any depth.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::window::window;
use super::{Literal, Sampler, escape};
use crate::pattern::Case;

/// All ways in which one level of JSON writes a character of a text.
fn ways(character: u8) -> Vec<Vec<u8>> {
    let [high, low] = [character >> 4, character & 15].map(|nibble| {
        let lower = char::from_digit(u32::from(nibble), 16).unwrap();
        BTreeSet::from([lower as u8, lower.to_ascii_uppercase() as u8])
    });
    let mut ways = match character {
        b'\\' => vec![b"\\\\".to_vec()],
        other => vec![vec![other]],
    };
    for high in &high {
        ways.extend(low.iter().map(|low| [b"\\u00".as_slice(), &[*high, *low]].concat()));
    }
    ways
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
    all
}

fn folded(windows: &BTreeSet<Vec<u8>>) -> BTreeSet<Vec<u8>> {
    windows.iter().map(|window| window.iter().map(|byte| byte | 0x20).collect()).collect()
}

#[test]
fn the_table_of_windows_inside_escapes_is_complete() {
    let mut texts = Vec::new();
    for character in (b' '..=b'~').filter(|byte| !b"\"\\/".contains(byte)) {
        for way in ways(character).into_iter().skip(1) {
            texts.extend((b'2'..=b'7').map(|high| [&way[..], b"\\u00", &[high]].concat()));
        }
    }
    let mut listed = BTreeSet::new();
    escape::inside(&mut |window| {
        listed.insert(window.to_vec());
    });
    assert_eq!(listed, folded(&closure(texts)));
}

#[test]
fn every_window_of_every_spelling_is_known() {
    for (text, case) in [
        ("StopConfigurationRecorder", Case::Sensitive),
        ("a7-.x", Case::Sensitive),
        ("uuu00u", Case::Sensitive),
        ("DeleteTrail", Case::Insensitive),
    ] {
        let literal = Literal::of(text, case).unwrap();
        let sampler = Sampler::new(vec![literal.clone()]);
        let (_, part) = literal.rarest_part(sampler.stride.length() + 3);
        let mut spelled = vec![part.text().as_bytes().to_vec()];
        if part.any_case() {
            spelled.push(part.text().to_uppercase().into_bytes());
        }
        for known in closure(spelled) {
            let found = sampler.sample(&known, 0).map(|(at, _)| at);
            assert_eq!(found, Some(0), "{text}: {}", known.escape_ascii());
        }
    }
}

#[test]
fn what_is_looked_for() {
    let cases: [(&str, Case, Option<&str>); 11] = [
        ("PutBucketPolicy", Case::Sensitive, Some("PutBucketPolicy")),
        ("DeleteFlowLogs", Case::Insensitive, Some("deleteflowlogs")),
        ("Backup", Case::Insensitive, None),
        ("DisableKey", Case::Insensitive, Some("disable")),
        ("FilterLogsI", Case::Insensitive, Some("filterlogs")),
        // What stands in every record is cut off at the ends.
        ("signin.amazonaws.com", Case::Sensitive, Some("signin.ama")),
        ("StopConfigurationRecorder", Case::Sensitive, Some("StopConfigurationRecorder")),
        ("arn:aws:iam::9:policy/AdministratorAccess", Case::Sensitive, Some("m::9:policy")),
        ("Müller says \"hello\"", Case::Sensitive, Some("ller says ")),
        ("1234567", Case::Sensitive, None),
        ("Stop", Case::Sensitive, None),
    ];
    for (text, case, expected) in cases {
        assert_eq!(Literal::of(text, case).as_ref().map(Literal::text), expected, "{text}");
    }
    let shown = Literal::of_shown("\"policy\":\"badAdministrator2Access\"", Case::Sensitive);
    assert_eq!(shown.as_ref().map(Literal::text), Some("adAdministrator"));
}

#[test]
fn plain_text_and_near_misses() {
    let sampler =
        Sampler::new(vec![Literal::of("StopConfigurationRecorder", Case::Sensitive).unwrap()]);
    for (text, found) in [
        ("", false),
        ("Sto", false),
        ("StopConfigurationRecorder", true),
        ("stopConfigurationRecorder", false),
        ("StopConfigurationRecorde", false),
        ("xStopConfigurationRecorders and more", true),
        (r"StopC\onfigurationRecorder", false),
        (r"Stop\u0043onfigurationRecorder", true),
        (r"C:\\Users\\StartConfigurationRecorder", false),
        (r"d3b07384-d9a0-4c3b-9f0e-0123456789ab-0052-005c-0331-3372", false),
    ] {
        assert_eq!(sampler.find(text.as_bytes(), 0).is_some(), found, "{text}");
    }
    assert_eq!(Sampler::new(Vec::new()).find(b"StopConfigurationRecorder", 0), None);
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
        literals in proptest::collection::vec(("[A-Za-z0-9.:_-]{5,40}", any::<bool>()), 1..4),
        levels in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..60), 0..4),
        before in "[ -~]{0,70}",
        behind in "[ -~]{0,70}",
        upper in any::<u64>(),
    ) {
        let case = |any: bool| if any { Case::Insensitive } else { Case::Sensitive };
        let known: Vec<(Literal, &String)> = literals.iter()
            .filter_map(|(text, any)| Some((Literal::of(text, case(*any))?, text)))
            .collect();
        let sampler = Sampler::new(known.iter().map(|(literal, _)| literal.clone()).collect());
        for (literal, _) in &known {
            let mut spelled: Vec<u8> = literal.text().bytes().zip(0..).map(|(byte, at)| {
                if literal.any_case() && upper >> (at % 64) & 1 == 1 { byte.to_ascii_uppercase() } else { byte }
            }).collect();
            for level in &levels {
                spelled = spell(&spelled, level);
            }
            // Whatever stands before it is searched first; what it finds there is no miss.
            let text = [before.as_bytes(), &spelled, behind.as_bytes()].concat();
            let found = sampler.find(&text, 0);
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
