//! In: how much memory a piece of work may take at once. Out: whether there is so much.
//!
//! Running out of memory inside of an allocation ends a module by a trap. So work asks first, where bytes of a
//! record or of a document decide how much it takes, and says in its answer what had no room.

/// What a call may take beside what its argument makes it take.
pub(crate) const CALL: usize = 64 << 10;

/// What the vocabulary takes; a test holds it to that.
pub(crate) const VOCABULARY: usize = 128 << 10;

/// What loading the embedded rules takes.
pub(crate) const EMBEDDED_RULES: usize = 448 << 10;

/// What loading rules may take for each byte of their documents.
const FOR_A_BYTE_OF_RULES: usize = 8;

/// What a word of a document may become at most while it is read: a token, a node, a field with its paths.
const FOR_A_WORD: usize = 256;

/// What finding the rules takes for each byte of all documents.
const FOR_A_BYTE_OF_INDEX: usize = 4;

/// Up to here it takes longer to see what a record needs than to ask for the most that it may.
const SMALL: usize = 16 << 10;

/// What the fields of an alert take at most.
const FIELDS: usize = 2 << 20;

/// Whether so many bytes are there together. They are given back at once, for those who asked.
pub(crate) fn is_there_for(bytes: usize) -> bool {
    Vec::<u8>::new().try_reserve_exact(bytes).is_ok()
}

/// Whether rules of so many bytes can be loaded, as far as that is known before.
pub(crate) fn is_there_for_rules(document: usize) -> bool {
    is_there_for(document.saturating_mul(FOR_A_BYTE_OF_RULES).saturating_add(EMBEDDED_RULES))
}

/// Whether a document can be read. A small one always can, where there is room for all rules.
pub(crate) fn is_there_for_document(text: &str) -> bool {
    if text.len() <= SMALL {
        return true;
    }
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte >= 0x80;
    let pairs = text.bytes().zip(text.bytes().skip(1));
    let words = pairs.filter(|(one, next)| is_word(*one) && !is_word(*next)).count();
    is_there_for(words.saturating_mul(FOR_A_WORD))
}

/// Whether rules of documents of so many bytes, which have been loaded, can be made ready to be found.
pub(crate) fn is_there_for_index(documents: usize) -> bool {
    documents <= SMALL || is_there_for(documents.saturating_mul(FOR_A_BYTE_OF_INDEX))
}

/// Whether a record can be judged: with copies of its texts, decoded and in one case. Only what isn't plain is
/// decoded at all, and only a byte that is no UTF-8 becomes a character of three.
pub(crate) fn is_there_for_record(record: &[u8]) -> bool {
    let times = match record {
        _ if record.len() <= SMALL => 5,
        _ if !record.is_ascii() => 5,
        _ if record.contains(&b'\\') => 3,
        _ => 1,
    };
    is_there_for(record.len().saturating_mul(times).saturating_add(CALL))
}

/// How many bytes an alert about a record may take: the record's copy, in which a control character becomes an
/// escape of six, and its fields, which are bounded.
pub(crate) fn of_alert(record: &[u8]) -> usize {
    let copy = match record.len() {
        0..=SMALL => record.len().saturating_mul(6),
        large => {
            let odd = record.iter().filter(|byte| !(0x20..0x80).contains(*byte)).count();
            large.saturating_add(odd.saturating_mul(5))
        }
    };
    let fields = record.len().saturating_mul(2).min(FIELDS);
    copy.saturating_add(fields).saturating_add(16_384)
}

/// A text that grows while there is memory, and then says so.
pub(crate) struct Growing<'o>(pub(crate) &'o mut Vec<u8>);

impl std::io::Write for Growing<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.try_reserve(bytes.len()).map_err(|_| std::io::ErrorKind::OutOfMemory)?;
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
