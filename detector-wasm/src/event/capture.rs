//! In: one JSON value and a layout. Out: where the wanted paths' values stand in it.

use std::cell::Cell;

use super::layout::{Layout, PathId, Slot};
use super::leaves;
use super::top_keys::SeenKeys;
use super::value::Value;
use crate::record::json::{Container, Fault, JsonError, Reader, Scalar, Token};
use crate::record::text::Text;

/// Which of an object's equal keys counts. A record in which a wanted key stands twice is judged in
/// both ways, because readers of JSON differ and a log's writer may count on that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Duplicates {
    Last,
    First,
}

/// A found value.
#[derive(Debug, Clone, Copy)]
struct Capture {
    start: usize,
    end: usize,
    /// The value is a text with escapes.
    escaped: bool,
    /// Another value of the same key comes later in the object.
    superseded: bool,
    /// Another value of the same key came earlier in the object.
    repeated: bool,
    /// The next capture of the slot.
    next: u32,
}

impl Capture {
    /// The value, and its offset in the text that it was found in.
    #[inline]
    fn value<'a>(&self, text: &'a [u8]) -> Option<(Value<'a>, usize)> {
        let bytes = text.get(self.start..self.end).unwrap_or_default();
        let value = match bytes {
            [b'"', raw @ .., _] => Value::Text(Text::new(raw, self.escaped)),
            _ => Value::exact(bytes)?,
        };
        Some((value, self.start))
    }
}

/// No capture.
const NONE: u32 = u32::MAX;

/// When a place of the tree was last seen, and which captures that gave.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    object: u32,
    from: u32,
    to: u32,
}

/// An open container on the way.
#[derive(Debug, Clone, Copy)]
struct Level {
    node: PathId,
    /// Number of the object, which keeps the keys of one object apart from those of another.
    object: u32,
    /// Whether the container is a second value of its key, or lies in one.
    repeated: bool,
    /// The key that holds the container, if it isn't an element of an array.
    entry: Option<Entry>,
}

/// A wanted key on its way to its value.
#[derive(Debug, Clone, Copy)]
struct Entry {
    node: PathId,
    /// The object that the key stands in.
    object: u32,
    /// Whether the key stood there before.
    repeated: bool,
    /// The number of captures before it.
    from: u32,
    /// Its own capture, if the path ends here.
    capture: u32,
}

/// What one pass found. Kept from record to record, so that a pass allocates nothing new.
#[derive(Debug, Default)]
pub(crate) struct Captures {
    found: Vec<Capture>,
    /// The first and the last capture of each slot.
    heads: Vec<(u32, u32)>,
    /// The slots that have any.
    filled: Vec<Slot>,
    seen: Vec<Seen>,
    levels: Vec<Level>,
    /// The number of the last object; no other object of any record before has it.
    objects: u32,
    duplicates: bool,
    /// Whether any key stood twice, if that has been looked for.
    repeats_anywhere: Cell<Option<bool>>,
    is_object: bool,
    start: usize,
    /// Which of the keys that are looked for it has at its top.
    top_keys: SeenKeys,
}

impl Captures {
    /// Reads the value that starts at `at`, ending at or before the end of `text`. Returns its end.
    pub(crate) fn read(
        &mut self,
        layout: &Layout,
        text: &[u8],
        at: usize,
    ) -> Result<usize, JsonError> {
        self.reset(layout);
        self.start = at;
        let mut reader = Reader::new(text, at);
        let mut entry: Option<Entry> = None;
        while let Some(token) = reader.step()? {
            match token {
                Token::Key(name) => match self.key(layout, name) {
                    None => reader.skip_value()?,
                    wanted => entry = wanted,
                },
                Token::Scalar(scalar) => {
                    if let Some(entry) = entry.take() {
                        let escaped = matches!(scalar, Scalar::Text(text) if text.is_escaped());
                        self.scalar(
                            layout,
                            entry,
                            (reader.token_start(), reader.position()),
                            escaped,
                        )?;
                    }
                }
                Token::Open(container) => {
                    self.open(layout, &mut reader, container, entry.take())?
                }
                Token::Close(_) => self.close(reader.position()),
            }
        }
        self.repeats_anywhere.set((!layout.watches_everything()).then_some(false));
        self.duplicates =
            self.duplicates || layout.whole().iter().any(|slot| self.repeats_inside(text, *slot));
        Ok(reader.position())
    }

    /// Where the value starts that was read.
    pub(crate) fn start(&self) -> usize {
        self.start
    }

    /// Whether the value was an object.
    pub(crate) fn is_object(&self) -> bool {
        self.is_object
    }

    /// Of the keys that are looked for at a record's top: whether it has all marks, and whether it has keys that
    /// aren't known. Nothing if none are looked for.
    pub(crate) fn marks(&self, layout: &Layout) -> Option<(bool, bool)> {
        let top = layout.top_keys()?;
        Some((top.has_all_marks(self.top_keys), self.top_keys.has_others()))
    }

    /// Whether a wanted key stood twice in an object.
    pub(crate) fn has_duplicates(&self) -> bool {
        self.duplicates
    }

    /// Whether any key stood twice in an object of the record, which was read from this text, if rules look at keys
    /// whose names aren't known. Looked for when it is first asked: few records need it.
    pub(crate) fn has_duplicates_anywhere(&self, text: &[u8]) -> bool {
        let looked_for = || leaves::repeats_a_key(text, self.start);
        let repeats = self.repeats_anywhere.get().unwrap_or_else(looked_for);
        self.repeats_anywhere.set(Some(repeats));
        self.duplicates || repeats
    }

    /// Whether anything was found at a slot.
    pub(crate) fn has(&self, slot: Slot) -> bool {
        self.heads.get(slot.index()).is_some_and(|(head, _)| *head != NONE)
    }

    /// The slots at which anything was found.
    pub(crate) fn filled(&self) -> &[Slot] {
        &self.filled
    }

    /// The values found at a slot in one reading, in the record's order, each with its offset.
    pub(crate) fn values<'a>(
        &self,
        text: &'a [u8],
        slot: Slot,
        reading: Duplicates,
    ) -> impl Iterator<Item = (Value<'a>, usize)> {
        let mut at = self.heads.get(slot.index()).map_or(NONE, |(head, _)| *head);
        std::iter::from_fn(move || {
            loop {
                let capture = self.found.get(at as usize)?;
                at = capture.next;
                let counts = match reading {
                    Duplicates::Last => !capture.superseded,
                    Duplicates::First => !capture.repeated,
                };
                if counts {
                    return capture.value(text);
                }
            }
        })
    }

    /// All values found at a slot in any reading, in the record's order, each with its offset.
    pub(crate) fn all_values<'a>(
        &self,
        text: &'a [u8],
        slot: Slot,
    ) -> impl Iterator<Item = (Value<'a>, usize)> {
        let mut at = self.heads.get(slot.index()).map_or(NONE, |(head, _)| *head);
        std::iter::from_fn(move || {
            let capture = self.found.get(at as usize)?;
            at = capture.next;
            capture.value(text)
        })
    }

    /// Whether a key stands twice in an object inside one of the slot's values.
    #[inline(never)] // a function of its own: a larger one isn't compiled by every runtime
    fn repeats_inside(&self, text: &[u8], slot: Slot) -> bool {
        let mut values = self.values(text, slot, Duplicates::Last);
        values.any(|(_, at)| leaves::repeats_a_key(text, at))
    }

    /// Forgets the last record, in time with what it held rather than with all that is wanted.
    #[inline(never)] // a function of its own: a larger one isn't compiled by every runtime
    fn reset(&mut self, layout: &Layout) {
        self.found.clear();
        self.levels.clear();
        for slot in self.filled.drain(..) {
            if let Some(head) = self.heads.get_mut(slot.index()) {
                *head = (NONE, NONE);
            }
        }
        self.heads.resize(layout.slots(), (NONE, NONE));
        // A text has fewer objects than half of these numbers.
        if self.objects > u32::MAX / 2 {
            self.objects = 0;
            self.seen.clear();
        }
        self.seen.resize(layout.nodes(), Seen::default());
        self.duplicates = false;
        self.is_object = false;
        self.top_keys = SeenKeys::default();
    }

    /// Whether a key of the innermost object is wanted, and whether it stood there before.
    #[inline]
    fn key(&mut self, layout: &Layout, name: Text<'_>) -> Option<Entry> {
        if let Some(top) = layout.top_keys()
            && self.levels.len() == 1
        {
            top.see(&name, &mut self.top_keys);
        }
        let level = self.levels.last()?;
        let (object, in_repeated) = (level.object, level.repeated);
        let node = layout.follow(level.node, &name)?;
        let seen = self.seen.get(Layout::index(node)).copied().unwrap_or_default();
        let again = seen.object == object;
        if again {
            self.supersede(seen);
        }
        let from = self.found.len() as u32;
        let repeated = again || in_repeated;
        Some(Entry { node, object, repeated, from, capture: NONE })
    }

    #[inline(never)] // a function of its own: a larger one isn't compiled by every runtime
    fn open(
        &mut self,
        layout: &Layout,
        reader: &mut Reader<'_>,
        container: Container,
        mut entry: Option<Entry>,
    ) -> Result<(), JsonError> {
        let (node, repeated) = match (&mut entry, self.levels.last()) {
            (Some(entry), _) => {
                self.begin(layout, entry, reader.token_start(), false)?;
                (entry.node, entry.repeated)
            }
            // An element of an array: the values of keys that no rule wants don't get here.
            (None, Some(level)) => (level.node, level.repeated),
            (None, None) => {
                self.is_object = container == Container::Object;
                (Layout::ROOT, false)
            }
        };
        if layout.goes_on(node) {
            if self.levels.try_reserve(1).is_err() {
                return Err(JsonError { offset: reader.token_start(), fault: Fault::Memory });
            }
            self.objects = self.objects.wrapping_add(1);
            let object = self.objects;
            self.levels.push(Level { node, object, repeated, entry });
            return Ok(());
        }
        reader.skip_container()?;
        if let Some(entry) = entry {
            self.finish(entry, reader.position());
        }
        Ok(())
    }

    /// A key stands there once more: what it held before counts in one of two readings only.
    #[inline(never)] // hardly any key does
    fn supersede(&mut self, seen: Seen) {
        self.duplicates = true;
        let former = self.found.get_mut(seen.from as usize..seen.to as usize);
        former.unwrap_or_default().iter_mut().for_each(|capture| capture.superseded = true);
    }

    /// Leaves the innermost container whose keys are looked at.
    #[inline(never)] // a function of its own: a larger one isn't compiled by every runtime
    fn close(&mut self, end: usize) {
        if let Some(Level { entry: Some(entry), .. }) = self.levels.pop() {
            self.finish(entry, end);
        }
    }

    /// Captures a scalar, which stands from one offset to the other, as a key's value.
    #[inline(never)] // a function of its own: a larger one isn't compiled by every runtime
    fn scalar(
        &mut self,
        layout: &Layout,
        mut entry: Entry,
        (start, end): (usize, usize),
        escaped: bool,
    ) -> Result<(), JsonError> {
        self.begin(layout, &mut entry, start, escaped)?;
        self.finish(entry, end);
        Ok(())
    }

    /// Begins the capture of a key's value, if the path ends here.
    #[inline(always)]
    fn begin(
        &mut self,
        layout: &Layout,
        entry: &mut Entry,
        start: usize,
        escaped: bool,
    ) -> Result<(), JsonError> {
        let Some(slot) = layout.slot_at(entry.node) else { return Ok(()) };
        if self.found.try_reserve(1).is_err() {
            return Err(JsonError { offset: start, fault: Fault::Memory });
        }
        let index = self.found.len() as u32;
        let Some((head, tail)) = self.heads.get_mut(slot.index()) else { return Ok(()) };
        match self.found.get_mut(*tail as usize) {
            Some(last) => last.next = index,
            None => {
                *head = index;
                self.filled.push(slot);
            }
        }
        *tail = index;
        let (superseded, repeated, next) = (false, entry.repeated, NONE);
        self.found.push(Capture { start, end: start, escaped, superseded, repeated, next });
        entry.capture = index;
        Ok(())
    }

    /// Ends a key's value, and remembers that the object had the key.
    fn finish(&mut self, entry: Entry, end: usize) {
        if let Some(capture) = self.found.get_mut(entry.capture as usize) {
            capture.end = end;
        }
        if let Some(seen) = self.seen.get_mut(Layout::index(entry.node)) {
            *seen = Seen { object: entry.object, from: entry.from, to: self.found.len() as u32 };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(path: &str, text: &str, reading: Duplicates) -> Vec<String> {
        let mut layout = Layout::new();
        let slot = layout.want(path);
        let mut captures = Captures::default();
        assert_eq!(captures.read(&layout, text.as_bytes(), 0), Ok(text.len()));
        captures
            .values(text.as_bytes(), slot, reading)
            .map(|(value, _)| value.text().map_or_else(|| format!("{value:?}"), |text| text.into()))
            .collect()
    }

    #[test]
    fn nested_dotted_and_array_spellings() {
        for text in [
            r#"{"a":{"b":{"c":"x"}}}"#,
            r#"{"a.b.c":"x"}"#,
            r#"{"z":[{"a":{}}],"a.b":{"c":"x","d":1},"y":{"b":{"c":0}}}"#,
            r#"{"a":[{"q":0},[{"b":{"c":"x"}}]]}"#,
            r#"{"a":{"b":{"c":"x"}}}"#,
        ] {
            assert_eq!(values("a.b.c", text, Duplicates::Last), ["x"], "{text}");
        }
    }

    #[test]
    fn a_key_that_stands_twice_is_read_both_ways() {
        let text = r#"{"a":{"b":1},"a":{"b":2,"b":3},"a":{"b":4,"b":5}}"#;
        assert_eq!(values("a.b", text, Duplicates::First), ["1"]);
        assert_eq!(values("a.b", text, Duplicates::Last), ["5"]);
        let text = r#"{"a":[{"b":1},{"b":2}]}"#;
        assert_eq!(values("a.b", text, Duplicates::First), ["1", "2"]);
        assert_eq!(values("a.b", text, Duplicates::Last), ["1", "2"]);
        let text = r#"{"a":{"b":1},"a":null}"#;
        assert_eq!(values("a.b", text, Duplicates::First), ["1"]);
        assert!(values("a.b", text, Duplicates::Last).is_empty());
    }

    #[test]
    fn a_container_is_captured_whole() {
        let mut layout = Layout::new();
        let (whole, inner) = (layout.want("a"), layout.want("a.b"));
        let text = br#"{"a":{"b":[1,2]} }"#;
        let mut captures = Captures::default();
        captures.read(&layout, text, 0).unwrap();
        let value = |slot| captures.values(text, slot, Duplicates::Last).next().unwrap().0;
        assert_eq!(value(whole), Value::Object(br#"{"b":[1,2]}"#));
        assert_eq!(value(inner), Value::Array(b"[1,2]"));
        assert!(!captures.has_duplicates());
    }

    #[test]
    fn a_record_leaves_nothing_to_the_next() {
        let mut layout = Layout::new();
        let slots = ["a", "a.b", "a.b.c", "d"].map(|path| layout.want(path));
        let texts = [
            r#"{"a":{"b":1,"b":{"c":[2]}},"a":3,"d":{}}"#,
            r#"{"a":[{"b":1},{"b.c":2}]}"#,
            r#"{"d":1,"z":{"d":2},"d":3}"#,
            "[]",
            r#"{"a":{"b":{"c":0},"d":1},"\u0061":4}"#,
            "7",
        ];
        let seen = |captures: &mut Captures, text: &str| {
            captures.read(&layout, text.as_bytes(), 0).unwrap();
            let all = |slot| {
                [Duplicates::First, Duplicates::Last].map(|reading| {
                    let values = captures.values(text.as_bytes(), slot, reading);
                    values.map(|(_, at)| at).collect::<Vec<_>>()
                })
            };
            (slots.map(all), captures.has_duplicates(), captures.is_object())
        };
        let mut kept = Captures::default();
        for start in [0, u32::MAX / 2 - 4, u32::MAX / 2 + 1] {
            kept.objects = start;
            for (one, other) in (0..36).map(|pair| (pair / 6, pair % 6)) {
                seen(&mut kept, texts[one]);
                let fresh = seen(&mut Captures::default(), texts[other]);
                assert_eq!(seen(&mut kept, texts[other]), fresh, "{one} {other}");
            }
            let mut small = Layout::new();
            small.want("d");
            kept.read(&small, br#"{"d":1}"#, 0).unwrap();
        }
    }
}
