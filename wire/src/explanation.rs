//! The frames of `explain`: why a rule does or doesn't select a record.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The answer about one record of a batch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Explained {
    /// Index of the record in the batch, from 0.
    pub record: u64,
    /// What is to be said about it.
    #[serde(flatten)]
    pub verdict: Verdict,
}

/// What is to be said about a record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    /// Whether one of its exceptions holds the alert back.
    pub excepted: bool,
    /// Whose names the record's keys are: `raw` or `normalised`.
    pub shape: String,
    /// Which of equal keys counts in this reading: `last` or `first`.
    pub duplicates: String,
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

/// A value, and where the record holds it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// The value.
    pub value: Value,
    /// The path in the record; nothing if the value is worked out.
    pub path: Option<String>,
    /// Its offset in the text that holds the record, in bytes.
    pub offset: Option<u64>,
}

/// Reads an answer, frame by frame; the summary at its end says nothing that the frames don't.
///
/// # Errors
/// What is wrong with a line of it.
pub fn read(text: &[u8]) -> Result<Vec<Explained>, String> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Line {
        Explained(Box<Explained>),
        Summary {
            #[serde(rename = "summary")]
            _summary: Value,
        },
    }
    let mut explained = Vec::new();
    for line in text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        match serde_json::from_slice(line).map_err(|error| error.to_string())? {
            Line::Explained(one) => explained.push(*one),
            Line::Summary { .. } => {}
        }
    }
    Ok(explained)
}
