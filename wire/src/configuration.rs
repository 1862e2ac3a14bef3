//! What `configure` takes, and what it answers.

use serde::{Deserialize, Serialize};

use crate::options::changed;
use crate::{Diagnostic, Options};

/// Rules and options for a module. What is left out stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Configuration {
    /// Replaces the module's rules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<Vec<Document>>,
    /// Joins rules to those the module has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub add: Vec<Document>,
    /// Replaces the options, all of them: what isn't named has its default.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "changed")]
    pub options: Option<Options>,
    /// Whether what has errors is left out, instead of nothing being changed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub skip_broken: bool,
}

/// A rule document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// What diagnostics call it.
    pub name: String,
    /// Its whole text.
    pub text: String,
}

/// The answer to a configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Configured {
    /// Rules that the module now holds; none where the configuration was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<usize>,
    /// Whether exceptions of the rules end at some time, so that the same documents may be other rules later.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dated_exceptions: bool,
    /// Warnings, or errors.
    pub diagnostics: Vec<Diagnostic>,
}

#[cfg(test)]
mod tests {
    use super::{Configuration, Document};
    use crate::{Format, Options};

    #[test]
    fn what_has_its_default_is_not_written() {
        let text = |configuration: &Configuration| serde_json::to_string(configuration).unwrap();
        assert_eq!(text(&Configuration::default()), "{}");
        let options = Options { format: Format::Ecs, ..Options::default() };
        let add = vec![Document { name: "a".into(), text: "b".into() }];
        let configuration =
            Configuration { add, options: Some(options), ..Configuration::default() };
        let expected = r#"{"add":[{"name":"a","text":"b"}],"options":{"format":"ecs"}}"#;
        assert_eq!(text(&configuration), expected);
        assert_eq!(serde_json::from_str::<Configuration>(expected).unwrap(), configuration);
        let none = Configuration { options: Some(Options::default()), ..Configuration::default() };
        assert_eq!(text(&none), r#"{"options":{}}"#);
    }

    #[test]
    fn an_unknown_key_is_an_error() {
        for text in [r#"{"rule":[]}"#, r#"{"options":{"fromat":"ecs"}}"#] {
            assert!(serde_json::from_str::<Configuration>(text).is_err(), "{text}");
        }
    }
}
