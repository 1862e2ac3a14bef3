//! In: what a clause asks of a value. Out: which values pass, in terms that no language owns. The prefilter, the
//! index of rules and the lints plan with this, and know no language.

use super::decimal::Decimal;
use super::regex::Regex;
use crate::pattern::{Case, Pattern};

/// Which values pass a test.
pub(crate) enum Accepted<'t> {
    /// All of them, null too. A field that isn't there doesn't pass.
    Present,
    /// Texts of a list, and maybe numbers.
    Texts(AcceptedTexts<'t>),
    /// Texts, and maps as their JSON, in which one of the expressions matches.
    Regexes(&'t [Regex]),
    /// Values of which there is no list. A field without a value doesn't pass.
    SomeValue,
    /// There is no list, and a field without a value may pass.
    Unknown,
}

/// Texts of which one is enough.
pub(crate) struct AcceptedTexts<'t> {
    /// Whole texts.
    pub(crate) exact: &'t [String],
    /// Patterns for whole texts.
    pub(crate) patterns: &'t [Pattern],
    /// Whether all of them are in lower case, and are compared with the lower case of a value.
    pub(crate) folded: bool,
    /// Whether a map or an array passes by its JSON.
    pub(crate) shown: bool,
    /// Which numbers pass.
    pub(crate) numbers: Numbers<'t>,
}

/// Which numbers pass beside texts.
#[derive(Clone, Copy)]
pub(crate) enum Numbers<'t> {
    /// Those whose text passes.
    AsTexts,
    /// Also those that equal a whole text which is a number, however they are written.
    EqualTexts,
    /// Also these, however they are written.
    Also(&'t [Decimal]),
}

impl<'t> AcceptedTexts<'t> {
    /// Patterns alone, compared as each of them says.
    pub(super) fn patterns(patterns: &'t [Pattern]) -> AcceptedTexts<'t> {
        let numbers = Numbers::AsTexts;
        AcceptedTexts { exact: &[], patterns, folded: false, shown: false, numbers }
    }

    /// How letters of whole texts are compared.
    pub(crate) fn exact_case(&self) -> Case {
        if self.folded { Case::Insensitive } else { Case::Sensitive }
    }

    /// How letters of a pattern are compared.
    pub(crate) fn case_of(&self, pattern: &Pattern) -> Case {
        if self.folded { Case::Insensitive } else { pattern.case() }
    }

    /// Whether no number passes that isn't written as one of the texts.
    pub(crate) fn has_texts_alone(&self) -> bool {
        matches!(self.numbers, Numbers::AsTexts)
    }

    /// The whole texts that pass only in this case of their letters; patterns without wildcards are such texts.
    pub(crate) fn cased(&self) -> Vec<&'t str> {
        if self.folded {
            return Vec::new();
        }
        let cased = self.patterns.iter().filter(|pattern| pattern.case() == Case::Sensitive);
        let exact = self.exact.iter().map(String::as_str);
        exact.chain(cased.filter_map(Pattern::literal)).collect()
    }
}
