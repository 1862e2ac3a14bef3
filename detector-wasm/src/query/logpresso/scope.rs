//! What each name means at a place of the pipe.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use crate::event::FieldId;
use crate::query::expression::ExpressionId;

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bound {
    Field(FieldId),
    Step(ExpressionId),
}

/// Whether the key is there. `rename` asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    /// Even with null, for the query has assigned it.
    Always,
    /// If there is a value.
    WithValue,
    Never,
}

/// A name's meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Binding {
    pub(crate) bound: Bound,
    pub(crate) presence: Presence,
    /// Where `eval` has assigned the value, until somebody reads it.
    pub(crate) unread: Option<Range<usize>>,
}

/// Fields that a command has made of a value, whose names may not be known before a record is there. They lie
/// over the meanings that names had before.
#[derive(Debug, Clone)]
pub(crate) struct Layer {
    /// The step that gives the fields as a map, or null for none.
    pub(crate) map: ExpressionId,
    /// Whether the other fields stay where there is a map.
    pub(crate) overlay: bool,
    /// The names that the map may have, if they are known.
    pub(crate) names: Option<BTreeSet<Box<str>>>,
    /// The name that takes the value if it is a list.
    pub(crate) list: Option<Box<str>>,
}

/// The names that the query has given a meaning so far.
#[derive(Debug, Default)]
pub(crate) struct Scope {
    /// Meanings, each with the number of layers that lay below it when it was given.
    bindings: HashMap<Box<str>, (Binding, usize)>,
    order: Vec<Box<str>>,
    layers: Vec<Layer>,
    /// Whether `fields` has dropped all names but those in `bindings`, and how many layers there were then.
    closed: Option<usize>,
}

impl Scope {
    /// A name's meaning, if the query has given it one, and the number of layers below it.
    pub(crate) fn get(&self, name: &str) -> Option<&(Binding, usize)> {
        self.bindings.get(name)
    }

    /// A name's meaning, which is being read.
    pub(crate) fn read(&mut self, name: &str) -> Option<&(Binding, usize)> {
        let known = self.bindings.get_mut(name)?;
        known.0.unread = None;
        Some(known)
    }

    /// Whether names without a meaning are null instead of the record's, and since how many layers.
    pub(crate) fn closed(&self) -> Option<usize> {
        self.closed
    }

    /// Drops all other names from now on.
    pub(crate) fn close(&mut self) {
        self.closed = Some(self.layers.len());
    }

    /// Lays fields over all that names mean so far.
    pub(crate) fn cover(&mut self, layer: Layer) {
        self.layers.push(layer);
    }

    /// The layers from a number on.
    pub(crate) fn layers_above(&self, below: usize) -> Vec<Layer> {
        self.layers.get(below..).unwrap_or_default().to_vec()
    }

    /// Whether any names have been dropped or covered, so that a name may not mean the record's field.
    pub(crate) fn is_changed(&self) -> bool {
        self.closed.is_some() || !self.layers.is_empty()
    }

    /// Gives a name a meaning. Returns where the former value was assigned if it is never read.
    pub(crate) fn bind(&mut self, name: &str, binding: Binding) -> Option<Range<usize>> {
        let layers = self.layers.len();
        match self.bindings.get_mut(name) {
            Some(known) => std::mem::replace(known, (binding, layers)).0.unread,
            None => {
                self.order.push(name.into());
                self.bindings.insert(name.into(), (binding, layers));
                None
            }
        }
    }

    /// All names in the order of their first appearance.
    pub(crate) fn names(&self) -> impl Iterator<Item = (&str, &Binding)> {
        self.order.iter().filter_map(|name| Some((&**name, &self.bindings.get(name)?.0)))
    }
}

/// The names that a query puts out, in order.
#[derive(Debug, Default)]
pub(crate) struct Output {
    names: Vec<Option<Box<str>>>,
    places: HashMap<Box<str>, usize>,
}

impl Output {
    /// Adds a name at the end, unless it is there.
    pub(crate) fn add(&mut self, name: &str) {
        if !self.places.contains_key(name) {
            self.places.insert(name.into(), self.names.len());
            self.names.push(Some(name.into()));
        }
    }

    /// Puts these names first, and all others behind them by alphabet.
    pub(crate) fn order(&mut self, first: &[String]) {
        let mut rest = std::mem::take(self).finish();
        rest.retain(|name| !first.contains(name));
        crate::sort::sort_and_dedup(&mut rest);
        first.iter().chain(&rest).for_each(|name| self.add(name));
    }

    /// Takes a name away.
    pub(crate) fn remove(&mut self, name: &str) {
        if let Some(place) = self.places.remove(name) {
            self.put(place, None);
        }
    }

    /// Puts another name in a name's place.
    pub(crate) fn rename(&mut self, from: &str, to: &str) {
        if let Some(place) = self.places.remove(from) {
            self.remove(to);
            self.places.insert(to.into(), place);
            self.put(place, Some(to.into()));
        }
    }

    /// The names in their order.
    pub(crate) fn finish(self) -> Vec<String> {
        self.names.into_iter().flatten().map(String::from).collect()
    }

    fn put(&mut self, place: usize, name: Option<Box<str>>) {
        if let Some(slot) = self.names.get_mut(place) {
            *slot = name;
        }
    }
}
