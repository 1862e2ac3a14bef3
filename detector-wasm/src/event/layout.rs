//! In: the paths that somebody wants to read. Out: a tree of keys that one pass over a record follows.

use super::children::Children;
use super::top_keys::TopKeys;
use crate::record::text::Text;
use crate::record::words::first_equal;

/// Names one wanted path; also its place in tables indexed by path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Slot(pub(crate) u32);

impl Slot {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// A place in the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PathId(pub(super) u32);

/// All wanted paths. A path is keys joined by dots; `a.b` is reached by the key `b` inside the object
/// `a` and by the key `a.b` alike, and arrays on the way are transparent.
#[derive(Debug)]
pub(crate) struct Layout {
    nodes: Vec<Node>,
    paths: Vec<String>,
    everything: bool,
    whole: Vec<Slot>,
    longest_path: usize,
    /// Whether a path has U+FFFD in it, which bytes that are no text read as.
    replaces: bool,
    /// The keys at a record's top that somebody asks for, if somebody does.
    top_keys: Option<TopKeys>,
}

#[derive(Debug, Default)]
struct Node {
    children: Children,
    slot: Option<Slot>,
}

impl Layout {
    /// The tree's root: a record's outermost object.
    pub(crate) const ROOT: PathId = PathId(0);

    pub(crate) fn new() -> Layout {
        Layout {
            nodes: vec![Node::default()],
            paths: Vec::new(),
            everything: false,
            whole: Vec::new(),
            longest_path: 0,
            replaces: false,
            top_keys: None,
        }
    }

    /// How many places the tree has.
    pub(crate) fn nodes(&self) -> usize {
        self.nodes.len()
    }

    /// How many paths are wanted.
    pub(crate) fn slots(&self) -> usize {
        self.paths.len()
    }

    /// The path of a slot.
    pub(crate) fn path(&self, slot: Slot) -> &str {
        self.paths.get(slot.index()).map_or("", String::as_str)
    }

    /// From now on every key counts, because somebody reads fields whose names aren't known yet.
    pub(crate) fn watch_everything(&mut self) {
        self.everything = true;
    }

    /// From now on records are asked which of these keys they have at their top.
    pub(crate) fn look_for_top_keys(&mut self, keys: TopKeys) {
        self.top_keys = Some(keys);
    }

    /// The keys that are looked for at a record's top.
    #[inline]
    pub(super) fn top_keys(&self) -> Option<&TopKeys> {
        self.top_keys.as_ref()
    }

    /// Whether every key counts.
    pub(crate) fn watches_everything(&self) -> bool {
        self.everything
    }

    /// The slot of a path, which from now on is read.
    pub(crate) fn want(&mut self, path: &str) -> Slot {
        self.longest_path = self.longest_path.max(path.len());
        self.replaces |= path.contains(char::REPLACEMENT_CHARACTER);
        let mut at = Layout::ROOT;
        for key in path.split('.') {
            at = self.child(at, key.as_bytes()).unwrap_or_else(|| self.grow(at, key));
        }
        let next = Slot(self.paths.len() as u32);
        let Some(node) = self.nodes.get_mut(at.0 as usize) else { return next };
        let slot = *node.slot.get_or_insert(next);
        if slot == next {
            self.paths.push(path.to_owned());
        }
        slot
    }

    /// From now on every key inside the slot's values counts, not those on wanted paths alone.
    pub(crate) fn watch_whole(&mut self, slot: Slot) {
        if !self.whole.contains(&slot) {
            self.whole.push(slot);
        }
    }

    /// The slots inside whose values every key counts.
    pub(crate) fn whole(&self) -> &[Slot] {
        &self.whole
    }

    fn grow(&mut self, at: PathId, key: &str) -> PathId {
        let new = PathId(self.nodes.len() as u32);
        self.nodes.push(Node::default());
        if let Some(node) = self.nodes.get_mut(at.0 as usize) {
            node.children.add(key, new);
        }
        new
    }

    fn child(&self, at: PathId, key: &[u8]) -> Option<PathId> {
        self.nodes.get(at.0 as usize)?.children.get(key)
    }

    /// Where a record's key leads from a place. No key that leads anywhere is longer than the longest
    /// path, so that a long one is refused without being copied.
    #[inline]
    pub(crate) fn follow(&self, at: PathId, key: &Text<'_>) -> Option<PathId> {
        match key.unescaped() {
            Some(bytes) if !self.replaces => {
                if bytes.len() > self.longest_path {
                    return None;
                }
                self.step(at, bytes)
            }
            _ => self.step(at, key.decode_within(self.longest_path)?.as_bytes()),
        }
    }

    /// Where a key leads from a place; a key with dots leads several steps.
    #[inline]
    fn step(&self, at: PathId, key: &[u8]) -> Option<PathId> {
        match self.child(at, key) {
            None if has_dot(key) => self.steps(at, key),
            found => found,
        }
    }

    #[inline(never)] // hardly any key has dots
    fn steps(&self, at: PathId, key: &[u8]) -> Option<PathId> {
        key.split(|byte| *byte == b'.').try_fold(at, |at, part| self.child(at, part))
    }

    /// The slot that ends at a place.
    pub(crate) fn slot_at(&self, at: PathId) -> Option<Slot> {
        self.nodes.get(at.0 as usize)?.slot
    }

    /// Whether paths go on below a place.
    pub(crate) fn goes_on(&self, at: PathId) -> bool {
        self.nodes.get(at.0 as usize).is_some_and(|node| !node.children.is_empty())
    }

    /// A place's index in tables with one row a place.
    pub(crate) fn index(at: PathId) -> usize {
        at.0 as usize
    }
}

/// Whether a key is several, joined by dots.
#[inline]
fn has_dot(key: &[u8]) -> bool {
    let (words, rest) = key.as_chunks();
    let dot = |word: &[u8; 8]| first_equal(u64::from_le_bytes(*word), b'.') != 0;
    // The last word has the rest in it.
    words.iter().any(dot) || key.last_chunk().map_or_else(|| rest.contains(&b'.'), dot)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dotted_and_nested_keys_lead_to_the_same_place() {
        let mut layout = Layout::new();
        let slot = layout.want("event.action");
        assert_eq!(layout.want("event.action"), slot);
        let follow =
            |at, key: &str| layout.follow(at, &Text::new(key.as_bytes(), key.contains('\\')));
        let nested = follow(Layout::ROOT, "event").and_then(|at| follow(at, "action"));
        let dotted = follow(Layout::ROOT, "event.action");
        assert_eq!(nested, dotted);
        assert_eq!(layout.slot_at(dotted.unwrap()), Some(slot));
        assert_eq!(follow(Layout::ROOT, r"ev\u0065nt\u002eaction"), dotted);
        assert_eq!(follow(Layout::ROOT, "event.other"), None);
    }

    #[test]
    fn a_key_that_is_no_text_reads_as_decoding_has_it() {
        let mut layout = Layout::new();
        let follow = |layout: &Layout, key| layout.follow(Layout::ROOT, &Text::new(key, false));
        layout.want("plain");
        assert_eq!(follow(&layout, b"a\xffb"), None);
        layout.want("a\u{fffd}b");
        let found = follow(&layout, "a\u{fffd}b".as_bytes());
        assert!(found.is_some());
        assert_eq!(follow(&layout, b"a\xffb"), found);
    }
}
