//! In: the names that queries and alerts ask for. Out: for each, how to find its values in a record.

use std::collections::{BTreeSet, HashMap};

use super::computed::Computed;
use super::layout::{Layout, Slot};
use super::names::{NamePattern, Names};
use super::vocabulary::{Kind, Row, Source, Vocabulary};

/// Names a field of a rule set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct FieldId(u32);

/// How a raw record holds a field.
#[derive(Debug, Clone)]
pub(crate) enum Raw {
    /// At a path.
    Slot(Slot),
    /// The same in every record.
    Constant(&'static str),
    /// Worked out from these paths.
    Computed(Computed, Vec<Slot>),
    /// Not at all.
    Nothing,
}

/// A field and how records of each shape hold it.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) vocabulary: Vocabulary,
    pub(crate) kind: Kind,
    pub(crate) raw: Raw,
    /// The paths of a normalised record, the first that has a value counting.
    pub(crate) direct: Vec<Slot>,
}

/// All fields that a rule set reads, and the one layout that finds them.
#[derive(Debug, Clone)]
pub(crate) struct Fields {
    pub(crate) layout: Layout,
    fields: Vec<Field>,
    ids: HashMap<(Vocabulary, String), FieldId>,
    asked: BTreeSet<FieldId>,
}

impl Fields {
    pub(crate) fn new() -> Fields {
        Fields {
            layout: Layout::new(),
            fields: Vec::new(),
            ids: HashMap::new(),
            asked: BTreeSet::new(),
        }
    }

    /// A field by its number.
    pub(crate) fn get(&self, id: FieldId) -> Option<&Field> {
        self.fields.get(id.0 as usize)
    }

    /// The field of a name, which from now on is read.
    pub(crate) fn want(&mut self, vocabulary: Vocabulary, name: &str) -> FieldId {
        if let Some(id) = self.ids.get(&(vocabulary, name.to_owned())) {
            self.asked.insert(*id);
            return *id;
        }
        let id = FieldId(self.fields.len() as u32);
        let field = self.plan(vocabulary, name);
        self.fields.push(field);
        self.ids.insert((vocabulary, name.to_owned()), id);
        self.asked.insert(id);
        id
    }

    /// The fields that were asked for since the last call of this.
    pub(crate) fn take_asked(&mut self) -> BTreeSet<FieldId> {
        std::mem::take(&mut self.asked)
    }

    /// The fields of a vocabulary whose names fit a pattern, which from now on are read; of a kind each,
    /// with that kind. The record's own keys, whose kind nobody knows, come first.
    pub(crate) fn want_named(
        &mut self,
        vocabulary: Vocabulary,
        pattern: &NamePattern,
    ) -> Vec<(Option<Kind>, Names)> {
        self.layout.watch_everything();
        let roots = vocabulary.subtrees().iter().filter(|subtree| {
            pattern.reads_names() && pattern.may_fit_below(&format!("{}.", subtree.prefix))
        });
        let roots = roots.map(|subtree| self.want(vocabulary, subtree.prefix)).collect();
        let own = Names { pattern: pattern.clone(), fields: Vec::new(), roots, own: true };
        let mut groups = vec![(None, own)];
        let rows: &[Row] = vocabulary.rows();
        for row in rows.iter().filter(|row| pattern.fits(row.name)) {
            let field = self.want(vocabulary, row.name);
            match groups.iter_mut().find(|(kind, _)| *kind == Some(row.kind)) {
                Some((_, names)) => names.fields.push(field),
                None => {
                    let names = Names {
                        pattern: NamePattern::Everything,
                        fields: vec![field],
                        roots: Vec::new(),
                        own: false,
                    };
                    groups.push((Some(row.kind), names));
                }
            }
        }
        groups
    }

    /// Makes a member of a field known to the layout, so that a key that stands twice there is noticed.
    pub(crate) fn watch_member(&mut self, id: FieldId, keys: &[&str]) {
        let Some(field) = self.get(id) else { return };
        let mut slots = field.direct.clone();
        if let Raw::Slot(slot) = field.raw {
            slots.push(slot);
        }
        for slot in slots {
            let path = format!("{}.{}", self.layout.path(slot), keys.join("."));
            self.layout.want(&path);
        }
    }

    fn plan(&mut self, vocabulary: Vocabulary, name: &str) -> Field {
        let row = vocabulary.row(name);
        let mut direct = vec![self.layout.want(name)];
        for alias in row.map_or(&[][..], |row| row.aliases) {
            direct.push(self.layout.want(alias));
        }
        let raw = match row.map(|row| row.source) {
            Some(Source::Path(path)) => Raw::Slot(self.layout.want(path)),
            Some(Source::Constant(text)) => Raw::Constant(text),
            Some(Source::Computed(computed)) => {
                let paths = computed.paths().iter();
                Raw::Computed(computed, paths.map(|path| self.layout.want(path)).collect())
            }
            Some(Source::Absent(_)) => Raw::Nothing,
            None => match below(vocabulary, name) {
                Some(path) => Raw::Slot(self.layout.want(&path)),
                // A name that the vocabulary doesn't have means the record's own key.
                None => Raw::Slot(self.layout.want(name)),
            },
        };
        let kind = row.map_or(Kind::Keyword, |row| row.kind);
        Field { name: name.to_owned(), vocabulary, kind, raw, direct }
    }
}

/// The raw path of a field in one of the vocabulary's subtrees.
fn below(vocabulary: Vocabulary, name: &str) -> Option<String> {
    vocabulary.subtrees().iter().find_map(|subtree| {
        let rest = name.strip_prefix(subtree.prefix)?;
        if rest.is_empty() || rest.starts_with('.') {
            Some(format!("{}{rest}", subtree.path))
        } else {
            None
        }
    })
}
