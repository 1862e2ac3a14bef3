//! A configuration in; out the key by which what a module has made of it is kept between runs.

use sha2::{Digest, Sha256};

use super::{Configuration, Options};
use crate::sandbox::Module;

/// Bytes of rules that take so long to read that keeping them pays.
const WORTH_KEEPING: usize = 256 << 10;

/// The key, if the rules are many. The time is no part of it: where it matters, nothing is kept.
pub(super) fn key(module: &Module, configuration: &Configuration) -> Option<[u8; 32]> {
    let Configuration { rules, add, options, skip_broken } = configuration;
    let documents = || rules.iter().flatten().chain(add);
    if documents().map(|document| document.text.len()).sum::<usize>() < WORTH_KEEPING {
        return None;
    }
    let options = options.clone().map(|options| Options { now: None, ..options });
    let mut hasher = Sha256::new();
    let mut part = |text: &[u8]| {
        hasher.update((text.len() as u64).to_le_bytes());
        hasher.update(text);
    };
    part(module.sha256().as_bytes());
    part(&serde_json::to_vec(&(rules.as_ref().map(Vec::len), options, skip_broken)).ok()?);
    for document in documents() {
        part(document.name.as_bytes());
        part(document.text.as_bytes());
    }
    Some(hasher.finalize().into())
}
