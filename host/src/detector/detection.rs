//! The frames of an answer to a batch.

use std::fmt::Display;

use memchr::memchr;
use tocsin_wire::frames::Reader;
use tocsin_wire::{Frame, Summary};

use super::DetectorError;

/// The answer to a batch. It borrows from the module's memory.
#[derive(Debug)]
pub struct Detection<'a> {
    /// Alerts and errors in the order of the records.
    pub frames: Vec<Frame<'a>>,
    /// What the batch held.
    pub summary: Summary,
    /// Whether nothing of it lacked room in the module's memory. What did is named by errors among the frames.
    pub is_complete: bool,
}

impl<'a> Detection<'a> {
    pub(super) fn read(text: &'a [u8], is_complete: bool) -> Result<Detection<'a>, DetectorError> {
        let broken = |reason: &str| DetectorError::Answer(reason.to_owned());
        let mut rest = std::str::from_utf8(text).map_err(no_frame)?;
        let (mut reader, mut frames, mut summary) = (Reader::default(), Vec::new(), None);
        while !rest.is_empty() {
            let end = memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len());
            let line = rest.get(..end).unwrap_or_default();
            rest = rest.get(end + 1..).unwrap_or_default();
            if line.is_empty() {
                continue;
            }
            if summary.is_some() {
                return Err(broken("a frame comes after the summary"));
            }
            match reader.read(line).map_err(no_frame)? {
                Frame::Summary(found) => summary = Some(found),
                frame => frames.push(frame),
            }
        }
        let summary = summary.ok_or_else(|| broken("its answer has no summary"))?;
        Ok(Detection { frames, summary, is_complete })
    }
}

fn no_frame(reason: impl Display) -> DetectorError {
    DetectorError::Answer(format!("a line of its answer is no frame: {reason}"))
}
