//! In: a record's identity and request. Out: who acted, for whom, and whom the call was about.

use std::collections::BTreeSet;

use super::inputs::choose;
use super::{Inputs, Visit, made};
use crate::event::value::Value;

/// The paths that all of these fields read; the constants below are their places.
pub(super) const PATHS: &[&str] = &[
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
];

const TYPE: usize = 0;
const USER_NAME: usize = 1;
const ISSUER_NAME: usize = 2;
const EVENT_NAME: usize = 3;
const SIGN_IN_NAME: usize = 4;
const PRINCIPAL: usize = 5;
const ON_BEHALF_OF: usize = 6;
const ARN: usize = 7;
const INVOKED_BY: usize = 8;
const ISSUER_ARN: usize = 9;
const REQUESTED_NAMES: [usize; 3] = [10, 11, 12];

/// What stands in the path of a role that belongs to a service.
const SERVICE_ROLE: &str = ":role/aws-service-role/";

/// The service that acts, if it is no user who does: an AWSService, or a role that is linked to one.
pub(super) fn service<'a>(inputs: &dyn Inputs<'a>, visit: Visit<'_, 'a>) -> bool {
    if inputs.is(TYPE, "AWSService") {
        return inputs.singles(INVOKED_BY, visit);
    }
    match linked_service(inputs) {
        Some(_) if inputs.has(INVOKED_BY) => inputs.singles(INVOKED_BY, visit),
        Some(Some(name)) => visit(made(name)),
        _ => false,
    }
}

/// The service in the issuer's path, if the session is that of a linked role.
fn linked_service(inputs: &dyn Inputs<'_>) -> Option<Option<String>> {
    if !inputs.is(TYPE, "AssumedRole") {
        return None;
    }
    let mut found = None;
    inputs.singles(ISSUER_ARN, &mut |arn| {
        let text = arn.text().unwrap_or_default();
        found = text.split_once(SERVICE_ROLE).map(|(_, rest)| {
            rest.split_once('/').map(|(name, _)| name.to_owned()).filter(|name| !name.is_empty())
        });
        found.is_some()
    });
    found
}

/// The user's own name; of a session its issuer's; of a service none. A sign-in names its user beside.
pub(super) fn name<'a>(inputs: &dyn Inputs<'a>, visit: Visit<'_, 'a>) -> bool {
    match name_in_identity(inputs) {
        Some(place) => inputs.singles(place, visit),
        None if inputs.is(EVENT_NAME, "UserAuthentication") => inputs.singles(SIGN_IN_NAME, visit),
        None => false,
    }
}

/// Where the identity holds the user's name.
fn name_in_identity(inputs: &dyn Inputs<'_>) -> Option<usize> {
    if service(inputs, &mut |_| true) {
        return None;
    }
    let issued = inputs.is(TYPE, "AssumedRole") || inputs.is(TYPE, "FederatedUser");
    let places: &[usize] = if issued { &[ISSUER_NAME, USER_NAME] } else { &[USER_NAME] };
    places.iter().copied().find(|place| inputs.has(*place))
}

/// Whether a sign-in's name is the user's, and so no longer among the additional data.
pub(super) fn sign_in_name_moves(inputs: &dyn Inputs<'_>) -> bool {
    inputs.is(EVENT_NAME, "UserAuthentication")
        && inputs.has(SIGN_IN_NAME)
        && name_in_identity(inputs).is_none()
}

/// A sign-in's name where it stays among the additional data.
pub(super) fn sign_in_name<'a>(inputs: &dyn Inputs<'a>, visit: Visit<'_, 'a>) -> bool {
    !sign_in_name_moves(inputs) && inputs.singles(SIGN_IN_NAME, visit)
}

/// The principal's id; an Identity Center user may only have the one it acts for.
pub(super) fn id<'a>(inputs: &dyn Inputs<'a>, visit: Visit<'_, 'a>) -> bool {
    if service(inputs, &mut |_| true) {
        return false;
    }
    let identity_center = inputs.is(TYPE, "IdentityCenterUser");
    let places: &[usize] = if identity_center { &[PRINCIPAL, ON_BEHALF_OF] } else { &[PRINCIPAL] };
    choose(inputs, places, visit)
}

/// The session's name where it is an e-mail address, else the user's.
pub(super) fn email<'a>(inputs: &dyn Inputs<'a>, visit: Visit<'_, 'a>) -> bool {
    if let Some(session) = session(inputs).filter(|session| session.contains('@')) {
        return visit(made(session));
    }
    name(inputs, &mut |value| {
        let has_at = |text: &str| text.chars().skip(1).any(|letter| letter == '@');
        value.text().is_some_and(|text| has_at(&text)) && visit(value)
    })
}

/// All names and ids of users, each once.
pub(super) fn related<'a>(inputs: &dyn Inputs<'a>, visit: Visit<'_, 'a>) -> bool {
    let mut seen = BTreeSet::new();
    let mut once =
        |value: Value<'a>| value.text().is_some_and(|text| seen.insert(text)) && visit(value);
    if let Some(session) = session(inputs) {
        if once(made(session.clone())) {
            return true;
        }
        if let Some((before, _)) = session.split_once('@')
            && !before.is_empty()
            && once(made(before.to_owned()))
        {
            return true;
        }
    }
    REQUESTED_NAMES.iter().any(|place| inputs.singles(*place, &mut once))
        || id(inputs, &mut once)
        || name(inputs, &mut once)
        || inputs.singles(ON_BEHALF_OF, &mut once)
}

/// The name that a session was given: what ends its ARN.
fn session(inputs: &dyn Inputs<'_>) -> Option<String> {
    let types = ["AssumedRole", "FederatedUser", "IdentityCenterUser"];
    if !types.iter().any(|kind| inputs.is(TYPE, kind)) {
        return None;
    }
    let mut found = None;
    inputs.singles(ARN, &mut |arn| {
        found = arn.text().as_deref().and_then(session_of).map(str::to_owned);
        found.is_some()
    });
    found
}

fn session_of(arn: &str) -> Option<&str> {
    let (partition, rest) = arn.strip_prefix("arn:")?.split_once(':')?;
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let partition = !partition.is_empty() && partition.bytes().all(letter);
    let (_, session) = rest.strip_prefix("sts:").filter(|_| partition)?.rsplit_once('/')?;
    (!session.is_empty()).then_some(session)
}
