//! In: a record's identity and request. Out: who acted, and whom the call was about.

use std::collections::BTreeSet;

use super::inputs::{Part, choose};
use super::{Inputs, Visit, made};

pub(super) const NAME: &[&str] = &[
    "userIdentity.type",
    "userIdentity.userName",
    "userIdentity.sessionContext.sessionIssuer.userName",
    "eventName",
    "additionalEventData.UserName",
];

pub(super) const ID: &[&str] =
    &["userIdentity.type", "userIdentity.principalId", "userIdentity.onBehalfOf.userId"];

pub(super) const CHANGES: &[&str] =
    &["userIdentity.type", "userIdentity.arn", "requestParameters.newUserName"];

pub(super) const RELATED: &[&str] = &[
    "requestParameters.userName",
    "requestParameters.newUserName",
    "responseElements.user.userId",
    "userIdentity.type",
    "userIdentity.userName",
    "userIdentity.sessionContext.sessionIssuer.userName",
    "eventName",
    "additionalEventData.UserName",
    "userIdentity.principalId",
    "userIdentity.onBehalfOf.userId",
    "userIdentity.arn",
];

/// Where the paths of the three fields are among [`RELATED`].
const NAME_IN_RELATED: &[usize] = &[3, 4, 5, 6, 7];
const ID_IN_RELATED: &[usize] = &[3, 8, 9];
const CHANGES_IN_RELATED: &[usize] = &[3, 10, 1];

/// The user's own name; of an assumed role or a federated user the session issuer's.
pub(super) fn name<'a>(inputs: &dyn Inputs<'a>, visit: Visit<'_, 'a>) -> bool {
    let places: &[usize] = match (has_session(inputs), inputs.is(3, "UserAuthentication")) {
        (true, true) => &[2, 1, 4],
        (true, false) => &[2, 1],
        (false, true) => &[1, 4],
        (false, false) => &[1],
    };
    choose(inputs, places, visit)
}

/// The principal's id; an Identity Center user may only have the one it acts for.
pub(super) fn id<'a>(inputs: &dyn Inputs<'a>, visit: Visit<'_, 'a>) -> bool {
    let places: &[usize] = if inputs.is(0, "IdentityCenterUser") { &[1, 2] } else { &[1] };
    choose(inputs, places, visit)
}

/// The user's name where it is an e-mail address.
pub(super) fn email<'a>(inputs: &dyn Inputs<'a>, visit: Visit<'_, 'a>) -> bool {
    name(inputs, &mut |value| {
        let has_at = |text: &str| text.chars().skip(1).any(|letter| letter == '@');
        value.text().is_some_and(|text| has_at(&text)) && visit(value)
    })
}

/// The name that a user gets, or that a session was given.
pub(super) fn changes<'a>(inputs: &dyn Inputs<'a>, visit: Visit<'_, 'a>) -> bool {
    if inputs.has(2) {
        return inputs.singles(2, visit);
    }
    has_session(inputs)
        && inputs.singles(1, &mut |arn| match arn.text().as_deref().and_then(session) {
            Some(session) => visit(made(session.to_owned())),
            None => false,
        })
}

/// All of them, once.
pub(super) fn related<'a>(inputs: &dyn Inputs<'a>, visit: Visit<'_, 'a>) -> bool {
    let mut seen = BTreeSet::new();
    let mut once = |value: crate::event::Value<'a>| {
        value.text().is_some_and(|text| seen.insert(text)) && visit(value)
    };
    (0..3).any(|place| inputs.singles(place, &mut once))
        || id(&Part { inputs, places: ID_IN_RELATED }, &mut once)
        || name(&Part { inputs, places: NAME_IN_RELATED }, &mut once)
        || changes(&Part { inputs, places: CHANGES_IN_RELATED }, &mut once)
}

/// Whether the identity is a session that somebody else issued.
fn has_session(inputs: &dyn Inputs<'_>) -> bool {
    inputs.is(0, "AssumedRole") || inputs.is(0, "FederatedUser")
}

/// The name of the session at the end of its ARN.
fn session(arn: &str) -> Option<&str> {
    let sts = arn.starts_with("arn:aws:sts:") || arn.starts_with("arn:aws-us-gov:sts:");
    let (_, session) = arn.rsplit_once('/')?;
    (sts && !session.is_empty()).then_some(session)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_related_are_the_fields_paths() {
        for (part, places) in
            [(NAME, NAME_IN_RELATED), (ID, ID_IN_RELATED), (CHANGES, CHANGES_IN_RELATED)]
        {
            let paths: Vec<_> = places.iter().map(|place| RELATED[*place]).collect();
            assert_eq!(paths, part);
        }
    }
}
