//! In: the events of the YAML parser. Out: trees, built on an explicit stack.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Span, Tag};

use super::{Scalar, Tree, YamlId, YamlKind};
use crate::query::notice::Notice;

/// How deep lists and maps may nest. Rules need five levels.
const DEEPEST: usize = 24;

/// How many values the aliases of a document may stand for, all in all, and how many bytes of text: a few lines of
/// aliases of aliases could stand for more than there is memory.
const MOST_ALIASED: usize = 20_000;
const MOST_ALIASED_BYTES: usize = 1 << 20;

/// The key under which a map takes over what others hold.
const MERGE: &str = "<<";

/// The documents of a text, and what is wrong with those that can't be read. Each document is read by
/// itself, so a broken one costs none of the others. At most `faults` of them are looked for.
pub(crate) fn parse(text: &str, faults: usize) -> (Tree, Vec<YamlId>, Vec<Notice>) {
    let (mut tree, mut roots, mut notices) = (Tree::default(), Vec::new(), Vec::new());
    for range in documents(text) {
        let part = text.get(range.clone()).unwrap_or_default();
        let mut builder = Builder {
            tree: &mut tree,
            text: part,
            places: Places::new(part),
            base: range.start,
            open: Vec::new(),
            root: None,
            anchors: HashMap::new(),
            aliased: (0, 0),
        };
        if let Err(notice) = builder.read(&mut roots) {
            notices.push(notice);
            if notices.len() >= faults {
                break;
            }
        }
    }
    (tree, roots, notices)
}

/// Cuts the text before each line that begins a document. YAML allows `---` at the beginning of a line
/// nowhere else, not even inside quotes.
fn documents(text: &str) -> Vec<Range<usize>> {
    let (mut parts, mut from, mut at) = (Vec::new(), 0, 0);
    // Directives come before the mark of their document.
    let mut preamble = true;
    for line in text.split_inclusive('\n') {
        if line
            .strip_prefix("---")
            .is_some_and(|rest| rest.trim_start().len() < rest.len() || rest.is_empty())
        {
            if !preamble {
                parts.push(from..at);
                from = at;
            }
            preamble = false;
        } else if !line.starts_with(['%', '#', '\u{feff}']) && !line.trim().is_empty() {
            preamble = false;
        }
        at += line.len();
    }
    parts.push(from..at);
    parts
}

/// A list or map that isn't at its end yet.
enum Open {
    List { from: usize, anchor: usize, items: Vec<YamlId> },
    Map { from: usize, anchor: usize, entries: Vec<(YamlId, YamlId)>, key: Option<YamlId> },
}

/// What an alias of a value stands for.
#[derive(Clone, Copy)]
struct Anchored {
    node: YamlId,
    /// How many values it is, and how many bytes of text they have.
    size: (usize, usize),
    /// How deep it nests.
    height: usize,
}

struct Builder<'t> {
    tree: &'t mut Tree,
    text: &'t str,
    places: Places,
    /// Where the text begins in the file.
    base: usize,
    open: Vec<Open>,
    root: Option<YamlId>,
    /// The values that have a name, by the parser's number of it.
    anchors: HashMap<usize, Anchored>,
    /// What the aliases so far stand for: values and bytes.
    aliased: (usize, usize),
}

impl Builder<'_> {
    fn read(&mut self, roots: &mut Vec<YamlId>) -> Result<(), Notice> {
        let text = self.text;
        let mut parser = Parser::new_from_str(text);
        while let Some(next) = parser.next_event() {
            let (event, span) = next.map_err(|error| {
                let at = self.place(error.marker());
                // The parser has a limit of its own for what stands in brackets on one line.
                if error.info().contains("recursion limit") {
                    return too_deep(at..at);
                }
                Notice::error("yaml-syntax", at..at, format!("no valid YAML: {}", error.info()))
            })?;
            let span = self.range(&span);
            match event {
                Event::Scalar(text, style, anchor, tag) => {
                    let texts = self.is_text(tag.as_deref(), &span)? || style != ScalarStyle::Plain;
                    let scalar =
                        if texts { Scalar::Text(text.into_owned()) } else { Scalar::plain(&text) };
                    let node = self.tree.push(YamlKind::Scalar(scalar), span);
                    self.name(anchor, node);
                    self.add(node)?;
                }
                Event::SequenceStart(anchor, tag) => {
                    self.enter(tag.as_deref(), &span)?;
                    self.open.push(Open::List { from: span.start, anchor, items: Vec::new() });
                }
                Event::MappingStart(anchor, tag) => {
                    self.enter(tag.as_deref(), &span)?;
                    let (entries, key) = (Vec::new(), None);
                    self.open.push(Open::Map { from: span.start, anchor, entries, key });
                }
                Event::SequenceEnd | Event::MappingEnd => self.close(&span)?,
                Event::Alias(anchor) => {
                    let node = self.alias(anchor, span)?;
                    self.add(node)?;
                }
                Event::DocumentEnd => roots.extend(self.root.take()),
                Event::StreamEnd => break,
                Event::Nothing | Event::StreamStart | Event::DocumentStart(_) => {}
            }
        }
        Ok(())
    }

    /// Remembers a value that has a name; 0 is none.
    fn name(&mut self, anchor: usize, node: YamlId) {
        if anchor == 0 {
            return;
        }
        // Values come after those that they hold, so what these are is known.
        let (mut size, mut height) = ((0_usize, 0_usize), 0);
        let mut todo = vec![(node, 1)];
        while let Some((node, depth)) = todo.pop() {
            height = height.max(depth);
            size.0 = size.0.saturating_add(1);
            if size.0 > MOST_ALIASED {
                break;
            }
            match self.tree.kind(node) {
                YamlKind::Scalar(scalar) => {
                    size.1 = size.1.saturating_add(scalar.text().map_or(0, str::len));
                }
                YamlKind::List(items) => todo.extend(items.iter().map(|item| (*item, depth + 1))),
                YamlKind::Map(entries) => {
                    todo.extend(
                        entries
                            .iter()
                            .flat_map(|(key, value)| [*key, *value])
                            .map(|part| (part, depth + 1)),
                    );
                }
            }
        }
        self.anchors.insert(anchor, Anchored { node, size, height });
    }

    /// The value that an alias stands for, in the alias's own place.
    fn alias(&mut self, anchor: usize, span: Range<usize>) -> Result<YamlId, Notice> {
        let Some(Anchored { node, size, height }) = self.anchors.get(&anchor).copied() else {
            let message = "the alias stands inside of what it names";
            return Err(Notice::error("yaml-alias", span, message));
        };
        if self.open.len().saturating_add(height) > DEEPEST {
            return Err(too_deep(span));
        }
        self.aliased.0 = self.aliased.0.saturating_add(size.0);
        self.aliased.1 = self.aliased.1.saturating_add(size.1);
        if self.aliased.0 > MOST_ALIASED || self.aliased.1 > MOST_ALIASED_BYTES {
            let message =
                format!("the aliases up to here stand for more than {MOST_ALIASED} values");
            let notice = Notice::error("yaml-alias", span, message);
            return Err(notice.hint("write the values out, or have fewer of them"));
        }
        let kind = self.tree.kind(node).clone();
        Ok(self.tree.push(kind, span))
    }

    /// Whether a tag makes a text of a scalar. There is no use for other tags in a rule.
    fn is_text(&self, tag: Option<&Tag>, span: &Range<usize>) -> Result<bool, Notice> {
        match tag {
            None => Ok(false),
            Some(tag) if tag.is_yaml_core_schema() && tag.suffix == "str" => Ok(true),
            Some(_) => {
                let notice = Notice::error("yaml-tag", span.clone(), "tags aren't read");
                Err(notice.hint("leave the `!tag` out; quote what must be a text"))
            }
        }
    }

    fn enter(&self, tag: Option<&Tag>, span: &Range<usize>) -> Result<(), Notice> {
        if tag.is_some() {
            self.is_text(tag, span)?;
        }
        if self.open.len() >= DEEPEST {
            return Err(too_deep(span.clone()));
        }
        Ok(())
    }

    fn close(&mut self, end: &Range<usize>) -> Result<(), Notice> {
        // A block ends where the next token begins; what counts is where its last part ends.
        let after = |tree: &Tree, from: usize, last: Option<YamlId>| {
            let last = last.map_or(from, |last| tree.span(last).end);
            if end.is_empty() { last } else { end.end.max(last) }
        };
        let (node, anchor) = match self.open.pop() {
            None => return Ok(()),
            Some(Open::List { from, anchor, items }) => {
                let to = after(self.tree, from, items.last().copied());
                (self.tree.push(YamlKind::List(items), from..to), anchor)
            }
            Some(Open::Map { from, anchor, entries, .. }) => {
                self.distinct(&entries)?;
                let to = after(self.tree, from, entries.last().map(|(_, value)| *value));
                let entries = self.merged(entries)?;
                (self.tree.push(YamlKind::Map(entries), from..to), anchor)
            }
        };
        self.name(anchor, node);
        self.add(node)
    }

    /// A map's entries with those that it takes over from others: its own come first, and then the first of equal ones.
    fn merged(&self, entries: Vec<(YamlId, YamlId)>) -> Result<Vec<(YamlId, YamlId)>, Notice> {
        let is_merge =
            |key: YamlId| self.tree.scalar(key).is_some_and(|key| key.text() == Some(MERGE));
        if !entries.iter().any(|(key, _)| is_merge(*key)) {
            return Ok(entries);
        }
        let (taken, mut own): (Vec<_>, Vec<_>) =
            entries.into_iter().partition(|(key, _)| is_merge(*key));
        let name = |key: YamlId| self.tree.text(key).unwrap_or_default();
        let mut known: HashSet<&str> = own.iter().map(|(key, _)| name(*key)).collect();
        for (_, value) in taken {
            let maps = match self.tree.kind(value) {
                YamlKind::List(maps) => maps.as_slice(),
                _ => std::slice::from_ref(&value),
            };
            for map in maps {
                let YamlKind::Map(entries) = self.tree.kind(*map) else {
                    let message = "`<<` takes over what a map holds, or several in a list";
                    return Err(Notice::error("yaml-merge", self.tree.span(*map), message));
                };
                own.extend(entries.iter().filter(|(key, _)| known.insert(name(*key))));
            }
        }
        Ok(own)
    }

    /// Readers of YAML differ about which of two equal keys counts.
    fn distinct(&self, entries: &[(YamlId, YamlId)]) -> Result<(), Notice> {
        let mut seen = HashSet::new();
        for (key, _) in entries {
            let name = self.tree.text(*key).unwrap_or_default();
            if !seen.insert(name) {
                let message = format!("the key `{name}` stands here twice");
                let notice = Notice::error("yaml-duplicate-key", self.tree.span(*key), message);
                return Err(notice.hint("keep one of them; several values make a list"));
            }
        }
        Ok(())
    }

    fn add(&mut self, node: YamlId) -> Result<(), Notice> {
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open::List { items, .. }) => items.push(node),
            Some(Open::Map { entries, key, .. }) => match key.take() {
                Some(key) => entries.push((key, node)),
                None if matches!(self.tree.kind(node), YamlKind::Scalar(_)) => *key = Some(node),
                None => {
                    let span = self.tree.span(node);
                    return Err(Notice::error("yaml-key", span, "a key must be a text"));
                }
            },
        }
        Ok(())
    }

    fn range(&self, span: &Span) -> Range<usize> {
        let from = self.place(&span.start);
        from..self.place(&span.end).max(from)
    }

    fn place(&self, marker: &Marker) -> usize {
        self.base + self.places.byte(self.text, marker.index())
    }
}

fn too_deep(span: Range<usize>) -> Notice {
    let message = format!("lists and maps nest deeper than {DEEPEST}");
    Notice::error("yaml-deep", span, message)
}

/// The byte offset of every so many characters, because the parser counts characters.
struct Places(Vec<usize>);

impl Places {
    const EVERY: usize = 64;

    fn new(text: &str) -> Places {
        if text.is_ascii() {
            return Places(Vec::new());
        }
        Places(text.char_indices().step_by(Places::EVERY).map(|(at, _)| at).collect())
    }

    fn byte(&self, text: &str, chars: usize) -> usize {
        if self.0.is_empty() {
            return chars.min(text.len());
        }
        let Some(start) = self.0.get(chars / Places::EVERY) else { return text.len() };
        let rest = text.get(*start..).unwrap_or_default();
        let within =
            rest.char_indices().nth(chars % Places::EVERY).map_or(rest.len(), |(at, _)| at);
        start + within
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tree as a line, with the text that each scalar's place holds.
    fn show(tree: &Tree, text: &str, id: YamlId) -> String {
        let list = |ids: &mut dyn Iterator<Item = String>| ids.collect::<Vec<_>>().join(" ");
        match tree.kind(id) {
            YamlKind::Scalar(_) => text[tree.span(id)].to_owned(),
            YamlKind::List(items) => {
                format!("[{}]", list(&mut items.iter().map(|id| show(tree, text, *id))))
            }
            YamlKind::Map(_) => {
                let show = |entry: super::super::Entry<'_>| {
                    format!("{}:{}", entry.name, show(tree, text, entry.value))
                };
                format!("{{{}}}", list(&mut tree.entries(id).map(show)))
            }
        }
    }

    #[test]
    fn documents_and_places() {
        for (text, expected) in [
            ("a: b\nc:\n  - d\n  - 'é f'\n", "{a:b c:[d 'é f']}"),
            ("é: [x, {y: \"z\"}]\n---\nb: 1\n", "{é:[x {y:\"z\"}]} {b:1}"),
            ("# c\n---\na: b\n---\n---\nc: d\n...\n", "{a:b}  {c:d}"),
            ("%YAML 1.2\n---\na: b\n", "{a:b}"),
            ("\u{feff}a: b", "{a:b}"),
            ("a:\n", "{a:}"),
            ("", ""),
            ("a: b\r\n---\r\nc: d\r\n", "{a:b} {c:d}"),
        ] {
            let (tree, roots, faults) = parse(text, 9);
            assert_eq!(faults, [], "{text}");
            let shown: Vec<String> = roots.iter().map(|id| show(&tree, text, *id)).collect();
            assert_eq!(shown.join(" "), expected, "{text}");
        }
    }

    #[test]
    fn aliases_stand_for_what_they_name() {
        let text = "a: &x {p: 1, q: [2]}\nb: *x\nc:\n  <<: *x\n  p: 3\nd:\n  <<: [*x, {r: 4}]\n";
        let (tree, roots, faults) = parse(text, 9);
        assert_eq!(faults, []);
        let at = |names: &[&str]| {
            names.iter().fold(roots[0], |at, name| tree.get(at, name).unwrap().value)
        };
        assert_eq!(tree.text(at(&["b", "p"])), Some("1"));
        assert_eq!(&text[tree.span(at(&["b"]))], "*x");
        assert_eq!(tree.text(at(&["c", "p"])), Some("3"));
        assert_eq!(show(&tree, text, at(&["c", "q"])), "[2]");
        assert_eq!(tree.text(at(&["d", "r"])), Some("4"));
        assert_eq!(tree.entries(at(&["d"])).count(), 3);
    }

    #[test]
    fn aliases_of_aliases_are_bounded() {
        let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..12 {
            let former = format!("*a{}, ", level - 1).repeat(10);
            text += &format!("a{level}: &a{level} [{former}]\n");
        }
        let (tree, roots, faults) = parse(&text, 9);
        assert!(roots.is_empty() && tree.nodes.len() < 1_000, "{}", tree.nodes.len());
        assert_eq!(faults[0].code, "yaml-alias");
    }

    #[test]
    fn a_block_ends_with_its_last_part() {
        let text = "a:\n  b: c\n  d:\n    - e\n\n# x\nf: g\n";
        let (tree, roots, _) = parse(text, 9);
        let value = tree.get(roots[0], "a").unwrap().value;
        assert_eq!(&text[tree.span(value)], "b: c\n  d:\n    - e");
    }

    #[test]
    fn a_broken_document_costs_no_other() {
        let text = "a: b\n---\nc: [\n---\n'd\n---\ne: f\n";
        let (tree, roots, faults) = parse(text, 9);
        let shown: Vec<String> = roots.iter().map(|id| show(&tree, text, *id)).collect();
        assert_eq!(shown, ["{a:b}", "{e:f}"]);
        assert_eq!(faults.len(), 2);
    }

    #[test]
    fn what_is_refused() {
        let deep = "[".repeat(30);
        for (text, code, place) in [
            ("a: &x [*x]\n", "yaml-alias", 7),
            ("a: &x b\nc:\n  <<: *x\n", "yaml-merge", 17),
            ("a: !!int b\n", "yaml-tag", 3),
            ("a: 1\nb: 2\na: 3\n", "yaml-duplicate-key", 10),
            ("? [a]\n: b\n", "yaml-key", 2),
            (deep.as_str(), "yaml-deep", 24),
            ("é: 'b", "yaml-syntax", 4),
        ] {
            let (_, roots, faults) = parse(text, 9);
            assert!(roots.is_empty());
            let found: Vec<_> =
                faults.iter().map(|notice| (notice.code, notice.span.start)).collect();
            assert_eq!(found, [(code, place)], "{text}");
        }
    }
}
