//! Alerts in, the first of each rule, user and call, and how many there were, out.

use std::collections::HashMap;

use tocsin_host::scan::AlertInfo;

use super::Shown;

/// How many alerts wait for others of their kind. Whoever writes records may write any number of kinds.
const KEPT: usize = 100_000;

/// Bytes of their lines.
const KEPT_BYTES: usize = 256 << 20;

/// Alerts that stand for others.
#[derive(Default)]
pub(super) struct Dedup {
    places: HashMap<(String, Option<String>, Option<String>), usize>,
    kept: Vec<Kept>,
    bytes: usize,
}

struct Kept {
    info: AlertInfo,
    line: Vec<u8>,
    input: String,
    shares_name: bool,
    count: u64,
    last: Option<i64>,
}

impl Dedup {
    /// Keeps or counts an alert. False if there is no room for more kinds: it is shown at once then.
    pub(super) fn keep(&mut self, shown: &Shown<'_>) -> bool {
        let facts = shown.info.facts.as_deref();
        let user = facts.and_then(|facts| facts.user.clone());
        let call = facts.and_then(|facts| facts.call());
        let key = (shown.info.rule.clone(), user, call);
        if let Some(kept) = self.places.get(&key).and_then(|place| self.kept.get_mut(*place)) {
            kept.count += 1;
            kept.last = kept.last.into_iter().chain(shown.info.time).max();
            return true;
        }
        if self.kept.len() >= KEPT || self.bytes + shown.line.len() > KEPT_BYTES {
            return false;
        }
        self.bytes += shown.line.len();
        self.places.insert(key, self.kept.len());
        self.kept.push(Kept {
            info: shown.info.clone(),
            line: shown.line.to_vec(),
            input: shown.input.to_owned(),
            shares_name: shown.shares_name,
            count: 1,
            last: shown.info.time,
        });
        true
    }

    /// Gives each alert that stands for others, in the order in which their first ones came.
    pub(super) fn each(self, mut show: impl FnMut(&Shown<'_>)) {
        for Kept { info, line, input, shares_name, count, last } in &self.kept {
            let (shares_name, together) = (*shares_name, Some((*count, *last)));
            show(&Shown { info, line, input, shares_name, together });
        }
    }
}
