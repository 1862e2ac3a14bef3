//! In: the names that queries and alerts ask for. Out: for each, how to find its values in a record.

use std::collections::{BTreeMap, BTreeSet};

use super::computed::Computed;
use super::layout::{Layout, Slot};
use super::mapping::{FieldSource, FieldType, Mapping, Mappings, Subtree};
use super::names::{NamePattern, Names};
use super::value::Value;
use super::vocabulary::Vocabulary;

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

/// What the values of a field are where the record holds objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leaves {
    /// The objects themselves.
    None,
    /// Everything inside them that holds nothing else: the field is a flattened object.
    All,
    /// Nothing: the field is a path in a flattened object, which only has leaves.
    Own,
}

/// A field and how records of each shape hold it.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) vocabulary: Vocabulary,
    pub(crate) field_type: FieldType,
    pub(crate) raw: Raw,
    /// The paths of a normalised record, the first that has a value counting.
    pub(crate) direct: Vec<Slot>,
    pub(crate) leaves: Leaves,
}

impl Field {
    /// Whether a value that a normalised record holds under one of the field's names is the field's.
    pub(crate) fn takes(&self, layout: &Layout, slot: Slot, value: &Value<'_>) -> bool {
        let name = layout.path(slot);
        if matches!(value, Value::Object(_)) {
            // `user` is a name in one vocabulary, and in another the object that holds `user.name`.
            let below =
                |other: &str| other.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'));
            return !self.direct.iter().any(|other| below(layout.path(*other)));
        }
        name == self.name || self.field_type != FieldType::Ip || value.is_address()
    }
}

/// All fields that a rule set reads, and the one layout that finds them.
#[derive(Debug)]
pub(crate) struct Fields {
    pub(crate) layout: Layout,
    mappings: &'static Mappings,
    fields: Vec<Field>,
    ids: BTreeMap<(Vocabulary, String), FieldId>,
    asked: BTreeSet<FieldId>,
}

impl Fields {
    /// No fields yet, of a log source with these mappings.
    pub(crate) fn new(mappings: &'static Mappings) -> Fields {
        Fields {
            mappings,
            layout: Layout::new(),
            fields: Vec::new(),
            ids: BTreeMap::new(),
            asked: BTreeSet::new(),
        }
    }

    /// The mappings that tell where fields are.
    pub(crate) fn mappings(&self) -> &'static Mappings {
        self.mappings
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

    /// The fields of a vocabulary whose names fit a pattern, which from now on are read; grouped by
    /// their type. The record's own keys, whose type isn't known, come first.
    pub(crate) fn want_named(
        &mut self,
        vocabulary: Vocabulary,
        pattern: &NamePattern,
    ) -> Vec<(Option<FieldType>, Names)> {
        self.layout.watch_everything();
        let mapping = self.mappings.of(vocabulary);
        let roots = mapping.subtrees.iter().filter(|subtree| {
            pattern.reads_names() && pattern.may_fit_below(&format!("{}.", subtree.prefix))
        });
        let roots = roots.map(|subtree| self.want(vocabulary, subtree.prefix)).collect();
        let own = Names { pattern: pattern.clone(), fields: Vec::new(), roots, own: true };
        let mut groups = vec![(None, own)];
        for row in mapping.rows.iter().filter(|row| pattern.fits(row.name)) {
            let field = self.want(vocabulary, row.name);
            match groups.iter_mut().find(|(known, _)| *known == Some(row.field_type)) {
                Some((_, names)) => names.fields.push(field),
                None => {
                    let names = Names {
                        pattern: NamePattern::Everything,
                        fields: vec![field],
                        roots: Vec::new(),
                        own: false,
                    };
                    groups.push((Some(row.field_type), names));
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
        let mapping = self.mappings.of(vocabulary);
        let row = mapping.row(name);
        let mut direct = vec![self.layout.want(name)];
        for alias in row.map_or(&[][..], |row| row.aliases) {
            direct.push(self.layout.want(alias));
        }
        let below = below(mapping, name);
        if let Some((Subtree { alias: Some(alias), .. }, rest)) = below {
            direct.push(self.layout.want(&format!("{alias}{rest}")));
        }
        let raw = match (row.map(|row| row.source), below) {
            (Some(FieldSource::Path(path)), _) => Raw::Slot(self.layout.want(path)),
            (Some(FieldSource::Constant(text)), _) => Raw::Constant(text),
            (Some(FieldSource::Computed(computed)), _) => {
                let paths = computed.paths.iter();
                Raw::Computed(computed, paths.map(|path| self.layout.want(path)).collect())
            }
            (Some(FieldSource::Absent(_)), _) => Raw::Nothing,
            (None, Some((subtree, rest))) => {
                Raw::Slot(self.layout.want(&format!("{}{rest}", subtree.path)))
            }
            // A name that the vocabulary doesn't have means the record's own key.
            (None, None) => Raw::Slot(self.layout.want(name)),
        };
        let leaves = match below {
            Some((_, "")) => Leaves::All,
            Some(_) => Leaves::Own,
            None => Leaves::None,
        };
        self.watch_whole(&raw, &direct, leaves);
        let field_type = row.map_or(FieldType::Keyword, |row| row.field_type);
        Field { name: name.to_owned(), vocabulary, field_type, raw, direct, leaves }
    }

    /// Where a field looks at all that an object holds, keys that stand twice matter at any depth.
    fn watch_whole(&mut self, raw: &Raw, direct: &[Slot], leaves: Leaves) {
        let (own, direct) = match (raw, leaves) {
            (Raw::Computed(computed, slots), _) if computed.reads_whole => {
                (slots.as_slice(), &[][..])
            }
            (Raw::Slot(slot), Leaves::All) => (std::slice::from_ref(slot), direct),
            _ => return,
        };
        own.iter().chain(direct).for_each(|slot| self.layout.watch_whole(*slot));
    }
}

/// The subtree of the vocabulary that a name lies in, and the name's rest.
fn below<'n>(mapping: &Mapping, name: &'n str) -> Option<(&'static Subtree, &'n str)> {
    mapping.subtrees.iter().find_map(|subtree| {
        let rest = name.strip_prefix(subtree.prefix)?;
        (rest.is_empty() || rest.starts_with('.')).then_some((subtree, rest))
    })
}
