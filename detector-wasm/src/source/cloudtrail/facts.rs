//! Who called, in a few words.

use std::borrow::Cow;

use crate::source::FactsTable;

pub(super) const TABLE: FactsTable = FactsTable {
    user: [
        "user.name",
        "aws.cloudtrail.user_identity.arn",
        "aws.cloudtrail.user_identity.type",
        "aws.cloudtrail.user_identity.invoked_by",
        "user.id",
    ],
    user_of,
    error: "aws.cloudtrail.error_code",
};

/// What stands in an ARN before a role and its session, of which the session is the person where people come
/// through a sign-on of their company.
const ROLE_AND_SESSION: &str = ":assumed-role/";

fn user_of([name, arn, kind, invoked_by, id]: &[Option<Cow<'_, str>>; 5]) -> Option<String> {
    let session = arn.as_deref().and_then(|arn| arn.split_once(ROLE_AND_SESSION));
    if let Some((_, role_and_session)) = session.filter(|(_, rest)| !rest.is_empty()) {
        return Some(role_and_session.to_owned());
    }
    if kind.as_deref() == Some("Root") {
        return Some("root".to_owned());
    }
    [name, arn, invoked_by, id, kind].into_iter().find_map(|one| one.as_deref()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::user_of;

    #[test]
    fn the_best_word_for_who_it_was() {
        let role = "arn:aws:sts::111122223333:assumed-role/Deployer/alice@example.com";
        for (fields, expected) in [
            (
                [Some("alice"), Some("arn:aws:iam::1:user/alice"), Some("IAMUser"), None, None],
                Some("alice"),
            ),
            (
                [Some("Deployer"), Some(role), Some("AssumedRole"), None, None],
                Some("Deployer/alice@example.com"),
            ),
            ([None, Some("arn:aws:iam::1:root"), Some("Root"), None, Some("1")], Some("root")),
            (
                [None, None, Some("AWSService"), Some("config.amazonaws.com"), None],
                Some("config.amazonaws.com"),
            ),
            ([None, None, Some("AWSAccount"), None, Some("AIDA")], Some("AIDA")),
            ([None, None, Some("AWSAccount"), None, None], Some("AWSAccount")),
            ([None; 5], None),
        ] {
            assert_eq!(user_of(&fields.map(|one| one.map(Into::into))).as_deref(), expected);
        }
    }
}
