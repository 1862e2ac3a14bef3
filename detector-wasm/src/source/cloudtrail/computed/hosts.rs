//! In: whatever of a record names a machine. Out: the machines' names and ids.

use std::collections::BTreeSet;

use super::{Inputs, Visit, made, tls};
use crate::event::value::Value;

pub(super) const PATHS: &[&str] = &[
    tls::VERSION,
    "tlsDetails.clientProvidedHostHeader",
    "sourceIPAddress",
    "requestParameters.computerName",
    "resources",
    "requestParameters.instanceId",
    "requestParameters.target",
    "requestParameters.resourceId",
    "requestParameters.instanceIds",
    "requestParameters.instancesSet.items.instanceId",
    "responseElements.instanceId",
    "responseElements.target",
    "responseElements.resourceId",
    "responseElements.instanceIds",
    "responseElements.instancesSet.items.instanceId",
];

const SOURCE: usize = 2;
const COMPUTER: usize = 3;
const RESOURCES: usize = 4;
const INSTANCES: std::ops::Range<usize> = 5..15;

/// How the names of AWS's own hosts end.
const SERVICE: &str = ".amazonaws.com";

/// How long an instance's id is at least.
const ID: usize = 10;

pub(super) fn related<'a>(inputs: &dyn Inputs<'a>, visit: Visit<'_, 'a>) -> bool {
    let mut seen = BTreeSet::new();
    let mut once = |text: &str| seen.insert(text.to_owned()) && visit(made(text.to_owned()));
    let mut found = false;
    tls::detail(inputs, &mut |host| {
        let host = host.text().unwrap_or_default();
        found = !host.ends_with(SERVICE) && once(&host);
        found
    });
    found = found
        || inputs.singles(SOURCE, &mut |source| {
            let source = source.text().unwrap_or_default();
            let named = source.parse::<std::net::IpAddr>().is_err()
                && source.contains('.')
                && !source.contains(' ')
                && !source.ends_with(SERVICE);
            named && once(&source)
        })
        || inputs.singles(COMPUTER, &mut |name| once(&name.text().unwrap_or_default()));
    if found {
        return true;
    }
    let reading = inputs.reading();
    let in_resource = inputs.singles(RESOURCES, &mut |resource| {
        let arn = super::resource::arn(&resource, reading);
        let arn = arn.and_then(|arn| arn.text().map(|text| text.into_owned())).unwrap_or_default();
        match (arn.contains(":instance/"), arn.rsplit_once('/')) {
            (true, Some((_, id))) => is_instance(id) && once(id),
            _ => false,
        }
    });
    in_resource
        || INSTANCES.clone().any(|place| {
            inputs.singles(place, &mut |id| match id {
                Value::Text(text) => {
                    let text = text.decode();
                    is_instance(&text) && once(&text)
                }
                _ => false,
            })
        })
}

fn is_instance(id: &str) -> bool {
    id.starts_with("i-") && id.chars().count() >= ID
}
