//! Senders that send for several tenants: a field of each record says whose it is, among those that the sender
//! may name.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Tenant;
use crate::config;
use crate::inlets::pick::{follow, pick};

/// The rule of a sender: every record raises an alert, in which the record stands by itself.
pub const RULE: &str = r#"[rule]
rule_id = "tocsin-sender"
name = "Every record"
description = "Finds the records of a body that is parted by tenants"
risk_score = 0
severity = "low"
type = "query"
language = "kuery"
query = "*"
"#;

/// A sender.
pub struct Sender {
    /// Its configuration.
    pub config: config::Sender,
    /// Its limits, its counters, and the rule that finds records: as if it were a tenant without outlets.
    pub limits: Arc<Tenant>,
    field: Vec<String>,
    tenants: BTreeMap<String, Arc<str>>,
}

impl Sender {
    /// A sender that may take what its configuration says.
    pub fn new(config: config::Sender, limits: Arc<Tenant>) -> Sender {
        let field = config.field.split('.').map(str::to_owned).collect();
        let tenants = config.tenants.clone();
        Sender { config, limits, field, tenants }
    }

    /// The tenant of the record that an alert holds, and the record.
    ///
    /// # Errors
    /// Why it is no tenant's.
    pub fn tenant_of<'a>(&self, alert: &'a str) -> Result<(&Arc<str>, &'a str), String> {
        let [record] = pick(alert, ["event"])?.values;
        let record = record.ok_or("it has no record")?;
        let name = &self.config.field;
        let value = follow(record, &self.field)?.ok_or_else(|| format!("it has no {name}"))?;
        let value = match value.starts_with('"') {
            true => serde_json::from_str(value).unwrap_or_default(),
            false => value.to_owned(),
        };
        let tenant = self.tenants.get(&value);
        let tenant =
            tenant.ok_or_else(|| format!("its {name} is none that this sender may name"))?;
        Ok((tenant, record))
    }
}
