//! In: the name of a rule's language. Out: whose field names its query uses.

/// The names that a rule's query uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Vocabulary {
    /// Elastic Common Schema, as Elastic's integration fills it.
    Ecs,
    /// The names that Logpresso gives to a record's keys.
    Logpresso,
    /// The record's own keys.
    Raw,
}

impl Vocabulary {
    /// Whether values that say nothing (`""`, `-`, `none`, empty containers) count as absent in a raw
    /// record, as the ingest pipeline of Elastic's integration has it.
    pub(crate) fn cleans(self) -> bool {
        self == Vocabulary::Ecs
    }
}
