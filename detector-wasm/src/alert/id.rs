//! In: an event and a rule. Out: the alert's id, the same however often the record is delivered.

use hmac_sha256::Hash;

use super::Alert;
use crate::event::capture::Duplicates;
use crate::event::view::Shape;

/// What ids have in common that are of one reading of one record: worked out once for all of its alerts.
#[derive(Default)]
pub(crate) struct Identity(Option<(Shape, Duplicates, Hash)>);

impl Identity {
    fn of(&mut self, alert: &Alert<'_>) -> Hash {
        let (shape, duplicates) = (alert.event.shape, alert.event.duplicates);
        match &self.0 {
            Some((known, order, hash)) if (*known, *order) == (shape, duplicates) => *hash,
            _ => {
                let hash = of_record(alert);
                self.0 = Some((shape, duplicates, hash));
                hash
            }
        }
    }
}

/// SHA-256 over the account, the event's id and the rule's id, or over the record's bytes and the rule's id
/// where the record has no id. Each part is a netstring, so that parts can't run into each other.
pub(super) fn digest(alert: &Alert<'_>, identity: &mut Identity) -> [u8; 32] {
    let mut hash = identity.of(alert);
    part(&mut hash, alert.rule.id.as_bytes());
    hash.finalize()
}

#[inline(never)] // a frame of its own, live only while it runs
fn of_record(alert: &Alert<'_>) -> Hash {
    let mut hash = Hash::new();
    match alert.event_id() {
        Some(event) => {
            let account = alert.fields.accounts.iter().find_map(|field| alert.text_of(*field));
            hash.update("tocsin-event:");
            part(&mut hash, account.as_deref().unwrap_or_default().as_bytes());
            part(&mut hash, event.as_bytes());
        }
        None => {
            hash.update("tocsin-record:");
            part(&mut hash, alert.record);
        }
    }
    hash
}

fn part(hash: &mut Hash, bytes: &[u8]) {
    hash.update(bytes.len().to_string());
    hash.update(":");
    hash.update(bytes);
    hash.update(",");
}
