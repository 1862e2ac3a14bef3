//! The rules that the module has before it is configured.

use super::Document;

/// The documents, as they stand in `rules/builtin`.
pub(crate) const DOCUMENTS: &[Document<'static>] = &[
    Document {
        name: "aws-configuration-recorder-stopped.elastic.toml",
        text: include_str!(
            "../../../rules/builtin/aws-configuration-recorder-stopped.elastic.toml"
        ),
    },
    Document {
        name: "aws-configuration-recorder-stopped.logpresso.toml",
        text: include_str!(
            "../../../rules/builtin/aws-configuration-recorder-stopped.logpresso.toml"
        ),
    },
];
