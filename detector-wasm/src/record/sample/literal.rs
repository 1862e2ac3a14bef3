//! In: a text that a value must hold. Out: the part of it that can be looked for in a record's bytes.

use super::escape;
use super::window::window;
use crate::pattern::Case;

/// The shortest literal, in bytes: shorter ones are everywhere.
const SHORTEST: usize = 5;

/// What is longer than this may lose a part that says little.
const LONG_ENOUGH: usize = 10;

/// The longest; what is longer is cut.
const LONGEST: usize = 32;

/// How the names of services end: each call of a service has its name.
const SERVICE: &str = ".amazonaws.com";

/// What stands in about every record.
const COMMON: &str = concat!(
    r#"{"eventVersion":"1.08","userIdentity":{"type":"AssumedRole","principalId":"AROA:i-0","arn":"#,
    r#""arn:aws:sts::0:assumed-role/","accountId":"","accessKeyId":"ASIA","userName":"","#,
    r#""sessionContext":{"sessionIssuer":{"type":"Role","arn":"arn:aws:iam::0:role/"},"#,
    r#""webIdFederationData":{},"attributes":{"creationDate":"T00:00:00Z","mfaAuthenticated":"#,
    r#""false"}},"invokedBy":"ec2.amazonaws.com"},"eventTime":"","eventSource":"#,
    r#""s3.amazonaws.com","eventName":"Describe","awsRegion":"us-east-1","sourceIPAddress":"","#,
    r#""userAgent":"aws-cli/ Linux Python Mozilla aws-sdk-go console Boto3","#,
    r#""requestParameters":null,"responseElements":null,"additionalEventData":{},"requestID":"","#,
    r#""eventID":"","readOnly":true,"resources":[{"accountId":"","type":"AWS::S3::Bucket"}],"#,
    r#""eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"","eventCategory":"#,
    r#""Management","tlsDetails":{"tlsVersion":"TLSv1.2","cipherSuite":"ECDHE-RSA-AES128-GCM","#,
    r#""clientProvidedHostHeader":"s3.us-east-1.amazonaws.com"}}"#,
);

/// Characters that a record writes as themselves or as `\u00hh`, and in no third way, in texts inside
/// texts too.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Literal {
    text: Box<str>,
    any_case: bool,
    /// How many percent of the pieces of the text it comes from are those of any record.
    commonness: u8,
}

impl Literal {
    /// The best part of a text that a value of a record must hold as it is.
    pub(crate) fn of(text: &str, case: Case) -> Option<Literal> {
        Literal::longest(text, case, |c| matches!(c, ' '..='~') && !matches!(c, '"' | '\\' | '/'))
    }

    /// The best part of a text that must stand in what a value shows as, which may be a map's JSON: only
    /// letters stand there as they do in the record, and a first one may belong to an escape.
    pub(crate) fn of_shown(text: &str, case: Case) -> Option<Literal> {
        let mut best: Option<Literal> = None;
        for run in text.split(|c: char| !c.is_ascii_alphabetic()) {
            let first = run.chars().next().unwrap_or('x').to_ascii_lowercase();
            let doubtful = matches!(first, 'a'..='f' | 'n' | 'r' | 't' | 'u');
            let run = run.get(usize::from(doubtful)..).unwrap_or_default();
            let found = Literal::longest(run, case, |c| c.is_ascii_alphabetic());
            best = best.into_iter().chain(found).max_by_key(|literal| literal.text.len());
        }
        best
    }

    fn longest(text: &str, case: Case, allowed: impl Fn(char) -> bool) -> Option<Literal> {
        let any_case = case == Case::Insensitive;
        // The Kelvin sign's lower case is a `k`; no other character outside ASCII becomes one of it, but
        // for the `i` of a dotted capital, behind which a combining dot follows.
        let parts = text.split(|c: char| !allowed(c) || any_case && matches!(c, 'k' | 'K'));
        let parts =
            parts.map(|part| if any_case { part.trim_end_matches(['i', 'I']) } else { part });
        let best = parts.max_by_key(|part| part.len())?;
        let commonness = if best.ends_with(SERVICE) { 100 } else { commonness(best) };
        let best = trimmed(best.get(..LONGEST).unwrap_or(best));
        let is_word = best.chars().any(|c| c.is_ascii_alphabetic() && !matches!(c, 'e' | 'E'));
        // Numbers may be written in several ways, and two of them as words.
        let is_number = !is_word || "Infinity".contains(best);
        let text = if any_case { best.to_ascii_lowercase() } else { best.to_owned() };
        (best.len() >= SHORTEST && !is_number).then(|| Literal {
            text: text.into(),
            any_case,
            commonness,
        })
    }

    /// The characters, all of them ASCII; in lower case if letters' case doesn't count.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// How letters are compared.
    pub(crate) fn any_case(&self) -> bool {
        self.any_case
    }

    /// How many percent of the pieces of the text that the literal comes from are those of any record.
    pub(crate) fn commonness(&self) -> u8 {
        self.commonness
    }

    /// The part of so many bytes with the fewest common pieces, and where it begins.
    pub(super) fn rarest_part(&self, length: usize) -> (usize, Literal) {
        let bytes = self.text.as_bytes();
        let common: Vec<bool> = bytes.windows(4).map(is_common).collect();
        let count = |part: &[bool]| part.iter().filter(|common| **common).count();
        let parts = common.windows(length.saturating_sub(3).max(1)).map(count).enumerate();
        let from = parts.min_by_key(|(_, count)| *count).map_or(0, |(from, _)| from);
        let text = self.text.get(from..from.saturating_add(length)).unwrap_or(&self.text);
        (from, Literal { text: text.into(), ..*self })
    }

    /// Whether the literal may stand in a text so that its own byte number `piece` is at a position:
    /// spelled as it is, at least until an escape.
    pub(super) fn may_stand(&self, text: &[u8], at: usize, piece: usize) -> bool {
        let own = self.text.as_bytes();
        let (before, behind) = own.split_at_checked(piece).unwrap_or_default();
        let (left, right) = text.split_at_checked(at).unwrap_or_default();
        let stops = |own: &u8, other: &u8| !self.same(*own, *other);
        let back = before.iter().rev().zip(left.iter().rev());
        let matched = back.take_while(|(own, other)| !stops(own, other)).count();
        if matched < before.len() && !escape::ends(text, at.saturating_sub(matched)) {
            return false;
        }
        let ahead = behind.iter().zip(right);
        let matched = ahead.take_while(|(own, other)| !stops(own, other)).count();
        matched == behind.len() || escape::begins(text, at + matched)
    }

    fn same(&self, own: u8, other: u8) -> bool {
        own == if self.any_case { other.to_ascii_lowercase() } else { other }
    }
}

/// Whether four bytes stand in about every record.
fn is_common(piece: &[u8]) -> bool {
    let piece = window(piece);
    COMMON.as_bytes().windows(4).any(|common| window(common) == piece)
}

/// How many percent of a text's pieces stand in about every record.
fn commonness(text: &str) -> u8 {
    let pieces = text.as_bytes().windows(4);
    let all = pieces.len().max(1);
    (pieces.filter(|piece| is_common(piece)).count() * 100 / all) as u8
}

/// The text without common pieces at its ends, as far as it stays long enough.
fn trimmed(text: &str) -> &str {
    let mut text = text;
    while text.len() > LONG_ENOUGH {
        let bytes = text.as_bytes();
        text = match (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
            (_, Some(last)) if is_common(last) => text.get(..text.len() - 1).unwrap_or_default(),
            (Some(first), _) if is_common(first) => text.get(1..).unwrap_or_default(),
            _ => break,
        };
    }
    text
}
