//! In: a format. Out: what writes alerts in it. A new format is a file, and a line in the table here.

use std::fmt::Debug;

use tocsin_wire::Format;

use super::{Alert, ecs, native, ocsf, text};
use crate::event::Fields;

/// Writes alerts in one format.
pub(super) trait Writer: Debug {
    /// How many times an alert holds the record, roughly.
    fn copies(&self) -> usize {
        1
    }

    /// Appends an alert.
    fn write(&self, alert: &Alert<'_>, out: &mut Vec<u8>);
}

/// Makes a writer, which asks for the fields that its format alone needs: looking for them costs time in
/// every record.
type NewWriter = fn(&mut Fields) -> Box<dyn Writer>;

const FORMATS: [(Format, NewWriter); 4] = [
    (Format::Json, |_| Box::new(native::Native)),
    (Format::Text, |_| Box::new(text::Line)),
    (Format::Ecs, |fields| Box::new(ecs::Document::new(fields))),
    (Format::Ocsf, |fields| Box::new(ocsf::Finding::new(fields))),
];

/// What writes alerts in a format.
pub(super) fn writer(format: Format, fields: &mut Fields) -> Box<dyn Writer> {
    match FORMATS.iter().find(|(known, _)| *known == format) {
        Some((_, new)) => new(fields),
        None => Box::new(native::Native),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_format_has_a_writer() {
        for format in [Format::Json, Format::Text, Format::Ecs, Format::Ocsf] {
            assert!(FORMATS.iter().any(|(known, _)| *known == format), "{format:?}");
        }
    }
}
