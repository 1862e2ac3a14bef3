//! Text that can't be read in, records that may stand in it out, by the rules of `tocsin_boundary`.

use tocsin_boundary::{
    ObjectStart, Resumed, begins_object, begins_record, failed_at, line_goes_on, next_object,
    resume,
};

use super::{Candidate, Doubt, Found, Frames, RECORD_KEYS};
use crate::record::json::{Container, Reader, Token};
use crate::record::seek::{behind_object, blanks_end};

/// What is broken from the position on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Broken {
    /// The rest of the line, or of the element of a list over several lines. `members`: it never was a value,
    /// so that no object in it is a part of one.
    Line { members: bool },
    /// The lines up to this line end.
    Lines { until: usize },
    /// A value up to its end, which could be read, but may hold others that belong beside it. `line`: what follows on
    /// its line is broken, too.
    Inside { until: usize, line: bool },
}

impl Frames {
    /// The value that begins at `start` can't be read on at an offset.
    pub(super) fn break_at(&mut self, text: &[u8], start: usize, offset: usize) {
        self.broken = Some(self.broken.unwrap_or(Broken::Line { members: false }));
        self.torn |= !self.inside.is_empty();
        // Whatever the rules say: forward, or a record could hold the reader for ever.
        self.at = failed_at(text, start, offset).max(start + 1);
        if !matches!(self.broken, Some(Broken::Inside { .. })) {
            self.nested = self.ended_before(text, start, self.at);
        }
    }

    /// Goes on in what could be read of a list's element, up to an offset: where it was cut off in an array of
    /// its own, it has taken the elements behind it for elements of that.
    pub(super) fn look_inside(&mut self, start: usize, until: usize) {
        if self.rereads > 0 {
            self.rereads = self.rereads.saturating_sub(until.saturating_sub(start));
            let line = matches!(self.broken, Some(Broken::Line { .. })) && self.inside.is_empty();
            (self.at, self.broken) = ((start + 1).min(until), Some(Broken::Inside { until, line }));
        }
    }

    /// The object inside the value at `start` that ended right before an offset.
    pub(super) fn ended_before(
        &mut self,
        text: &[u8],
        start: usize,
        offset: usize,
    ) -> Option<usize> {
        let before = text.get(..offset)?.trim_ascii_end();
        let before = before.strip_suffix(b",").unwrap_or(before).trim_ascii_end();
        if before.last() != Some(&b'}') || self.rereads == 0 {
            return None;
        }
        self.rereads = self.rereads.saturating_sub(before.len().saturating_sub(start));
        let mut reader = Reader::new(before, start);
        let mut open: Vec<usize> = Vec::new();
        let mut last = None;
        while let Ok(Some(token)) = reader.next() {
            match token {
                Token::Open(_) => {
                    open.try_reserve(1).ok()?;
                    open.push(reader.token_start());
                }
                Token::Close(Container::Object) => last = open.pop(),
                Token::Close(Container::Array) => {
                    open.pop();
                }
                Token::Key(_) | Token::Scalar(_) => {}
            }
        }
        last.filter(|last| *last > start && reader.position() == before.len())
    }

    /// What comes next in broken text; nothing if there is no more of it, or nothing yet.
    pub(super) fn next_in_broken(&mut self, text: &[u8], broken: Broken) -> Option<Found> {
        if !matches!(broken, Broken::Inside { .. })
            && let Some(start) = self.nested.take().filter(|start| *start < self.at)
        {
            return Some(self.doubtful(text, (start, text.len()), Doubt::Yes));
        }
        let (members, until) = match broken {
            Broken::Line { members } => (members, text.len()),
            Broken::Lines { until } | Broken::Inside { until, .. } => (false, until),
        };
        let within = text.get(..until).unwrap_or(text);
        let found = match next_object(within, self.at) {
            // Whether a brace at the end begins an object, what follows says.
            ObjectStart::LineEnd(end) if end == until && within.len() < text.len() => {
                match brace_at_end(within, self.at).filter(|brace| begins_object(text, *brace)) {
                    Some(brace) => next_object(text, brace),
                    None => ObjectStart::LineEnd(end),
                }
            }
            found => found,
        };
        let in_list = !self.inside.is_empty();
        let inside = matches!(broken, Broken::Inside { .. });
        let (at, doubt) = match (found, broken) {
            (ObjectStart::LineEnd(end), _) => return self.line_ended(text, broken, end),
            (ObjectStart::Element(at), Broken::Line { .. }) if in_list => {
                (self.at, self.broken) = (at, None);
                return None;
            }
            (ObjectStart::Member(at), Broken::Lines { .. }) => (at, Doubt::UnlessRecordEndsLine),
            (ObjectStart::Member(at) | ObjectStart::First(at), _) if !members => (at, Doubt::Yes),
            (ObjectStart::Element(at), _) | (ObjectStart::Glued(at), Broken::Inside { .. }) => {
                (at, Doubt::Yes)
            }
            (ObjectStart::Glued(at) | ObjectStart::Member(at) | ObjectStart::First(at), _) => {
                (at, Doubt::UnlessLineEnds)
            }
        };
        self.at = at;
        self.nested = self.nested.filter(|nested| *nested != at);
        if !inside
            && doubt != Doubt::UnlessRecordEndsLine
            && self.inside.len() < super::ARRAY_DEPTH
            && self.document(text)
        {
            self.broken = None;
            return Some(Found::List);
        }
        Some(self.doubtful(text, (at, until), doubt))
    }

    /// A value that begins somewhere, and ends there at the latest.
    fn doubtful(&mut self, text: &[u8], (start, end): (usize, usize), doubt: Doubt) -> Found {
        let limit = self.limit(text, start).min(end);
        Found::Value(Candidate { start, limit, doubt })
    }

    /// Goes on behind a line, or a part of one, in which nothing more is found.
    fn line_ended(&mut self, text: &[u8], broken: Broken, end: usize) -> Option<Found> {
        let in_list = !self.inside.is_empty();
        match broken {
            Broken::Lines { until } | Broken::Inside { until, .. } if end < until => {
                self.at = end + 1
            }
            Broken::Lines { until } => (self.at, self.broken) = (until, None),
            Broken::Inside { until, line } => {
                if let Some(start) = self.nested.take() {
                    return Some(self.doubtful(text, (start, text.len()), Doubt::Yes));
                }
                self.broken = (in_list || line).then_some(Broken::Line { members: false });
                // An object may have gone on behind that.
                self.at = until.max(self.at);
            }
            Broken::Line { .. } if !in_list => (self.at, self.broken) = (end, None),
            Broken::Line { members }
                if !self.over_lines && (members || !line_goes_on(text, end)) =>
            {
                match resume(text, end, false, &RECORD_KEYS) {
                    // Before that element others may be glued to what is broken.
                    Resumed::Element(_) => self.at = end + 1,
                    Resumed::Ended(_) | Resumed::Unknown => {
                        self.inside.clear();
                        (self.at, self.broken) = (end, None);
                        if !members && self.torn_until <= end {
                            // Its last element may go on on the next line.
                            let line = self.line_end(text, end + 1);
                            self.torn_until = behind_object(text, line, true);
                        }
                    }
                }
            }
            Broken::Line { .. } => {
                self.over_lines = true;
                let begin = (end + 1).min(text.len());
                let at = blanks_end(text, begin);
                match text.get(at) {
                    Some(b'{' | b'[') => (self.at, self.broken) = (at, None),
                    Some(b']') if at == begin => (self.at, self.broken) = (at, None),
                    None => {
                        self.inside.clear();
                        (self.at, self.broken) = (text.len(), None);
                    }
                    Some(_) => self.at = begin,
                }
            }
        }
        None
    }

    /// Whether what begins at an offset would be a record by its first keys.
    pub(super) fn seems_record(&self, text: &[u8], start: usize) -> bool {
        text.get(start..).is_some_and(|text| begins_record(text, &RECORD_KEYS))
    }

    /// Whether a value stands in a list, or as in one: beside another one on its line, or behind a comma. Prose before it
    /// makes no list.
    pub(super) fn is_element(&self, text: &[u8], start: usize) -> bool {
        let before = text.get(..start).unwrap_or_default().trim_ascii_end();
        let prose = matches!(self.broken, Some(Broken::Line { members: true }));
        !self.inside.is_empty()
            || start < self.torn_until
            || !prose && (before.ends_with(b",") || !self.begins_line(text, start))
    }

    /// Whether only blanks stand before an offset on its line.
    pub(super) fn begins_line(&self, text: &[u8], offset: usize) -> bool {
        let before = text.get(..offset).unwrap_or_default();
        let blank = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\r');
        before.iter().rev().find(|byte| !blank(byte)).is_none_or(|byte| *byte == b'\n')
    }
}

/// The brace that a text ends with behind an offset.
fn brace_at_end(text: &[u8], from: usize) -> Option<usize> {
    let rest = text.get(from..)?.trim_ascii_end().strip_suffix(b"{")?;
    Some(from + rest.len())
}
