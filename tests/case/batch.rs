//! In: the parts that a case writes a batch with. Out: the batch's bytes.
//!
//! | part | the bytes |
//! |---|---|
//! | `'...'` | the text itself |
//! | `{ text = "[", repeat = 10000 }` | the text so many times; `repeat` goes with every part |
//! | `{ record = "stop" }` | the content of `records/stop.json`, on one line |
//! | `{ record = "stop", pretty = true }` | the file as it is, over several lines |
//! | `{ string = [...] }` | the parts joined and written as one JSON string, quotes included |
//! | `{ lines = [...] }` | each part and a line end behind it |
//! | `{ all = [...] }` | the parts joined, for `repeat` |
//! | `{ hex = "ff00" }` | the bytes |

use serde::{Deserialize, Deserializer};

use super::text_or_table::TextOrTable;

/// In a case's batch: the byte after it is where an error must be found. It isn't part of the batch.
const MARK: &str = "↓";

/// A piece of a batch.
#[derive(Debug, Clone)]
pub struct Part {
    kind: Content,
    repeat: usize,
}

#[derive(Debug, Clone)]
enum Content {
    Text(String),
    Record(String, bool),
    String(Vec<Part>),
    Lines(Vec<Part>),
    All(Vec<Part>),
    Hex(String),
}

/// Parts joined.
pub(super) struct Joined {
    pub(super) bytes: Vec<u8>,
    /// The offsets of the marks.
    pub(super) marks: Vec<u64>,
}

/// The bytes of parts joined.
///
/// # Errors
/// If a part can't be made.
pub fn bytes(parts: &[Part]) -> Result<Vec<u8>, String> {
    Ok(join(parts)?.bytes)
}

/// The bytes of all parts, without marks.
pub(super) fn join(parts: &[Part]) -> Result<Joined, String> {
    let mut bytes = Vec::new();
    for part in parts {
        part.append(&mut bytes)?;
    }
    let mut marks = Vec::new();
    let mut from = 0;
    while let Some(at) = find(bytes.get(from..).unwrap_or_default(), MARK.as_bytes()) {
        let at = from + at;
        bytes.drain(at..at + MARK.len());
        marks.push(at as u64);
        from = at;
    }
    Ok(Joined { bytes, marks })
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

impl Part {
    fn append(&self, out: &mut Vec<u8>) -> Result<(), String> {
        let mut bytes = Vec::new();
        match &self.kind {
            Content::Text(text) => bytes.extend_from_slice(text.as_bytes()),
            Content::Record(name, pretty) => bytes = record(name, *pretty)?,
            Content::All(parts) => all(parts, b"", &mut bytes)?,
            Content::Lines(parts) => all(parts, b"\n", &mut bytes)?,
            Content::String(parts) => {
                let mut inside = Vec::new();
                all(parts, b"", &mut inside)?;
                string(&inside, &mut bytes);
            }
            Content::Hex(digits) => bytes = hex(digits)?,
        }
        for _ in 0..self.repeat {
            out.extend_from_slice(&bytes);
        }
        Ok(())
    }
}

fn all(parts: &[Part], end: &[u8], out: &mut Vec<u8>) -> Result<(), String> {
    for part in parts {
        part.append(out)?;
        out.extend_from_slice(end);
    }
    Ok(())
}

/// A record of the folder `records`.
fn record(name: &str, pretty: bool) -> Result<Vec<u8>, String> {
    let file = super::home().join("records").join(name).with_extension("json");
    let text =
        std::fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    if pretty {
        return Ok(text.trim_end().as_bytes().to_vec());
    }
    // The files are pretty-printed, so line ends and the blanks at a line's begin are all there is.
    let line: String = text.lines().map(str::trim_start).collect();
    Ok(line.replace("\": ", "\":").into_bytes())
}

/// Appends bytes as a JSON string; what isn't UTF-8 goes into it as it is.
fn string(bytes: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    for byte in bytes {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', *byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0..0x20 => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(*byte),
        }
    }
    out.push(b'"');
}

fn hex(digits: &str) -> Result<Vec<u8>, String> {
    let digits: Vec<u8> = digits.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    hex::decode(digits).map_err(|error| error.to_string())
}

impl<'de> Deserialize<'de> for Part {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Part, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Table {
            text: Option<String>,
            record: Option<String>,
            #[serde(default)]
            pretty: bool,
            string: Option<Vec<Part>>,
            lines: Option<Vec<Part>>,
            all: Option<Vec<Part>>,
            hex: Option<String>,
            repeat: Option<usize>,
        }
        let table = match TextOrTable::<Table>::deserialize(from)? {
            TextOrTable::Text(text) => return Ok(Part { kind: Content::Text(text), repeat: 1 }),
            TextOrTable::Table(table) => table,
        };
        let pretty = table.pretty;
        let kinds = [
            table.text.map(Content::Text),
            table.record.map(|name| Content::Record(name, pretty)),
            table.string.map(Content::String),
            table.lines.map(Content::Lines),
            table.all.map(Content::All),
            table.hex.map(Content::Hex),
        ];
        let mut kinds = kinds.into_iter().flatten();
        match (kinds.next(), kinds.next()) {
            (Some(kind), None) => Ok(Part { kind, repeat: table.repeat.unwrap_or(1) }),
            _ => Err(serde::de::Error::custom(
                "a part is one of `text`, `record`, `string`, `lines`, `all`, `hex`",
            )),
        }
    }
}
