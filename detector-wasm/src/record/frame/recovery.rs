//! In: a value that can't be read, and why. Out: where the next one is looked for, so that none that stands in it or behind
//! it is lost.

use super::broken::Broken;
use super::{
    ARRAY_DEPTH, CONTAINER_KEYS, Candidate, Doubt, Found, Frames, Inside, LIST_IN_OBJECT,
    OTHER_LIST_KEYS, Recovery,
};
use crate::record::json::{Container, Fault, JsonError, Reader, Token};
use crate::record::seek::{begins_objects, behind_object, end_of_text, sibling};

impl Frames {
    /// A value that might have been a part of what is broken around it is none. A list goes on behind it.
    pub(crate) fn accepted(&mut self, text: &[u8]) {
        let rest = text.get(self.at..self.end).unwrap_or_default().trim_ascii_start();
        let in_list = !self.inside.is_empty();
        let goes_on = match rest.first() {
            Some(b',') => in_list || self.at < self.torn_until,
            Some(b']') => in_list,
            _ => false,
        };
        if goes_on {
            (self.broken, self.nested) = (None, None);
        }
    }

    /// The value of the last candidate could not be read.
    pub(crate) fn failed(&mut self, text: &[u8], tried: Candidate, error: JsonError) -> Recovery {
        let text = text.get(..self.end).unwrap_or(text);
        let Candidate { start, limit, doubt } = tried;
        let ends_in_string = error.fault == Fault::CutOffInString;
        let cut_off = error.fault == Fault::CutOff;
        (self.last, self.behind) = (None, false);
        let line = self.line_end(text, start);
        if (cut_off || ends_in_string) && limit < line {
            return Recovery::Retry(Candidate { limit: line, ..tried });
        }
        let seems_record = self.seems_record(text, start);
        // What is glued to something broken is an element as well as what stands behind a comma.
        let is_value = matches!(doubt, Doubt::No | Doubt::UnlessLineEnds);
        let may_hold = (is_value || seems_record) && self.is_element(text, start);
        let may_go_on = start >= self.lines_until || self.rereads > 0;
        let goes_on = cut_off && error.offset >= limit && limit < text.len() && may_go_on;
        if matches!(doubt, Doubt::Yes | Doubt::UnlessRecordEndsLine) {
            if goes_on && limit == line && (seems_record || is_alone(text, start, line)) {
                self.tries_lines = true;
                return Recovery::Retry(Candidate { limit: text.len(), ..tried });
            }
            let inside = may_hold && matches!(self.broken, Some(Broken::Inside { .. }));
            if (!seems_record || inside) && self.rereads > 0 {
                // A part of what is broken; records may stand in it that were glued to where it was cut.
                self.rereads = self.rereads.saturating_sub(error.offset.saturating_sub(start));
                self.at = start + 1;
                return Recovery::Reported;
            }
            // Lines that it has taken for parts of itself stand alone, unless they are looked at.
            let looks_inside = may_hold && self.rereads > 0;
            let offset = if looks_inside { error.offset } else { error.offset.min(line) };
            self.break_at(text, start, offset);
            if looks_inside {
                self.look_inside(start, self.at);
            }
            return Recovery::Reported;
        }
        if goes_on {
            self.tries_lines = true;
            return Recovery::Retry(Candidate { limit: text.len(), ..tried });
        }
        if self.enter_inside(text, start) {
            self.broken = None;
            return Recovery::Entered;
        }
        self.rereads = self.rereads.saturating_sub(error.offset.saturating_sub(start));
        let breaks_on_line = doubt != Doubt::No && !is_alone(text, start, line);
        let swallowed = if error.offset <= line || breaks_on_line {
            self.break_at(text, start, error.offset.min(line));
            if may_hold {
                self.look_inside(start, self.at);
            }
            // It may have been tried over several lines, because its first ends too early.
            (cut_off || limit > line).then_some(line)
        } else {
            self.lines_until = self.lines_until.max(error.offset);
            self.behind_lines(text, start, line, error)
        };
        if doubt != Doubt::No && !seems_record {
            return Recovery::Reported;
        }
        // What took the next record for a part of itself was cut off before it.
        let end = swallowed.or(cut_off.then_some(error.offset));
        Recovery::Report(match end {
            Some(end) if !ends_in_string => {
                JsonError { offset: end_of_text(text, end), fault: Fault::CutOff }
            }
            _ => error,
        })
    }

    /// Goes on behind a value that broke on a later line than its first. Gives the end of the line
    /// before the first one that the value had taken for a part of itself although it stands alone.
    fn behind_lines(
        &mut self,
        text: &[u8],
        start: usize,
        line: usize,
        error: JsonError,
    ) -> Option<usize> {
        let pretty = is_alone(text, start, line);
        let at_top = self.inside.is_empty();
        let is_element = self.is_element(text, start);
        let sibling = match at_top && is_element && !pretty {
            true => Some(line),
            false => sibling(text, start, line, error.offset, at_top && !pretty),
        };
        let next = match sibling {
            Some(next) if is_element && !pretty => {
                self.nested = self.ended_before(text, start, error.offset);
                self.nested = self.nested.filter(|nested| *nested < line);
                self.look_inside(start, line);
                return Some(next);
            }
            Some(next) => next,
            None if at_top => {
                let from = if pretty { self.line_end(text, error.offset) } else { line };
                behind_object(text, from, !pretty)
            }
            None => {
                let offset = if self.rereads > 0 { error.offset } else { line };
                self.break_at(text, start, offset);
                self.look_inside(start, self.at);
                return None;
            }
        };
        // Up to there lines belong to what is broken, but for records that stand on them alone.
        self.broken = Some(Broken::Lines { until: next });
        // What stands on a later line is found there.
        let nested = self.ended_before(text, start, error.offset);
        self.nested = nested.filter(|nested| *nested < line);
        self.at = line;
        if is_element {
            self.look_inside(start, next);
        }
        (sibling.is_some() || next < error.offset).then_some(next)
    }

    /// Goes on behind a document, begun at `start`, that broke at an offset behind its array of records,
    /// which ended at `from`.
    pub(super) fn behind_document(
        &mut self,
        text: &[u8],
        start: usize,
        from: usize,
        error: JsonError,
    ) -> Found {
        self.rereads = self.rereads.saturating_sub(error.offset.saturating_sub(from));
        let line = self.line_end(text, from);
        let next = match self.inside.is_empty() && error.offset > line {
            true => sibling(text, start, line, error.offset, false),
            false => None,
        };
        match next {
            Some(next) => self.at = next,
            // What can't be read may be the object that stands right behind the array, and the next element.
            None => {
                self.torn_until = self.torn_until.max(line);
                self.break_at(text, from.saturating_sub(1), error.offset);
            }
        }
        let end = next.or((error.fault == Fault::CutOff).then_some(error.offset));
        Found::Broken(match end {
            Some(end) => JsonError { offset: end_of_text(text, end), fault: Fault::CutOff },
            None => error,
        })
    }

    /// Goes inside a document that can't be read as a whole, to the records in it. False if it has none.
    pub(crate) fn enter_inside(&mut self, text: &[u8], start: usize) -> bool {
        if self.inside.len() >= ARRAY_DEPTH || self.rereads == 0 {
            return false;
        }
        let mut reader = Reader::new(text, start);
        let Some(levels) = up_to_list(&mut reader, text) else { return false };
        let list = reader.position();
        self.enter(Inside::Document { start, other_keys: true, list, levels });
        self.at = list;
        true
    }
}

/// Whether nothing follows an opening brace on its line: the object is written over several.
fn is_alone(text: &[u8], brace: usize, line: usize) -> bool {
    text.get(brace + 1..line).unwrap_or_default().trim_ascii().is_empty()
}

/// Reads a document up to the inside of its list of records. Gives how many objects stand around that.
fn up_to_list(reader: &mut Reader<'_>, text: &[u8]) -> Option<usize> {
    if !matches!(reader.next(), Ok(Some(Token::Open(Container::Object)))) {
        return None;
    }
    let (object, list_in_object) = LIST_IN_OBJECT;
    let mut levels = 1;
    loop {
        let key = match reader.next() {
            Ok(Some(Token::Key(key))) => key,
            Ok(Some(Token::Close(_))) if levels > 1 => {
                levels -= 1;
                continue;
            }
            _ => return None,
        };
        let is_list = match levels {
            1 => CONTAINER_KEYS.iter().chain(&OTHER_LIST_KEYS).any(|name| key.equals(name)),
            _ => key.equals(list_in_object),
        };
        let may_hold_list = levels == 1 && key.equals(object);
        match reader.next() {
            Ok(Some(Token::Open(Container::Array)))
                if is_list && begins_objects(text, reader.position()) =>
            {
                return Some(levels);
            }
            Ok(Some(Token::Open(Container::Object))) if may_hold_list => levels += 1,
            Ok(Some(Token::Open(_))) if reader.skip_container().is_ok() => {}
            Ok(Some(Token::Scalar(_))) => {}
            _ => return None,
        }
    }
}
