//! In: the keys of an object in their order. Out: the order in which `java.util.HashMap` lists them.

/// The table of a `HashMap` as it grows.
#[derive(Debug)]
pub(super) struct Table {
    keys: usize,
    buckets: u32,
    /// The hashes so far, while the table is small.
    early: Vec<u32>,
}

/// From this number of buckets on, a crowded bucket doesn't make the table grow.
const LARGE: u32 = 64;
/// A bucket with so many keys is crowded: one more makes a small table grow.
const CROWD: usize = 8;

impl Table {
    pub(super) fn new() -> Table {
        Table { keys: 0, buckets: 16, early: Vec::new() }
    }

    /// Adds a key that isn't there yet.
    pub(super) fn insert(&mut self, hash: u32) {
        if self.buckets < LARGE {
            let bucket = self.bucket(hash);
            let crowd = self.early.iter().filter(|other| self.bucket(**other) == bucket).count();
            self.early.push(hash);
            if crowd >= CROWD {
                self.grow();
            }
        }
        self.keys += 1;
        if self.keys > self.buckets as usize / 4 * 3 {
            self.grow();
        }
    }

    /// The bucket that a key of this hash is in. Keys are listed by bucket, and in one bucket in the
    /// order in which they came. (Java reorders a large table's crowded bucket; that takes nine keys
    /// made to collide, and isn't followed here.)
    pub(super) fn bucket(&self, hash: u32) -> u32 {
        (hash ^ (hash >> 16)) & (self.buckets - 1)
    }

    fn grow(&mut self) {
        self.buckets = self.buckets.checked_mul(2).unwrap_or(self.buckets);
    }
}

/// `java.lang.String.hashCode`.
pub(super) fn hash(text: &str) -> u32 {
    text.encode_utf16()
        .fold(0, |hash: u32, unit| hash.wrapping_mul(31).wrapping_add(u32::from(unit)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_javas() {
        // What Java's String.hashCode gave.
        for (text, expected) in [
            ("", 0),
            ("a", 97),
            ("Aa", 2_112),
            ("BB", 2_112),
            ("configurationRecorderName", 1_706_823_807),
            ("ключ", 33_309_882),
            ("😀", 1_772_899),
        ] {
            assert_eq!(hash(text), expected, "{text}");
        }
    }

    #[test]
    fn the_table_grows_at_three_quarters() {
        let mut table = Table::new();
        let sizes: Vec<u32> = (0..26)
            .map(|hash| {
                table.insert(hash);
                table.buckets
            })
            .collect();
        assert_eq!((sizes[11], sizes[12], sizes[23], sizes[24]), (16, 32, 32, 64));
    }

    #[test]
    fn a_small_table_grows_when_a_bucket_is_crowded() {
        let mut table = Table::new();
        (0..8).for_each(|_| table.insert(7));
        assert_eq!(table.buckets, 16);
        table.insert(7);
        assert_eq!(table.buckets, 32);
        table.insert(7);
        table.insert(7);
        assert_eq!(table.buckets, 64);
    }
}
