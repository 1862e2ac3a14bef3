//! In: a compiled query. Out: warnings where it asks for an event by a name in the wrong case.
//!
//! CloudTrail writes each name in one way, and exact comparison takes case into account, so such a clause
//! never holds. Only names that this table knows are looked at: AWS has thousands, and any JSON
//! record may have names of its own.

use std::cmp::Ordering;

use crate::event::Fields;
use crate::query::notice::Notice;
use crate::query::{Operand, Query};

/// What the languages call the field that holds the event's name.
const FIELDS: [&str; 3] = ["event.action", "event_name", "eventName"];

/// How many such warnings a query gets.
const MOST: usize = 20;

/// Says where a query compares the event's name with a known one in the wrong case.
#[inline(never)] // a frame of its own, live only while it runs
pub(super) fn check(query: &Query, fields: &Fields) -> Vec<Notice> {
    let mut notices = Vec::new();
    for clause in query.predicate.clauses() {
        let Operand::Field(id) = &clause.operand else { continue };
        if !fields.get(*id).is_some_and(|field| FIELDS.contains(&field.name.as_str())) {
            continue;
        }
        for text in clause.test.exact_texts() {
            let Some(name) = otherwise_spelt(text) else { continue };
            if notices.len() == MOST {
                return notices;
            }
            let message = format!("CloudTrail has no event `{text}`: case matters here");
            let notice = Notice::warning("rule-event-case", clause.span.clone(), message);
            notices.push(notice.hint(format!("write `{name}`")));
        }
    }
    notices
}

/// The known name that differs from a text in nothing but case.
fn otherwise_spelt(text: &str) -> Option<&'static str> {
    let at = NAMES.binary_search_by(|known| ignoring_case(known, text)).ok()?;
    // Two services may spell one name in two ways.
    if NAMES.contains(&text) { None } else { NAMES.get(at).copied() }
}

fn ignoring_case(one: &str, other: &str) -> Ordering {
    let (one, other) = (one.bytes(), other.bytes());
    one.map(|byte| byte.to_ascii_lowercase()).cmp(other.map(|byte| byte.to_ascii_lowercase()))
}

/// Events that matter for security, by their names in lower case.
#[rustfmt::skip]
static NAMES: &[&str] = &[
    "AcceptAddressTransfer", "AcceptHandshake", "AcceptVpcPeeringConnection",
    "AddClientIDToOpenIDConnectProvider", "AddLayerVersionPermission20181031",
    "AddPermission20150331v2", "AddRoleToInstanceProfile", "AddUserToGroup", "AllocateAddress",
    "ArchiveFindings", "AssociateAccessPolicy", "AssociateAddress", "AssociateIamInstanceProfile",
    "AssociateResourceShare", "AssociateRouteTable", "AssociateVPCWithHostedZone",
    "AssociateWebACL", "AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity",
    "AssumeRoot", "AttachGroupPolicy", "AttachInternetGateway",
    "AttachManagedPolicyToPermissionSet", "AttachNetworkInterface", "AttachPolicy",
    "AttachRolePolicy", "AttachUserPolicy", "AttachVolume", "AttachVpnGateway",
    "AuthorizeDBSecurityGroupIngress", "AuthorizeSecurityGroupEgress",
    "AuthorizeSecurityGroupIngress", "AuthorizeSnapshotAccess", "BatchDeleteImage",
    "BatchDisableStandards", "BatchGetSecretValue", "BatchUpdateFindings", "CancelKeyDeletion",
    "CancelRotateSecret", "ChangePassword", "ChangeResourceRecordSets", "CheckMfa", "CloseAccount",
    "ConsoleLogin", "CopyDBClusterSnapshot", "CopyDBSnapshot", "CopyImage", "CopyObject",
    "CopySnapshot", "CreateAccessEntry", "CreateAccessKey", "CreateAccessPoint", "CreateAccount",
    "CreateAccountAlias", "CreateAccountAssignment", "CreateActivation", "CreateAlias",
    "CreateAnalyzer", "CreateApiKey", "CreateArchiveRule", "CreateAssociation",
    "CreateAutoScalingGroup", "CreateBucket", "CreateChangeSet", "CreateClientVpnEndpoint",
    "CreateCluster", "CreateClusterSnapshot", "CreateConnection", "CreateCustomerGateway",
    "CreateDBCluster", "CreateDBClusterSnapshot", "CreateDBInstance", "CreateDBSecurityGroup",
    "CreateDBSnapshot", "CreateDefaultVpc", "CreateDetector", "CreateDevEndpoint",
    "CreateDistribution", "CreateDocument", "CreateEventDataStore",
    "CreateEventSourceMapping20150331", "CreateExportTask", "CreateFilter", "CreateFlowLogs",
    "CreateFoundationModelAgreement", "CreateFunction20150331", "CreateFunctionUrlConfig",
    "CreateGrant", "CreateGroup", "CreateGroupMembership", "CreateHostedZone", "CreateIdentityPool",
    "CreateImage", "CreateInstanceConnectEndpoint", "CreateInstanceExportTask",
    "CreateInstanceProfile", "CreateInternetGateway", "CreateIPSet", "CreateJob", "CreateKey",
    "CreateKeyPair", "CreateLaunchConfiguration", "CreateLaunchTemplate",
    "CreateLaunchTemplateVersion", "CreateListener", "CreateLocationS3", "CreateLogGroup",
    "CreateLoginProfile", "CreateLogStream", "CreateNatGateway", "CreateNetworkAcl",
    "CreateNetworkAclEntry", "CreateNetworkInterface", "CreateNotebookInstance",
    "CreateOpenIDConnectProvider", "CreateOrganization", "CreatePermissionSet", "CreatePolicy",
    "CreatePolicyVersion", "CreatePresignedNotebookInstanceUrl", "CreateProfile", "CreateProject",
    "CreateQueue", "CreateResourceShare", "CreateRestoreImageTask", "CreateRole", "CreateRoute",
    "CreateRouteTable", "CreateSAMLProvider", "CreateSampleFindings", "CreateSecret",
    "CreateSecurityGroup", "CreateServer", "CreateServiceLinkedRole",
    "CreateServiceSpecificCredential", "CreateSnapshot", "CreateSnapshots", "CreateStack",
    "CreateStackInstances", "CreateStackSet", "CreateStoreImageTask", "CreateSubnet", "CreateTask",
    "CreateThreatIntelSet", "CreateTopic", "CreateTrafficMirrorFilter",
    "CreateTrafficMirrorFilterRule", "CreateTrafficMirrorSession", "CreateTrafficMirrorTarget",
    "CreateTrail", "CreateTransitGateway", "CreateTransitGatewayVpcAttachment", "CreateTrustAnchor",
    "CreateUser", "CreateVirtualMFADevice", "CreateVolume", "CreateVpc", "CreateVpcEndpoint",
    "CreateVpcPeeringConnection", "CreateVpnConnection", "CreateVpnGateway", "CreateWebACL",
    "CredentialChallenge", "CredentialVerification", "DeactivateMFADevice",
    "DecodeAuthorizationMessage", "Decrypt", "DeleteAccessKey", "DeleteAccountAlias",
    "DeleteAccountAssignment", "DeleteAccountPasswordPolicy", "DeleteAccountPublicAccessBlock",
    "DeleteAlarms", "DeleteAlias", "DeleteAnalyzer", "DeleteArchive", "DeleteBackupPlan",
    "DeleteBackupVault", "DeleteBackupVaultAccessPolicy", "DeleteBackupVaultLockConfiguration",
    "DeleteBucket", "DeleteBucketCors", "DeleteBucketEncryption", "DeleteBucketLifecycle",
    "DeleteBucketOwnershipControls", "DeleteBucketPolicy", "DeleteBucketPublicAccessBlock",
    "DeleteBucketReplication", "DeleteBucketWebsite", "DeleteCertificate", "DeleteChannel",
    "DeleteCluster", "DeleteConfigRule", "DeleteConfigurationAggregator",
    "DeleteConfigurationRecorder", "DeleteConformancePack", "DeleteDashboards", "DeleteDBCluster",
    "DeleteDBClusterSnapshot", "DeleteDBInstance", "DeleteDBInstanceAutomatedBackup",
    "DeleteDBSecurityGroup", "DeleteDBSnapshot", "DeleteDeliveryChannel", "DeleteDestination",
    "DeleteDetector", "DeleteDocument", "DeleteEventBus", "DeleteEventDataStore",
    "DeleteFileSystem", "DeleteFileSystemPolicy", "DeleteFilter", "DeleteFlowLogs",
    "DeleteFunction20150331", "DeleteFunctionCodeSigningConfig", "DeleteGlobalCluster",
    "DeleteGraph", "DeleteGroup", "DeleteGroupMembership", "DeleteGroupPolicy", "DeleteGuardrail",
    "DeleteHostedZone", "DeleteImportedKeyMaterial", "DeleteInsight", "DeleteInstanceProfile",
    "DeleteInternetGateway", "DeleteIPSet", "DeleteKeyPair", "DeleteLoadBalancer",
    "DeleteLoggingConfiguration", "DeleteLogGroup", "DeleteLoginProfile", "DeleteLogStream",
    "DeleteMembers", "DeleteMetricFilter", "DeleteModelInvocationLoggingConfiguration",
    "DeleteMountTarget", "DeleteNatGateway", "DeleteNetworkAcl", "DeleteNetworkAclEntry",
    "DeleteObject", "DeleteObjects", "DeleteOpenIDConnectProvider", "DeleteOrganization",
    "DeleteParameter", "DeleteParameters", "DeletePermissionSet", "DeletePolicy",
    "DeletePolicyVersion", "DeleteProfile", "DeletePublishingDestination",
    "DeleteQueryLoggingConfig", "DeleteQueue", "DeleteRecoveryPoint",
    "DeleteRemediationConfiguration", "DeleteRepository", "DeleteRepositoryPolicy",
    "DeleteResolverQueryLogConfig", "DeleteResourcePolicy", "DeleteRetentionConfiguration",
    "DeleteRetentionPolicy", "DeleteRole", "DeleteRolePermissionsBoundary", "DeleteRolePolicy",
    "DeleteRoute", "DeleteRouteTable", "DeleteRule", "DeleteRuleGroup", "DeleteSAMLProvider",
    "DeleteSecret", "DeleteSecurityGroup", "DeleteServerCertificate", "DeleteServiceLinkedRole",
    "DeleteSnapshot", "DeleteSSHPublicKey", "DeleteSshPublicKey", "DeleteStack", "DeleteSubnet",
    "DeleteSubscriptionFilter", "DeleteTable", "DeleteThreatIntelSet", "DeleteTopic",
    "DeleteTrafficMirrorSession", "DeleteTrail", "DeleteTrustAnchor", "DeleteUser",
    "DeleteUserPermissionsBoundary", "DeleteUserPolicy", "DeleteVirtualMFADevice", "DeleteVolume",
    "DeleteVpc", "DeleteVpcEndpoints", "DeleteVpcPeeringConnection", "DeleteWebACL",
    "DeregisterDelegatedAdministrator", "DeregisterImage", "DescribeAccountAttributes",
    "DescribeConfigurationRecorders", "DescribeDBInstances", "DescribeDBSnapshotAttributes",
    "DescribeDBSnapshots", "DescribeFlowLogs", "DescribeImages", "DescribeInstanceAttribute",
    "DescribeInstanceInformation", "DescribeInstances", "DescribeKeyPairs",
    "DescribeLaunchTemplateVersions", "DescribeOrganization", "DescribeParameters",
    "DescribeRegions", "DescribeSecret", "DescribeSecurityGroups", "DescribeSnapshots",
    "DescribeTrails", "DescribeVolumes", "DetachGroupPolicy", "DetachInternetGateway",
    "DetachPolicy", "DetachRolePolicy", "DetachUserPolicy", "DetachVolume", "DisableAlarmActions",
    "DisableAWSServiceAccess", "DisableDomainTransferLock", "DisableEbsEncryptionByDefault",
    "DisableImageBlockPublicAccess", "DisableImportFindingsForProduct", "DisableKey",
    "DisableKeyRotation", "DisableLogging", "DisableMacie", "DisableOrganizationAdminAccount",
    "DisableOrganizationsRootCredentialsManagement", "DisablePolicyType", "DisableRegion",
    "DisableRule", "DisableSecurityHub", "DisableSerialConsoleAccess",
    "DisableSnapshotBlockPublicAccess", "DisableTrustAnchor",
    "DisassociateFromAdministratorAccount", "DisassociateFromMasterAccount",
    "DisassociateIamInstanceProfile", "DisassociateKmsKey", "DisassociateMembers",
    "DisassociateMembership", "DisassociateResolverQueryLogConfig", "DisassociateResourceShare",
    "DisassociateVPCFromHostedZone", "DisassociateWebACL", "EmailUpdated", "EnableAddressTransfer",
    "EnableAlarmActions", "EnableAWSServiceAccess", "EnableEbsEncryptionByDefault",
    "EnableImageBlockPublicAccess", "EnableKey", "EnableKeyRotation", "EnableLogging",
    "EnableMacie", "EnableMFADevice", "EnableOrganizationAdminAccount",
    "EnableOrganizationsRootCredentialsManagement", "EnableOrganizationsRootSessions",
    "EnablePolicyType", "EnableRegion", "EnableRule", "EnableSecurityHub",
    "EnableSerialConsoleAccess", "EnableSharingWithAwsOrganization",
    "EnableSnapshotBlockPublicAccess", "EnableTrustAnchor", "Encrypt", "ExecuteChangeSet",
    "ExecuteCommand", "ExitRole", "ExportCertificate", "ExportImage", "ExportTableToPointInTime",
    "GenerateCredentialReport", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext",
    "GetAccessKeyInfo", "GetAccessKeyLastUsed", "GetAccountAuthorizationDetails",
    "GetAccountPasswordPolicy", "GetAccountSummary", "GetApiKeys", "GetAuthorizationToken",
    "GetBucketAcl", "GetBucketLocation", "GetBucketLogging", "GetBucketPolicy",
    "GetBucketPolicyStatus", "GetBucketPublicAccessBlock", "GetBucketVersioning",
    "GetCallerIdentity", "GetClusterCredentials", "GetCommandInvocation", "GetConnection",
    "GetConsoleOutput", "GetConsoleScreenshot", "GetCredentialReport", "GetCredentialsForIdentity",
    "GetEventSelectors", "GetFederationToken", "GetFunction20150331v2", "GetLaunchTemplateData",
    "GetLoginProfile", "GetObject", "GetParameter", "GetParameterHistory", "GetParameters",
    "GetParametersByPath", "GetPasswordData", "GetPipeline", "GetPolicy", "GetPolicyVersion",
    "GetRegionOptStatus", "GetResourcePolicy", "GetRole", "GetRolePolicy", "GetSecretValue",
    "GetSendQuota", "GetSessionToken", "GetSigninToken", "GetTrail", "GetTrailStatus", "GetUser",
    "GetUserPolicy", "HeadBucket", "HeadObject", "ImportCertificate", "ImportKeyMaterial",
    "ImportKeyPair", "ImportSourceCredentials", "ImportSshPublicKey", "InviteAccountToOrganization",
    "InvokeModel", "InvokeModelWithResponseStream", "LeaveOrganization", "ListAccessKeys",
    "ListAccounts", "ListAttachedRolePolicies", "ListAttachedUserPolicies", "ListBuckets",
    "ListFunctions20150331", "ListGroups", "ListGroupsForUser", "ListMFADevices", "ListObjects",
    "ListPolicies", "ListPolicyVersions", "ListRolePolicies", "ListRoles", "ListSecrets",
    "ListTrails", "ListUserPolicies", "ListUsers", "ListVirtualMFADevices", "LookupEvents",
    "ModifyClusterIamRoles", "ModifyDBCluster", "ModifyDBClusterSnapshotAttribute",
    "ModifyDBInstance", "ModifyDBSnapshotAttribute", "ModifyDocumentPermission",
    "ModifyImageAttribute", "ModifyInstanceAttribute", "ModifyInstanceMetadataOptions",
    "ModifyListener", "ModifyLoadBalancerAttributes", "ModifyNetworkInterfaceAttribute",
    "ModifySecurityGroupRules", "ModifySnapshotAttribute", "ModifySnapshotTier",
    "ModifySubnetAttribute", "ModifyVpcAttribute", "ModifyVpcEndpoint", "MoveAccount", "OpenTunnel",
    "PasswordRecoveryCompleted", "PasswordRecoveryRequested", "PasswordUpdated",
    "ProvisionPermissionSet", "PublishLayerVersion20181031", "PurgeQueue", "PutAccessPointPolicy",
    "PutAccountPublicAccessBlock", "PutAlternateContact", "PutBackupVaultAccessPolicy",
    "PutBucketAcl", "PutBucketCors", "PutBucketEncryption", "PutBucketLifecycle",
    "PutBucketLogging", "PutBucketNotification", "PutBucketObjectLockConfiguration",
    "PutBucketOwnershipControls", "PutBucketPolicy", "PutBucketPublicAccessBlock",
    "PutBucketReplication", "PutBucketVersioning", "PutBucketWebsite", "PutConfigRule",
    "PutConfigurationRecorder", "PutContactInformation", "PutDeliveryChannel", "PutEventSelectors",
    "PutFileSystemPolicy", "PutFoundationModelEntitlement", "PutGroupPolicy", "PutImage",
    "PutImageTagMutability", "PutInlinePolicyToPermissionSet", "PutInsightSelectors",
    "PutKeyPolicy", "PutLoggingConfiguration", "PutMetricAlarm", "PutMetricFilter",
    "PutModelInvocationLoggingConfiguration", "PutObject", "PutObjectAcl", "PutParameter",
    "PutPermission", "PutResourcePolicy", "PutRetentionPolicy", "PutRolePermissionsBoundary",
    "PutRolePolicy", "PutRule", "PutSecretValue", "PutSubscriptionFilter", "PutTargets",
    "PutUseCaseForModelAccess", "PutUserPermissionsBoundary", "PutUserPolicy", "RebootDBInstance",
    "RebootInstances", "ReEncrypt", "RegisterDelegatedAdministrator", "RegisterDomain",
    "RegisterImage", "RegisterTaskDefinition", "ReleaseAddress", "RemoveAccountFromOrganization",
    "RemovePermission", "RemovePermission20150331v2", "RemoveRegionsFromReplication",
    "RemoveRoleFromInstanceProfile", "RemoveTargets", "RemoveUserFromGroup", "RenewRole",
    "ReplaceIamInstanceProfileAssociation", "ReplaceNetworkAclAssociation",
    "ReplaceNetworkAclEntry", "ReplaceRoute", "ReplicateKey", "ReplicateSecretToRegions",
    "RequestCertificate", "RequestServiceQuotaIncrease", "RequestSpotFleet", "RequestSpotInstances",
    "ResetServiceSpecificCredential", "ResetSnapshotAttribute", "RestoreDBClusterFromSnapshot",
    "RestoreDBInstanceFromDBSnapshot", "RestoreDBInstanceToPointInTime", "RestoreObject",
    "RestoreSecret", "ResumeSession", "ResyncMFADevice", "RetireGrant", "RevokeGrant",
    "RevokeSecurityGroupEgress", "RevokeSecurityGroupIngress", "RotateSecret", "RunInstances",
    "RunTask", "ScheduleKeyDeletion", "SendCommand", "SendEmail", "SendSerialConsoleSSHPublicKey",
    "SendSSHPublicKey", "SetAlarmState", "SetDefaultPolicyVersion", "SetQueueAttributes",
    "SetRepositoryPolicy", "SetSecurityGroups", "SetTopicAttributes", "SharedSnapshotCopyInitiated",
    "SharedSnapshotVolumeCreated", "SimulateCustomPolicy", "SimulatePrincipalPolicy",
    "StartAutomationExecution", "StartBuild", "StartConfigurationRecorder",
    "StartEventDataStoreIngestion", "StartExportTask", "StartInstances", "StartLogging",
    "StartMonitoringMembers", "StartPrimaryEmailUpdate", "StartQuery", "StartRestoreJob",
    "StartSession", "StartTaskExecution", "StopConfigurationRecorder", "StopDBCluster",
    "StopDBInstance", "StopEventDataStoreIngestion", "StopInstances", "StopLogging",
    "StopMonitoringMembers", "StopReplicationToReplica", "Subscribe", "SwitchRole",
    "TerminateInstances", "TerminateSession", "TransferDomainToAnotherAwsAccount", "Unsubscribe",
    "UpdateAccessKey", "UpdateAccountPasswordPolicy", "UpdateAccountSendingEnabled", "UpdateAlias",
    "UpdateAssumeRolePolicy", "UpdateAutoScalingGroup", "UpdateClusterConfig",
    "UpdateContinuousBackups", "UpdateDetector", "UpdateDevEndpoint", "UpdateDistribution",
    "UpdateDocument", "UpdateDomainNameservers", "UpdateEventDataStore", "UpdateFilter",
    "UpdateFindings", "UpdateFunctionCode20150331v2", "UpdateFunctionConfiguration20150331v2",
    "UpdateFunctionUrlConfig", "UpdateGroup", "UpdateIdentityPool", "UpdateIPSet", "UpdateJob",
    "UpdateLoginProfile", "UpdateMacieSession", "UpdateMalwareScanSettings",
    "UpdateOpenIDConnectProviderThumbprint", "UpdatePolicy", "UpdatePrimaryRegion", "UpdateProject",
    "UpdatePublishingDestination", "UpdateRecoveryPointLifecycle", "UpdateRole",
    "UpdateRoleDescription", "UpdateSAMLProvider", "UpdateSecret", "UpdateSecurityHubConfiguration",
    "UpdateServiceSetting", "UpdateStack", "UpdateStandardsControl", "UpdateThreatIntelSet",
    "UpdateTrail", "UpdateTrustAnchor", "UpdateUser", "UpdateWebACL", "UploadServerCertificate",
    "UploadSigningCertificate", "UploadSSHPublicKey", "UserAuthentication", "VerifyDomainIdentity",
    "VerifyEmailIdentity",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::Format;
    use crate::rule::RuleSet;
    use crate::rule::set::Kept;

    /// Codes and hints about a rule with a query in a language.
    fn warnings(language: &str, query: &str) -> Vec<(String, Option<String>)> {
        let text = format!(
            "[rule]\nrule_id = \"r\"\nname = \"r\"\nlanguage = \"{language}\"\nseverity = \"low\"\nquery = '''{query}'''\n"
        );
        let kept = Kept { name: "r.toml".into(), text: text.into() };
        let (_, found) = RuleSet::load(vec![kept], Format::default());
        found
            .into_iter()
            .filter(|found| found.code == "rule-event-case")
            .map(|found| (format!("{}:{}", found.line, found.column), found.hint))
            .collect()
    }

    #[test]
    fn names_stand_in_order() {
        let out_of_order: Vec<_> = NAMES
            .windows(2)
            .filter(|pair| {
                (pair[0].to_ascii_lowercase(), pair[0]) >= (pair[1].to_ascii_lowercase(), pair[1])
            })
            .collect();
        assert!(out_of_order.is_empty(), "{out_of_order:?}");
    }

    #[test]
    fn known_names_in_the_wrong_case_are_said() {
        let cases = [
            ("kuery", "event.action:stopLogging", &[("6:12", "StopLogging")][..]),
            ("kuery", "not event.action:STOPLOGGING", &[("6:16", "StopLogging")]),
            ("kuery", "event.action:(StopLogging or deleteTrail)", &[("6:12", "DeleteTrail")]),
            ("kuery", "event.action:\"consolelogin\"", &[("6:12", "ConsoleLogin")]),
            ("logpresso", "search event_name == \"stoplogging\"", &[("6:19", "StopLogging")]),
            ("logpresso", "search eventName == \"stoplogging\"", &[("6:19", "StopLogging")]),
            (
                "logpresso",
                "search in(event_name, \"DeleteTrail\", \"stoplogging\")",
                &[("6:19", "StopLogging")],
            ),
        ];
        for (language, query, expected) in cases {
            let expected: Vec<_> = expected
                .iter()
                .map(|(place, name)| ((*place).to_owned(), Some(format!("write `{name}`"))))
                .collect();
            assert_eq!(warnings(language, query), expected, "{query}");
        }
    }

    #[test]
    fn sigma_ignores_case_unless_it_is_told_not_to() {
        let sigma = |name: &str, selection: &str| {
            let text = format!(
                "title: t\nid: t\nlevel: low\nlogsource:\n  {name}\ndetection:\n  s:\n    {selection}\n  condition: s\n"
            );
            let kept = Kept { name: "r.yml".into(), text: text.into() };
            let (_, found) = RuleSet::load(vec![kept], Format::default());
            found.iter().filter(|found| found.code == "rule-event-case").count()
        };
        let cloudtrail = "{product: aws, service: cloudtrail}";
        assert_eq!(sigma(cloudtrail, "eventName: stoplogging"), 0);
        assert_eq!(sigma(cloudtrail, "eventName|cased: StopLogging"), 0);
        assert_eq!(sigma(cloudtrail, "eventName|cased: stoplogging"), 1);
        assert_eq!(
            sigma(cloudtrail, "eventName|cased: [stoplogging, StopLogging, deletetrail]"),
            2
        );
        assert_eq!(sigma("{product: windows}", "eventName|cased: stoplogging"), 0);
    }

    #[test]
    fn what_may_be_meant_is_left_alone() {
        for (language, query) in [
            ("kuery", "event.action:StopLogging"),
            ("kuery", "event.action:stopmylogging"),
            ("kuery", "event.action:stoplog*"),
            ("kuery", "event.provider:stoplogging"),
            ("kuery", "event.action:(DeleteSSHPublicKey or DeleteSshPublicKey)"),
            ("logpresso", "search event_name == \"stoplog*\""),
            ("logpresso", "search event_name == user"),
        ] {
            assert_eq!(warnings(language, query), [], "{query}");
        }
    }

    #[test]
    fn a_long_list_gets_a_few_warnings() {
        let names: Vec<String> =
            NAMES.iter().take(50).map(|name| name.to_ascii_lowercase()).collect();
        let query = format!("event.action:({})", names.join(" or "));
        assert_eq!(warnings("kuery", &query).len(), MOST);
    }
}
