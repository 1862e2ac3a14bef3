//! What each name means at a place of the pipe.

use std::collections::HashMap;
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

/// The names that the query has given a meaning so far.
#[derive(Debug, Default)]
pub(crate) struct Scope {
    bindings: HashMap<Box<str>, Binding>,
    order: Vec<Box<str>>,
    /// Whether `fields` has dropped all names but those in `bindings`.
    closed: bool,
}

impl Scope {
    /// A name's meaning, if the query has given it one.
    pub(crate) fn get(&self, name: &str) -> Option<&Binding> {
        self.bindings.get(name)
    }

    /// A name's meaning, which is being read.
    pub(crate) fn read(&mut self, name: &str) -> Option<&Binding> {
        let binding = self.bindings.get_mut(name)?;
        binding.unread = None;
        Some(binding)
    }

    /// Whether names without a meaning are null instead of the record's.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed
    }

    /// Drops all other names from now on.
    pub(crate) fn close(&mut self) {
        self.closed = true;
    }

    /// Gives a name a meaning. Returns where a value was assigned that nobody has read and nobody will.
    pub(crate) fn bind(&mut self, name: &str, binding: Binding) -> Option<Range<usize>> {
        match self.bindings.get_mut(name) {
            Some(known) => std::mem::replace(known, binding).unread,
            None => {
                self.order.push(name.into());
                self.bindings.insert(name.into(), binding);
                None
            }
        }
    }

    /// All names in the order of their first appearance.
    pub(crate) fn names(&self) -> impl Iterator<Item = (&str, &Binding)> {
        self.order.iter().filter_map(|name| Some((&**name, self.bindings.get(name)?)))
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
