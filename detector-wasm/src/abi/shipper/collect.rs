//! In: a detector's frames, a line each. Out: their alerts as the beginning of a JSON list, in the same
//! bytes of memory, and what couldn't be judged.

use crate::Status;
use crate::abi::frame::{Line, frame, line};
use crate::record::write;

/// What stands before the alerts.
pub(super) const HEAD: &[u8] = b"{\"alerts\":[";

/// What the frames say.
#[derive(Debug)]
pub(super) struct Collected {
    pub(super) alerts: u32,
    pub(super) errors: u32,
    /// What the first error frame says, as JSON.
    pub(super) first_error: Option<Vec<u8>>,
}

impl Collected {
    /// Counts one more thing that went wrong.
    pub(super) fn error(&mut self, reason: &str) {
        self.count_error(|| {
            let mut error = b"{\"offset\":0,\"reason\":".to_vec();
            write::text(reason, &mut error);
            error.push(b'}');
            error
        });
    }

    /// Counts what a status says beyond the frames.
    pub(super) fn judge(&mut self, status: Status) {
        match status {
            Status::Ok | Status::BadBatch => {}
            // A frame has reported it, if there was room for one.
            Status::LimitExceeded if self.errors > 0 => {}
            Status::LimitExceeded => self.error(
                "the record isn't judged to its end: it is too large, or the memory could not grow",
            ),
            _ => self.error("the record isn't judged, by a defect of the module"),
        }
    }

    fn count_error(&mut self, says: impl FnOnce() -> Vec<u8>) {
        self.errors = self.errors.saturating_add(1);
        self.first_error.get_or_insert_with(says);
    }
}

/// Leaves `{"alerts":[` and the alerts of the frames, commas between them.
pub(super) fn collect(text: &mut Vec<u8>) -> Collected {
    let mut found = Collected { alerts: 0, errors: 0, first_error: None };
    let (mut read, mut end) = (0, HEAD.len());
    while let Some(line) = line(text, read) {
        read = line.end + 1;
        match frame(text, line) {
            Some(Line::Alert(alert)) => {
                if found.alerts > 0
                    && let Some(separator) = text.get_mut(end)
                {
                    *separator = b',';
                    end += 1;
                }
                let length = alert.len();
                // Always forward: what a frame says before its alert is longer than what stands
                // before the alert now.
                if end <= alert.start {
                    text.copy_within(alert, end);
                }
                end += length;
                found.alerts = found.alerts.saturating_add(1);
            }
            Some(Line::Error(says)) => {
                found.count_error(|| text.get(says).unwrap_or_default().to_vec());
            }
            Some(Line::Errors | Line::Summary(_)) | None => {}
        }
    }
    text.resize(end, 0);
    if let Some(head) = text.get_mut(..HEAD.len()) {
        head.copy_from_slice(HEAD);
    }
    found
}
