//! In: the files of `cases`. Out: what to give a detector, and what it must answer.
//!
//! ```toml
//! about = "A line cut off in its middle costs itself alone."
//! batch = [
//!   { lines = ['{"eventName":↓', { record = "stop" }] },
//! ]
//! records = 2
//! alerts = ["kuery 1", "logpresso 1"]
//! errors = [{ record = 0, reason = "the record is cut off: its text ends inside a value" }]
//! ```
//!
//! | key | what it holds |
//! |---|---|
//! | `about` | one sentence: what the case shows |
//! | `batch` | the [parts](batch) that are joined to the batch |
//! | `rules` | documents (`name`, `text`) to configure in place of the embedded ones |
//! | `options` | the module's options, such as `{ format = "text" }` |
//! | `refused` | the configuration's errors as `CODE LINE:COLUMN`; no batch is judged then |
//! | `records` | how many records the batch has |
//! | `alerts` | all alerts in order, each as `LANGUAGE RECORD` or `RULE-ID RECORD`, or as a table with [more](Alert) |
//! | `errors` | all errors in order; a `↓` in the batch marks the byte where each was found, in order |
//! | `status` | the answer's status, 0 if the case doesn't say |
//! | `split` | true where cutting the batch at its line ends must give the same frames |

pub mod batch;
mod text_or_table;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use text_or_table::TextOrTable;

use batch::{Joined, Part};

/// A case, read from its file.
#[derive(Debug, Clone)]
pub struct Case {
    /// `SUBJECT/WHAT-IT-SHOWS`.
    pub name: String,
    /// The file's content.
    pub says: Says,
    /// The batch's bytes.
    pub batch: Vec<u8>,
}

/// What stands in a case file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Says {
    /// One sentence: what the case shows.
    pub about: String,
    #[serde(default)]
    batch: Vec<Part>,
    rules: Option<Vec<Document>>,
    options: Option<toml::Table>,
    /// The configuration's errors, each as `CODE LINE:COLUMN`.
    #[serde(default)]
    pub refused: Vec<String>,
    /// The answer's status.
    #[serde(default)]
    pub status: u32,
    /// The number of records.
    #[serde(default)]
    pub records: u64,
    /// All alerts, in order.
    #[serde(default, deserialize_with = "alerts")]
    pub alerts: Vec<Alert>,
    /// All errors, in order.
    #[serde(default)]
    pub errors: Vec<Failure>,
    /// Whether cutting the batch at its line ends must give the same frames.
    #[serde(default)]
    pub split: bool,
}

/// A rule document.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    name: String,
    text: String,
}

/// An alert that must be raised. What is left out isn't compared.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alert {
    /// The language or the id of its rule.
    #[serde(default)]
    pub rule: String,
    /// Index of the record.
    pub record: u64,
    /// The whole message.
    pub message: Option<String>,
    /// The time.
    pub time: Option<String>,
    /// All fields in order, as a JSON object.
    pub fields: Option<String>,
    /// The event's bytes, as parts.
    event: Option<Vec<Part>>,
    /// What its envelope says of where it comes from, as a JSON object.
    pub envelope: Option<String>,
    /// What the id is made of.
    pub id: Option<Id>,
    /// The whole alert of the format `text`.
    pub text: Option<String>,
}

/// What an alert's id is made of.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Id {
    /// The recipient account and the eventID.
    Event {
        /// The recipient account.
        account: String,
        /// The eventID.
        event: String,
    },
    /// The record's bytes.
    Bytes {
        /// The record.
        bytes: Vec<Part>,
    },
}

/// An error that must be reported.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    /// Index of the record.
    pub record: u64,
    /// Where reading failed; from the batch's `↓` if the file doesn't say.
    pub offset: Option<u64>,
    /// The whole reason.
    pub reason: String,
}

impl Alert {
    /// The event's bytes, if the case has them.
    ///
    /// # Errors
    /// If a part can't be made.
    pub fn event(&self) -> Result<Option<Vec<u8>>, String> {
        self.event.as_ref().map(|parts| batch::bytes(parts)).transpose()
    }
}

impl Case {
    /// The configuration document, if the case has one.
    ///
    /// # Errors
    /// If it can't be written as JSON.
    pub fn configuration(&self) -> Result<Option<Vec<u8>>, String> {
        #[derive(Serialize)]
        struct Configuration<'a> {
            #[serde(skip_serializing_if = "Option::is_none")]
            rules: Option<&'a Vec<Document>>,
            #[serde(skip_serializing_if = "Option::is_none")]
            options: Option<&'a toml::Table>,
        }
        let (rules, options) = (self.says.rules.as_ref(), self.says.options.as_ref());
        if rules.is_none() && options.is_none() {
            return Ok(None);
        }
        serde_json::to_vec(&Configuration { rules, options }).map(Some).map_err(|e| e.to_string())
    }
}

/// This package's folder.
#[must_use]
pub fn home() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All cases, sorted by name.
///
/// # Errors
/// If a file can't be read, or isn't a case.
pub fn all() -> Result<Vec<Case>, String> {
    let mut cases = Vec::new();
    let root = home().join("cases");
    for subject in entries(&root)? {
        for file in entries(&subject)? {
            let name = file.strip_prefix(&root).unwrap_or(&file).with_extension("");
            let case = read(&file).map_err(|error| format!("{}: {error}", file.display()))?;
            cases.push(Case { name: name.to_string_lossy().into_owned(), ..case });
        }
    }
    Ok(cases)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let say = |error: std::io::Error| format!("{}: {error}", folder.display());
    let entries = std::fs::read_dir(folder).map_err(say)?;
    let mut paths =
        entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>().map_err(say)?;
    paths.sort();
    Ok(paths)
}

fn read(file: &Path) -> Result<Case, String> {
    let text = std::fs::read_to_string(file).map_err(|error| error.to_string())?;
    let mut says: Says = toml::from_str(&text).map_err(|error| error.to_string())?;
    let Joined { bytes, marks } = batch::join(&says.batch)?;
    let mut marks = marks.into_iter();
    for error in &mut says.errors {
        if error.offset.is_none() {
            let mark = marks.next().ok_or("an error has no `offset` and no `↓` in the batch")?;
            error.offset = Some(mark);
        }
    }
    if marks.next().is_some() {
        return Err("the batch has more `↓` than errors without an `offset`".into());
    }
    Ok(Case { name: String::new(), says, batch: bytes })
}

fn alerts<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<Alert>, D::Error> {
    let given = Vec::<TextOrTable<Alert>>::deserialize(from)?;
    let alert = |given| match given {
        TextOrTable::Table(alert) => Ok(alert),
        TextOrTable::Text(text) => {
            let (rule, record) = text.split_once(' ').unwrap_or((&text, ""));
            let record = record.parse().map_err(|_| {
                serde::de::Error::custom(format!("`{text}` isn't `LANGUAGE RECORD`"))
            })?;
            Ok(Alert { rule: rule.to_owned(), record, ..Alert::default() })
        }
    };
    given.into_iter().map(alert).collect()
}
