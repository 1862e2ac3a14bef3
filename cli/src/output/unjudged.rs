//! Records that rules could make nothing of in, a few lines for a person out.

use tocsin_host::detector::{Fieldless, Wrapped};
use tocsin_host::scan::Strangers;

use super::{printable, remark, say};

/// How many files are named; the others are counted.
const NAMED: usize = 10;

/// What a scan has found that no rule could judge, though it is JSON.
#[derive(Debug, Default)]
pub(crate) struct Unjudged {
    /// Each kind, and the file in which the first of it is.
    wrapped: Vec<(Wrapped, String)>,
    fieldless: Vec<String>,
    /// Files that aren't named, and their records.
    more: (u64, u64),
}

impl Unjudged {
    /// Adds what a file had of it.
    pub(crate) fn add(&mut self, input: &str, records: u64, strangers: &Strangers) {
        for found in &strangers.wrapped {
            match self.wrapped.iter_mut().find(|(known, _)| known.what == found.what) {
                Some((known, _)) => known.count += found.count,
                None => self.wrapped.push((found.clone(), input.to_owned())),
            }
        }
        match &strangers.fieldless {
            None => {}
            Some(found) if self.fieldless.len() < NAMED => {
                self.fieldless.push(line(input, records, found));
            }
            Some(found) => self.more = (self.more.0 + 1, self.more.1 + found.count),
        }
    }

    /// Whether files with records were named in which no rule finds a field.
    pub(crate) fn names_files(&self) -> bool {
        !self.fieldless.is_empty()
    }

    /// Says all of it.
    pub(crate) fn say(&self) {
        for (found, input) in &self.wrapped {
            let Wrapped { what, count, first, hint } = found;
            let place = format!("{input}, record {}", first + 1);
            let place = printable(&place);
            say(&format!("{what}: {count} not opened, the first is in {place}; {hint}"));
        }
        for line in &self.fieldless {
            remark(&printable(line));
        }
        if self.more.0 > 0 {
            let (files, records) = self.more;
            let plural = |count| if count == 1 { "" } else { "s" };
            remark(&format!(
                "{files} more file{} with {records} such record{}",
                plural(files),
                plural(records)
            ));
        }
        if self.names_files() {
            remark(
                "(forms that are known are CloudTrail's own and ECS; Sigma rules for other products read records as \
                 they are)",
            );
        }
    }
}

/// What is said of a file.
fn line(input: &str, records: u64, found: &Fieldless) -> String {
    let Fieldless { count, first, keys } = found;
    let begin = match (count == &records, records) {
        (true, 1) => "its one record has no field that a rule names".to_owned(),
        (true, _) => format!("none of its {records} records has a field that a rule names"),
        (false, _) => format!("{count} of its {records} records have no field that a rule names"),
    };
    if keys.is_empty() {
        return format!("{input}: {begin}");
    }
    let which = match (count == &records, records) {
        (true, 1) => "its keys are".to_owned(),
        (true, _) => "the first has the keys".to_owned(),
        (false, _) => format!("the first of them, record {}, has the keys", first + 1),
    };
    format!("{input}: {begin}; {which} {}", keys.join(", "))
}
