//! In: an event's name. Out: its ECS category and types.

use super::{Inputs, Visit, fixed};

/// Events of one category and of the same types.
pub(in crate::source::cloudtrail) struct Class {
    pub(in crate::source::cloudtrail) category: &'static str,
    pub(in crate::source::cloudtrail) types: &'static [&'static str],
    pub(in crate::source::cloudtrail) events: &'static [&'static str],
}

/// The types of an event that no class has.
const DEFAULT: &[&str] = &["info"];

/// The classes that the pipeline of Elastic's AWS integration knows.
#[rustfmt::skip]
pub(in crate::source::cloudtrail) static CLASSES: &[Class] = &[
    Class { category: "api", types: &["info"], events: &["Converse", "DescribeRegions", "Publish"] },
    Class { category: "authentication", types: &["info"], events: &[
        "AssumeRole", "ConsoleLogin", "GetCallerIdentity",
    ] },
    Class { category: "configuration", types: &["change"], events: &["Subscribe"] },
    Class { category: "configuration", types: &["creation"], events: &["CreateTopic"] },
    Class { category: "configuration", types: &["deletion"], events: &["DeleteTrail"] },
    Class { category: "configuration", types: &["info"], events: &["DescribeTrails"] },
    Class { category: "database", types: &["info"], events: &["DescribeDBInstances", "ListTables"] },
    Class { category: "file", types: &["change"], events: &["PutObject"] },
    Class { category: "file", types: &["creation"], events: &["CreateBucket", "CreateDocument"] },
    Class { category: "file", types: &["deletion"], events: &["DeleteBucket", "DeleteObject"] },
    Class { category: "file", types: &["info"], events: &[
        "GetObject", "HeadObject", "ListBuckets", "ListObjects",
    ] },
    Class { category: "host", types: &["info"], events: &[
        "DescribeInstances", "DescribeVolumes", "ListInstanceAssociations",
    ] },
    Class { category: "iam", types: &["admin", "change"], events: &[
        "SetDefaultPolicyVersion", "SetSecurityTokenServicePreferences",
        "UpdateAccountPasswordPolicy", "UpdateRole",
    ] },
    Class { category: "iam", types: &["admin", "creation"], events: &["CreateKeyPair"] },
    Class { category: "iam", types: &["change"], events: &["AttachRolePolicy"] },
    Class { category: "iam", types: &["creation"], events: &["CreatePolicy"] },
    Class { category: "iam", types: &["group", "change"], events: &[
        "AddUserToGroup", "AttachGroupPolicy", "DeleteGroupPolicy", "DetachGroupPolicy",
        "PutGroupPolicy", "RemoveUserFromGroup", "UpdateGroup",
    ] },
    Class { category: "iam", types: &["group", "creation"], events: &["CreateGroup"] },
    Class { category: "iam", types: &["group", "deletion"], events: &["DeleteGroup"] },
    Class { category: "iam", types: &["group", "info"], events: &[
        "GetGroup", "GetGroupPolicy", "ListAttachedGroupPolicies", "ListGroupPolicies", "ListGroups",
    ] },
    Class { category: "iam", types: &["info"], events: &[
        "GetPolicy", "ListAttachedRolePolicies", "ListRoles",
    ] },
    Class { category: "iam", types: &["user", "change"], events: &[
        "AttachUserPolicy", "ChangePassword", "CreateAccessKey", "CreateVirtualMFADevice",
        "DeactivateMFADevice", "DeleteAccessKey", "DeleteSSHPublicKey",
        "DeleteUserPermissionsBoundary", "DeleteUserPolicy", "DeleteVirtualMFADevice",
        "DetachUserPolicy", "EnableMFADevice", "PutUserPermissionsBoundary", "PutUserPolicy",
        "TagUser", "UntagUser", "UpdateAccessKey", "UpdateLoginProfile", "UpdateSSHPublicKey",
        "UpdateUser",
    ] },
    Class { category: "iam", types: &["user", "creation"], events: &["CreateUser"] },
    Class { category: "iam", types: &["user", "deletion"], events: &["DeleteUser"] },
    Class { category: "iam", types: &["user", "info"], events: &[
        "GetUser", "GetUserPolicy", "ListAttachedUserPolicies", "ListGroupsForUser",
        "ListUserPolicies", "ListUserTags", "ListUsers",
    ] },
    Class { category: "network", types: &["access"], events: &["AuthorizeSecurityGroupIngress"] },
    Class { category: "network", types: &["info"], events: &[
        "DescribeLoadBalancers", "DescribeNetworkAcls", "DescribeNetworkInterfaces",
        "DescribeSecurityGroups", "DescribeVpcs",
    ] },
    Class { category: "package", types: &["info"], events: &["ListFunctions"] },
    Class { category: "process", types: &["start"], events: &["SendCommand"] },
    Class { category: "session", types: &["end"], events: &["TerminateSession"] },
    Class { category: "session", types: &["start"], events: &[
        "CreateControlChannel", "CreateDataChannel", "OpenControlChannel", "OpenDataChannel",
        "StartSession",
    ] },
];

pub(super) fn types<'a>(inputs: &dyn Inputs<'a>, visit: Visit<'_, 'a>) -> bool {
    class(inputs).map_or(DEFAULT, |class| class.types).iter().any(|name| visit(fixed(name)))
}

pub(super) fn category<'a>(inputs: &dyn Inputs<'a>, visit: Visit<'_, 'a>) -> bool {
    class(inputs).is_some_and(|class| visit(fixed(class.category)))
}

/// The class of the event.
fn class(inputs: &dyn Inputs<'_>) -> Option<&'static Class> {
    let mut found = None;
    inputs.singles(0, &mut |name| {
        found = CLASSES.iter().find(|class| class.events.iter().any(|event| name.is_text(event)));
        found.is_some()
    });
    found
}

#[cfg(test)]
mod tests {
    use super::CLASSES;

    #[test]
    fn an_event_has_one_class() {
        let mut events: Vec<_> = CLASSES.iter().flat_map(|class| class.events).collect();
        let all = events.len();
        events.sort();
        events.dedup();
        assert_eq!(events.len(), all);
    }
}
