//! What is known of a log source, as plain data: one folder a source, and nothing about it anywhere else.
#![forbid(unsafe_code)]

mod cloudtrail;

use std::borrow::Cow;

use crate::event::envelope::EnvelopeTable;
use crate::event::mapping::Mappings;

pub(crate) use cloudtrail::{LIST_IN_OBJECT, LIST_KEYS, OTHER_LIST_KEYS, RECORD_KEYS};

/// The log source whose records are judged.
pub(crate) static SOURCE: &LogSource = &cloudtrail::CLOUDTRAIL;

/// All that is known of a log source.
#[derive(Debug)]
pub(crate) struct LogSource {
    /// Which fields its records have.
    pub(crate) mappings: Mappings,
    /// How its records are recognised among other objects, and what is wrapped around them.
    pub(crate) envelopes: EnvelopeTable,
    /// What its events are called.
    pub(crate) event_names: EventNames,
    pub(crate) sigma: SigmaTable,
    pub(crate) alert: AlertTable,
    pub(crate) facts: FactsTable,
    pub(crate) ocsf: OcsfTable,
    /// What about every record holds, whatever it is about: how common four bytes are in records.
    pub(crate) sample: &'static str,
    /// What the keys of its records mean, by their paths.
    pub(crate) meanings: &'static [(&'static str, &'static str)],
    /// What is known of the values of fields, in any language.
    pub(crate) values: &'static [FieldValues],
    /// How the names of the fields begin that Elastic's integration has for this source alone, and what the names of
    /// the indices hold that it writes to.
    pub(crate) own_fields: &'static str,
    pub(crate) index: &'static str,
    /// The state of the vendor's pipeline that the mapping to ECS follows.
    pub(crate) mapping_version: &'static str,
    /// How the names of services end. One such name stands in about every record of its service.
    pub(crate) service_suffix: &'static str,
}

/// The names of events, which the source writes in one way each.
#[derive(Debug)]
pub(crate) struct EventNames {
    /// What the languages call the field that holds the event's name.
    pub(crate) fields: &'static [&'static str],
    /// Known names, sorted by their names in lower case. A source may have more.
    pub(crate) known: &'static [&'static str],
}

/// Rules of Sigma for the source.
#[derive(Debug)]
pub(crate) struct SigmaTable {
    /// The `product` and `service` of their `logsource`.
    pub(crate) product: &'static str,
    pub(crate) service: &'static str,
    /// The keys that every record has at its top.
    pub(crate) marks: &'static [&'static str],
    /// The keys that a record may have at its top.
    pub(crate) top_keys: &'static [&'static str],
    /// What an alert shows of a record for a rule that names no fields.
    pub(crate) output: &'static [&'static str],
}

/// The ECS fields that an alert's id is made of.
#[derive(Debug)]
pub(crate) struct AlertTable {
    /// The fields that identify an event within its account.
    pub(crate) event_id: &'static str,
    /// The account that the log belongs to, and where a record doesn't say it, the caller's.
    pub(crate) accounts: [&'static str; 2],
}

/// Who did what from where, as ECS fields.
#[derive(Debug)]
pub(crate) struct FactsTable {
    /// The fields that say who called, and how that is said of their values.
    pub(crate) user: [&'static str; 5],
    pub(crate) user_of: fn(&[Option<Cow<'_, str>>; 5]) -> Option<String>,
    pub(crate) error: &'static str,
}

/// What OCSF's Detection Finding needs beyond the fields that ECS has for every source.
#[derive(Debug)]
pub(crate) struct OcsfTable {
    /// The cloud's provider in ECS and in OCSF.
    pub(crate) provider: (&'static str, &'static str),
    /// `account.type_id` and `account.type`.
    pub(crate) account_type: (u8, &'static str),
    /// The types of users that OCSF has a number for; all others are 99, Other.
    pub(crate) user_types: &'static [(&'static str, u8)],
    // The rest are ECS fields.
    pub(crate) api_version: &'static str,
    pub(crate) request_id: &'static str,
    pub(crate) error_code: &'static str,
    pub(crate) error_message: &'static str,
    pub(crate) user_type: &'static str,
    pub(crate) user_arn: &'static str,
    pub(crate) access_key: &'static str,
    pub(crate) invoked_by: &'static str,
    pub(crate) session_created: &'static str,
    pub(crate) session_mfa: &'static str,
    pub(crate) session_issuer: &'static str,
    /// The resources as objects: of a raw record, and of a normalised one.
    pub(crate) raw_resources: ResourceKeys,
    pub(crate) ecs_resources: ResourceKeys,
}

/// Where a list of resources is, and the keys of each of them.
#[derive(Debug)]
pub(crate) struct ResourceKeys {
    pub(crate) field: &'static str,
    pub(crate) uid: &'static str,
    pub(crate) account: &'static str,
}

/// What is known of the values of fields; each of them has one value at most.
#[derive(Debug)]
pub(crate) struct FieldValues {
    /// What the languages call the fields.
    pub(crate) fields: &'static [&'static str],
    pub(crate) values: Values,
}

/// Which values there are.
#[derive(Debug)]
pub(crate) enum Values {
    /// These and no others.
    Only(&'static [&'static str]),
    /// These, and there may be others.
    Known(&'static [&'static str]),
    /// There is one, and nothing else is known.
    One,
}

impl Values {
    /// The values that are known.
    pub(crate) fn list(&self) -> &'static [&'static str] {
        match self {
            Values::Only(list) | Values::Known(list) => list,
            Values::One => &[],
        }
    }
}

impl FieldValues {
    /// Whether a value is a known one, case or no case.
    pub(crate) fn has(&self, text: &str) -> bool {
        self.values.list().iter().any(|known| known.eq_ignore_ascii_case(text))
    }

    /// Whether one of the values marks the record as this source's.
    pub(crate) fn is_telling(&self) -> bool {
        matches!(self.values, Values::Known(_))
    }
}

impl LogSource {
    /// The names of the data set that the source's records are in.
    pub(crate) fn datasets(&self) -> Option<&'static FieldValues> {
        self.values.iter().find(|values| values.fields.contains(&"data_stream.dataset"))
    }

    /// What a path of a record means, if that is known.
    pub(crate) fn meaning(&self, path: &str) -> Option<&'static str> {
        self.meanings.iter().find(|(known, _)| *known == path).map(|(_, meaning)| *meaning)
    }

    /// What is known of the values of a field of any language.
    pub(crate) fn values_of(&self, field: &str) -> Option<&'static FieldValues> {
        self.values.iter().find(|values| values.fields.contains(&field))
    }
}
