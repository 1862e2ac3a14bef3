//! All that is known of AWS CloudTrail: nothing outside this folder names one of its keys.

mod computed;
mod ecs;
mod envelopes;
mod event_names;
mod facts;
mod logpresso;
mod meanings;
mod ocsf;
mod sample;
mod sigma;
mod values;

#[cfg(test)]
mod docs_check;
#[cfg(test)]
mod tests;

use super::{AlertTable, LogSource};
use crate::event::mapping::{Mapping, Mappings};

/// Keys whose array holds records, where they are the first of a document.
pub(crate) use envelopes::{LIST_IN_OBJECT, LIST_KEYS, OTHER_LIST_KEYS, RECORD_KEYS};

pub(crate) static CLOUDTRAIL: LogSource = LogSource {
    mappings: Mappings {
        source: "CloudTrail",
        example_path: "requestParameters.userName",
        ecs: Mapping { rows: ecs::TABLE, subtrees: ecs::SUBTREES, maps: &[] },
        logpresso: Mapping { rows: logpresso::TABLE, subtrees: &[], maps: logpresso::MAPS },
    },
    envelopes: envelopes::TABLE,
    event_names: event_names::TABLE,
    sigma: sigma::TABLE,
    alert: AlertTable {
        event_id: "event.id",
        accounts: ["aws.cloudtrail.recipient_account_id", "cloud.account.id"],
    },
    facts: facts::TABLE,
    ocsf: ocsf::TABLE,
    sample: sample::RECORDS,
    meanings: meanings::TABLE,
    values: values::TABLE,
    own_fields: "aws.cloudtrail.",
    index: "cloudtrail",
    mapping_version: ecs::VERSION,
    service_suffix: ".amazonaws.com",
};
