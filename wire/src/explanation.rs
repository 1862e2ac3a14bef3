//! The frames of `explain`: why a rule does or doesn't select a record.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::frames::RecordError;

/// The answer about one record of a batch.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explained {
    /// Index of the record in the batch, from 0.
    pub record: u64,
    /// Its diagnostics.
    #[serde(flatten)]
    pub verdict: Verdict,
}

/// A remark about a record.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It was judged.
    Explanation(Explanation),
    /// It couldn't be read.
    Error {
        /// The byte of the batch where reading failed.
        offset: u64,
        /// What was expected there.
        reason: String,
    },
}

/// A rule's verdict about a record, clause by clause.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// The rule's id.
    pub rule: String,
    /// Whether its query selects the record.
    pub selects: bool,
    /// Whether that takes more steps than a rule may.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub undecided: bool,
    /// Whether one of its exceptions holds the alert back.
    pub excepted: bool,
    /// Whether the rule is for records of another source, and raises no alert therefore.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub elsewhere: bool,
    /// Whether the rule is for a log source that the record's sender isn't known to be, and raises no alert therefore.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub untrusted: bool,
    /// Whose names the record's keys are: `raw` or `normalised`.
    pub shape: String,
    /// Which of equal keys counts in this reading: `last` or `first`.
    pub duplicates: String,
    /// Where the record begins in the text that holds it, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<u64>,
    /// Where it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<u64>,
    /// Where in the batch the string begins whose text holds the record; nothing if the batch itself holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<u64>,
    /// The query's text.
    pub query: String,
    /// The query's tree, each node before those that it joins.
    pub nodes: Vec<Node>,
}

/// A node of the query's tree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// 0 for the root.
    pub depth: u32,
    /// `all`, `any`, `not`, `constant` or `clause`.
    pub kind: String,
    /// Its verdict.
    pub truth: bool,
    /// Whether that takes more steps than a rule may.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub undecided: bool,
    /// Where it stands in the rule's document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<DocumentRange>,
    /// A clause's text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Where that begins in the query, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<u64>,
    /// Where it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<u64>,
    /// The field that the clause looks at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Whether it has no value.
    #[serde(default)]
    pub missing: bool,
    /// Its values.
    #[serde(default)]
    pub values: Vec<Found>,
}

/// A range of a rule's document, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentRange {
    /// Where it begins.
    pub start: u64,
    /// Where it ends.
    pub end: u64,
}

/// A value, and where the record holds it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// The value.
    pub value: Json,
    /// The path in the record; nothing if the value is worked out.
    pub path: Option<String>,
    /// Its offset in the text that holds the record, in bytes.
    pub offset: Option<u64>,
    /// How many bytes it takes there, quotes included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<u64>,
    /// What it is worked out from, if it is; empty if it is the same in every record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Vec<Read>>,
}

/// A path of the record that a value is worked out from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Read {
    /// The path.
    pub path: String,
    /// Where a value of it stands; nothing if there is none.
    pub offset: Option<u64>,
    /// How many bytes that takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<u64>,
}

/// A value as it is written: it may nest as deep as its record's author likes.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Json(Box<RawValue>);

impl Json {
    /// The value's text.
    #[must_use]
    pub fn text(&self) -> &str {
        self.0.get()
    }
}

impl PartialEq for Json {
    fn eq(&self, other: &Json) -> bool {
        self.text() == other.text()
    }
}

/// Reads an answer, frame by frame; the summary at its end says nothing that the frames don't.
///
/// # Errors
/// What is wrong with a line of it.
pub fn read(text: &[u8]) -> Result<Vec<Explained>, String> {
    // Read key by key: what buffers a line first would nest with the values in it.
    #[derive(Deserialize)]
    struct Line<'a> {
        #[serde(default)]
        record: u64,
        #[serde(borrow)]
        explanation: Option<&'a RawValue>,
        #[serde(borrow)]
        error: Option<RecordError<'a>>,
    }
    let mut explained = Vec::new();
    for line in text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let line: Line<'_> = serde_json::from_slice(line).map_err(|error| error.to_string())?;
        let verdict = match line {
            Line { explanation: Some(text), .. } => {
                let explanation = serde_json::from_str(text.get());
                Verdict::Explanation(explanation.map_err(|error| error.to_string())?)
            }
            Line { error: Some(error), .. } => {
                Verdict::Error { offset: error.offset, reason: error.reason.into_owned() }
            }
            _ => continue,
        };
        explained.push(Explained { record: line.record, verdict });
    }
    Ok(explained)
}

#[cfg(test)]
mod tests {
    use super::{Verdict, read};

    #[test]
    fn a_value_may_nest_as_deep_as_it_likes() {
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        let text = format!(
            r#"{{"record":1,"explanation":{{"rule":"r","selects":true,"excepted":false,"shape":"raw","duplicates":"last","query":"q","nodes":[{{"depth":0,"kind":"clause","truth":true,"values":[{{"value":{deep},"path":"a","offset":1}}]}}]}}}}
{{"record":2,"error":{{"offset":3,"reason":"why"}}}}
{{"summary":{{"records":2,"matches":0,"errors":1}}}}
"#
        );
        let explained = read(text.as_bytes()).unwrap();
        assert_eq!(explained.len(), 2);
        assert!(matches!(&explained[0].verdict, Verdict::Explanation(found)
            if found.nodes[0].values[0].value.text() == deep));
        assert!(matches!(&explained[1].verdict, Verdict::Error { offset: 3, .. }));
    }
}
