//! What a log source says of the objects that its records are wrapped in.

/// How a member holds records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holds {
    /// As the objects of an array.
    Array,
    /// As the objects of an array, if one of them has this key. The array's own name is one that others have, too.
    ArrayWith(&'static str),
    /// As an object, as text that is JSON, or as a list of such texts.
    Record,
    /// The same, but only what shows a [sign](EnvelopeTable::signs) of the source. The member's name is one that others
    /// have, too.
    Signed,
    /// The same, or whatever object stands beside this key.
    SignedOrBeside(&'static str),
    /// Like [`Holds::Signed`], as text alone.
    SignedText,
    /// As the text that the object itself was made of: with what is around it, it is one record. Only with a sign.
    Original,
}

/// How a log source's records are recognised among other objects, and what is wrapped around them.
#[derive(Debug)]
pub(crate) struct EnvelopeTable {
    /// Keys that only the source's own records have at their top.
    pub(crate) raw: &'static [&'static str],
    /// A key that they have, too; but so have some envelopes.
    pub(crate) raw_unless_envelope: &'static str,
    /// Fields that only normalised records have.
    pub(crate) normalised: &'static [&'static str],
    /// The members that hold records.
    pub(crate) members: &'static [(&'static str, Holds)],
    /// Keys of envelopes, of which an object under a member's key may have one, or one of those below.
    pub(crate) envelope_keys: &'static [&'static str],
    /// Keys of which an object under a member's key must have one to be more than some object.
    pub(crate) inside: &'static [&'static str],
    /// Keys, or what their names begin with up to a dot, of which it must have one if it is to show a sign as well:
    /// others have them, too.
    pub(crate) inside_signed: &'static [&'static str],
    /// Words of which each of the source's own records, and each text of one, has one.
    pub(crate) signs: &'static [&'static str],
    /// A member, and the key that makes an envelope of an object beside it, whatever the member holds.
    pub(crate) marked: (&'static str, &'static str),
    /// The same of envelopes in which the sender himself says where they come from.
    pub(crate) self_named: (&'static str, &'static str),
    /// What an object with the mark says of where it comes from: source, account, region.
    pub(crate) origin: [&'static str; 3],
    /// How the source's name begins if the log source itself is the sender. Of any other sender's envelope the
    /// inside is anybody's.
    pub(crate) own_sender: &'static str,
    /// What is wrapped around records in a way that isn't opened; the first that fits counts.
    pub(crate) wrapped: &'static [Wrapped],
    /// A key of other sources' records, and what that source is called.
    pub(crate) elsewhere: &'static [(&'static str, &'static str)],
}

/// Something around records that isn't opened.
#[derive(Debug)]
pub(crate) struct Wrapped {
    pub(crate) mark: Mark,
    pub(crate) what: &'static str,
    /// What to do about it.
    pub(crate) hint: &'static str,
}

/// How it is told.
#[derive(Debug)]
pub(crate) enum Mark {
    /// How the value begins, one way or another, of the key that records and envelopes have in common.
    Sender(&'static [&'static str]),
    /// A path that no record has.
    Key(&'static str),
}
