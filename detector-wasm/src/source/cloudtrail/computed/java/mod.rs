//! In: an object or array of the record. Out: the text that Java's `toString` makes of it.
//!
//! The ingest pipeline of Elastic's AWS integration holds four objects also as such a text,
//! `{key=value, other={a=b}, list=[x, y]}`, in the key order of `java.util.HashMap`, after cleaning.
//! Elasticsearch doesn't index it beyond 8,191 characters, so a longer text counts as absent; reading
//! stops as soon as what is kept is longer.

mod number;
mod table;
mod tree;

use super::{Inputs, Visit, made, user};
use crate::event::cleaning::says_nothing;
use crate::event::value::Value;
use crate::record::json::{Reader, Token};

/// The longest text that can be searched, in UTF-16 units as Java counts.
const LONGEST: usize = 8_191;

/// The text of the value at the only path.
pub(super) fn string<'a>(inputs: &dyn Inputs<'a>, visit: Visit<'_, 'a>) -> bool {
    let reading = inputs.reading();
    inputs.each(0, &mut |value| match tree::print(&value, reading) {
        Some(text) => visit(made(text)),
        None => false,
    })
}

/// The additional data, and what settles whether its user name moves.
pub(super) const ADDITIONAL_DATA: &[&str] = &[
    "userIdentity.type",
    "userIdentity.userName",
    "userIdentity.sessionContext.sessionIssuer.userName",
    "eventName",
    "additionalEventData.UserName",
    "userIdentity.principalId",
    "userIdentity.onBehalfOf.userId",
    "userIdentity.arn",
    "userIdentity.invokedBy",
    "userIdentity.sessionContext.sessionIssuer.arn",
    "requestParameters.userName",
    "requestParameters.newUserName",
    "responseElements.user.userId",
    "additionalEventData",
];

/// The same of the additional data, without the name that a sign-in gives its user.
pub(super) fn additional_data<'a>(inputs: &dyn Inputs<'a>, visit: Visit<'_, 'a>) -> bool {
    let (reading, moved) = (inputs.reading(), user::sign_in_name_moves(inputs));
    inputs.each(user::PATHS.len(), &mut |value| {
        let text = match &value {
            Value::Object(bytes) if moved => {
                let rest = without(bytes, "UserName");
                let rest = Value::exact(&rest);
                let text = rest.as_ref().and_then(|rest| tree::print(rest, reading));
                let empty = || rest.as_ref().is_some_and(says_nothing).then(|| "{}".to_owned());
                text.or_else(empty)
            }
            other => tree::print(other, reading),
        };
        text.is_some_and(|text| visit(made(text)))
    })
}

/// An object with null in the place of a member's value: the member is gone, its key still counts for the order.
fn without(object: &[u8], name: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(object.len());
    let (mut reader, mut kept) = (Reader::new(object, 0), 0);
    let _ = reader.next();
    while let Ok(Some(Token::Key(key))) = reader.next() {
        let from = reader.position();
        if reader.skip_value().is_err() {
            break;
        }
        let member = object.get(from..reader.position()).unwrap_or_default();
        if key.equals(name) {
            out.extend_from_slice(object.get(kept..from).unwrap_or_default());
            let colon = member.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b':');
            out.extend_from_slice(if colon { b":null" } else { b"null" });
            kept = reader.position();
        }
    }
    out.extend_from_slice(object.get(kept..).unwrap_or_default());
    out
}

/// The length of a text in UTF-16 units.
fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_paths_begin_with_those_of_users() {
        let (users, rest) = ADDITIONAL_DATA.split_at(user::PATHS.len());
        assert_eq!((users, rest), (user::PATHS, &["additionalEventData"][..]));
    }

    #[test]
    fn a_member_goes_and_its_key_stays() {
        for (object, expected) in [
            (
                r#"{"a":1,"UserName":"x","b":{"UserName":2}}"#,
                r#"{"a":1,"UserName":null,"b":{"UserName":2}}"#,
            ),
            (r#"{ "UserName" : [1] }"#, r#"{ "UserName" :null }"#),
            (r#"{}"#, r#"{}"#),
        ] {
            let text = String::from_utf8(without(object.as_bytes(), "UserName")).unwrap();
            assert_eq!(text.replace(" :", ":"), expected.replace(" :", ":"));
        }
    }
}
