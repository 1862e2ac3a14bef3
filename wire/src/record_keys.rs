//! How records of a module's log source are told from other objects by their first bytes.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// A text that a module has built in, and a host has read.
pub type Text = Cow<'static, str>;

/// The keys by which records, and lists of records, are recognised. A host that looks for records itself takes them from
/// the module's description, so that both see the same ones.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordKeys {
    /// How nearly all records begin: what begins so is one, without a look at its keys. Empty if they don't begin alike.
    #[serde(default)]
    pub usual: Text,
    /// Keys that only a record has at its top: an object with one of them is one record, whatever else it holds.
    #[serde(default)]
    pub records: Cow<'static, [Text]>,
    /// Keys whose array holds records, where they are the first of a document.
    #[serde(default)]
    pub lists: Cow<'static, [Text]>,
    /// The same in a document of any size: keys from its top on, which other sources' records have in small ones, too.
    #[serde(default)]
    pub lists_of_large: Cow<'static, [Cow<'static, [Text]>]>,
    /// Keys whose value may be a record written as a text. An object with one of them is then an envelope of that record
    /// alone, unless one of `records`, `lists`, `texts` or `beside` stands beside it.
    #[serde(default)]
    pub texts: Cow<'static, [Text]>,
    /// Keys beside which such a text isn't all that the object is, alone or as the first part of a key with dots: other
    /// records, or what a shipper has made of this one.
    #[serde(default)]
    pub beside: Cow<'static, [Text]>,
    /// How the values of keys begin that no record has: what has one of them is something else that looks like a record,
    /// and has to be read to be told.
    #[serde(default)]
    pub foreign: Cow<'static, [(Text, Text)]>,
}
