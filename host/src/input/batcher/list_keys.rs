//! The keys of a large document's objects in, whether the array under them holds records out.

use tocsin_wire::{RecordKeys, Text};

/// Whether the array under these keys, from the top of a large document, holds one record an element.
pub(super) fn is_list(keys: &[Key], known: &RecordKeys) -> bool {
    let is = |path: &[Text]| {
        path.len() == keys.len() && path.iter().zip(keys).all(|(name, key)| key.is(name))
    };
    known.lists.iter().any(|name| is(std::slice::from_ref(name)))
        || known.lists_of_large.iter().any(|path| is(path))
}

/// Objects inside each other in which lists are looked for.
pub(super) const LEVELS: usize = 2;

/// Bytes of a key that are kept: more than a list's has.
const KEY_BYTES: usize = 24;

// The opening of the list under them has room before a batch.
const _: () = assert!(LEVELS * (KEY_BYTES + r#"{"":"#.len()) < super::HEAD);

/// An object's key, as far as it could be a list's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Key {
    bytes: [u8; KEY_BYTES],
    length: usize,
}

impl Key {
    pub(super) fn clear(&mut self) {
        self.length = 0;
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    fn is(&self, name: &str) -> bool {
        self.bytes() == name.as_bytes()
    }

    pub(super) fn add(&mut self, bytes: &[u8]) {
        for (slot, byte) in self.bytes.iter_mut().skip(self.length).zip(bytes) {
            *slot = *byte;
            self.length += 1;
        }
    }
}
