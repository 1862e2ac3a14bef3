//! Which members of a call's request and answer name things: by service, and for some calls what they are aimed at.
//!
//! A path begins with `req` (requestParameters), `res` (responseElements), `ui` (userIdentity), `aed`
//! (additionalEventData) or stands for a key of the record itself.

/// How members are taken.
pub(super) enum Take {
    /// The text at the path.
    Text(&'static str),
    /// The text of a number at the path.
    Number(&'static str),
    /// Each text of the list at the path, up to the first that is known already.
    Batch(&'static str),
    /// Of each object of the list at the path: members, each by itself; then whatever its lists hold.
    Each(&'static str, &'static [&'static str]),
    /// The same, up to the first member that isn't there or is known already; then what its lists hold.
    BatchEach(&'static str, &'static [&'static str], &'static [Take]),
    /// The account that the record belongs to.
    Account,
    /// The ARN of each resource.
    Resources,
    /// Where a command is sent: instances, else targets, else the account.
    CommandTargets,
}

use Take::{Account, Batch, BatchEach, CommandTargets, Each, Number, Resources, Text};

/// What names things in calls of a service, whose name stands before `.amazonaws.com`.
#[rustfmt::skip]
pub(super) static RELATED: &[(&str, &[Take])] = &[
    ("cloudtrail", &[
        Text("req.name"), Text("req.s3BucketName"), Text("res.cloudWatchLogsLogGroupArn"),
        Text("res.cloudWatchLogsRoleArn"), Text("res.kmsKeyId"), Text("res.snsTopicARN"),
        Text("res.trailARN"), Text("res.name"),
    ]),
    ("config", &[Text("req.configurationRecorderName")]),
    ("s3", &[Text("req.bucketName")]),
    ("ec2", &[
        Text("req.groupId"), Text("req.groupName"), Text("req.roleName"), Text("req.subnetId"),
        Text("req.volumeId"), Text("req.networkInterfaceId"), Text("req.vpcId"), Text("req.snapshotId"),
        Text("res.groupId"), Text("res.reservationId"), Text("res.vpc.vpcId"),
        Text("res.vpc.dhcpOptionsId"), Text("res.snapshotId"), Text("res.volumeId"),
        BatchEach("res.securityGroupRuleSet.items", &["groupId", "referencedGroupInfo.groupId", "securityGroupRuleId"], &[]),
        Each("res.groupSet.items", &["groupId"]),
        Each("req.groupSet.items", &["groupId"]),
        Each("req.instancesSet.items", &["instanceId"]),
        BatchEach("res.instancesSet.items", &["subnetId", "vpcId", "instanceId", "imageId", "iamInstanceProfile.arn"], &[
            BatchEach("networkInterfaceSet.items", &["networkInterfaceId", "vpcId", "subnetId"], &[
                Each("groupSet.items", &["groupId"]),
            ]),
        ]),
        BatchEach("req.revokedSecurityGroupRuleSet.items", &["securityGroupRuleId", "groupId"], &[]),
    ]),
    ("guardduty", &[Text("req.detectorId"), Text("res.detectorId")]),
    ("wafv2", &[Text("req.id"), Text("res.summary")]),
    ("iam", &[
        Text("req.userName"), Text("req.serialNumber"), Text("req.accessKeyId"), Text("req.policyArn"),
        Text("req.roleName"), Text("req.policyName"), Text("res.accessKey.userName"),
        Text("res.accessKey.accessKeyId"), Text("res.user.arn"), Text("res.user.userId"),
        Text("res.user.userName"), Text("res.userId"), Text("res.role.arn"), Text("res.serialNumber"),
    ]),
    ("kms", &[
        Text("req.keyId"), Text("res.keyId"), Text("res.keyMetadata.arn"), Text("res.keyMetadata.keyId"),
    ]),
    ("lambda", &[
        Text("req.functionName"), Text("res.functionArn"), Text("res.functionName"), Text("res.role"),
        Batch("res.vpcConfig.securityGroupIds"), Batch("res.vpcConfig.subnetIds"),
    ]),
    ("rds", &[
        Text("req.dBInstanceIdentifier"), Text("req.dBInstanceArn"), Text("res.dBInstanceIdentifier"),
        Text("res.dbInstanceArn"), Text("res.dBSubnetGroup.vpcId"),
        Text("res.vpcSecurityGroups.vpcSecurityGroupId"), Each("res.vpcSecurityGroups", &["vpcSecurityGroupId"]),
        Each("res.dBSubnetGroup.subnets", &["subnetIdentifier"]),
    ]),
    ("sts", &[
        Text("req.roleArn"), Text("req.roleSessionName"), Text("sourceIdentity"), Text("aed.MFAIdentifier"),
        Text("res.assumedRoleUser.arn"), Text("res.accessKeyId"),
    ]),
];

/// Which calls of a service a row is about.
pub(super) enum Calls {
    Named(&'static [&'static str]),
    /// Those whose names hold the text.
    Like(&'static str),
}

use Calls::{Like, Named};

/// What a call is aimed at. Of several rows that fit, the first counts.
#[rustfmt::skip]
pub(super) static TARGETS: &[(&str, Calls, &[Take])] = &[
    ("bedrock", Named(&["Converse"]), &[Text("req.modelId")]),
    ("events", Named(&["DeleteRule"]), &[Text("req.name")]),
    ("cloudformation", Named(&["CreateStackSet"]), &[Text("res.stackSetId")]),
    ("cloudformation", Named(&["CreateStack"]), &[Text("res.stackId")]),
    ("cloudtrail", Named(&["DeleteTrail", "StopLogging"]), &[Text("req.name")]),
    ("cloudtrail", Named(&["DescribeTrails"]), &[Account]),
    ("config", Named(&["StartConfigurationRecorder", "StopConfigurationRecorder"]), &[Text("req.configurationRecorderName")]),
    ("dynamodb", Named(&["ListTables"]), &[Account]),
    ("elasticloadbalancing", Named(&["DescribeLoadBalancers"]), &[Account]),
    ("signin", Named(&["ConsoleLogin"]), &[Account]),
    ("ec2", Named(&["AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress"]), &[Text("req.groupId"), Each("res.securityGroupRuleSet.items", &["securityGroupRuleId"])]),
    ("ec2", Named(&["CreateTrafficMirrorFilter"]), &[Text("res.CreateTrafficMirrorFilterResponse.trafficMirrorFilter.trafficMirrorFilterId")]),
    ("ec2", Named(&["CreateTrafficMirrorFilterRule"]), &[Text("res.CreateTrafficMirrorFilterRuleResponse.trafficMirrorFilterRule.trafficMirrorFilterRuleId")]),
    ("ec2", Named(&["CreateTrafficMirrorSession"]), &[Text("res.CreateTrafficMirrorSessionResponse.trafficMirrorSession.trafficMirrorSessionId")]),
    ("ec2", Named(&["CreateTrafficMirrorTarget"]), &[Text("res.CreateTrafficMirrorTargetResponse.trafficMirrorTarget.trafficMirrorTargetId")]),
    ("ec2", Named(&["DeleteFlowLogs"]), &[Text("req.DeleteFlowLogsRequest.FlowLogId.content")]),
    ("ec2", Named(&["DeleteNetworkAcl"]), &[Text("req.networkAclId")]),
    ("ec2", Named(&["DeleteNetworkAclEntry"]), &[Text("req.networkAclId"), Number("req.ruleNumber")]),
    ("ec2", Named(&["GetPasswordData"]), &[Text("req.instanceId")]),
    ("ec2", Named(&["ModifyImageAttribute"]), &[Text("req.imageId")]),
    ("ec2", Named(&["ModifySnapshotAttribute"]), &[Text("req.snapshotId")]),
    ("ec2", Named(&["DescribeNetworkAcls", "DescribeNetworkInterfaces", "DescribeRegions", "DescribeSecurityGroups", "DescribeVolumes", "DescribeVpcs"]), &[Account]),
    ("ec2-instance-connect", Named(&["SendSSHPublicKey", "SendSerialConsoleSSHPublicKey"]), &[Text("req.instanceId")]),
    ("elasticfilesystem", Named(&["DeleteFileSystem"]), &[Text("req.fileSystemId")]),
    ("elasticfilesystem", Named(&["DeleteMountTarget"]), &[Text("req.mountTargetId")]),
    ("guardduty", Named(&["CreateDetector"]), &[Text("res.detectorId")]),
    ("guardduty", Named(&["DeleteDetector"]), &[Text("req.detectorId")]),
    ("iam", Named(&["AttachGroupPolicy"]), &[Text("req.groupName")]),
    ("iam", Named(&["AttachRolePolicy", "ListAttachedRolePolicies", "UpdateAssumeRolePolicy"]), &[Text("req.roleName")]),
    ("iam", Named(&["AttachUserPolicy"]), &[Text("req.policyArn"), Text("req.userName")]),
    ("iam", Named(&["CreateAccessKey"]), &[Text("res.accessKey.accessKeyId"), Text("req.userName")]),
    ("iam", Named(&["CreateUser", "DeactivateMFADevice"]), &[Text("req.userName")]),
    ("iam", Named(&["DeleteVirtualMFADevice"]), &[Text("req.serialNumber")]),
    ("iam", Named(&["GetPolicy"]), &[Text("req.policyArn")]),
    ("iam", Named(&["CreatePolicy"]), &[Text("res.policy.arn")]),
    ("iam", Named(&["ListRoles", "ListUsers"]), &[Account]),
    ("kms", Named(&["DisableKey", "ScheduleKeyDeletion"]), &[Resources]),
    ("lambda", Like("AddPermission"), &[Text("req.functionName")]),
    ("lambda", Like("ListFunctions"), &[Account]),
    ("logs", Named(&["DeleteLogGroup"]), &[Text("req.logGroupName")]),
    ("logs", Named(&["DeleteLogStream"]), &[Text("req.logStreamName")]),
    ("monitoring", Named(&["DeleteAlarms"]), &[Each("req.alarmNames", &[])]),
    ("rds", Named(&["DeleteDBCluster", "ModifyDBCluster", "StopDBCluster"]), &[Text("res.dBClusterArn")]),
    ("rds", Named(&["DeleteDBInstance", "ModifyDBInstance", "StopDBInstance", "RestoreDBInstanceFromDBSnapshot", "RestoreDBInstanceFromS3"]), &[Text("res.dBInstanceArn")]),
    ("rds", Named(&["DeleteGlobalCluster"]), &[Text("res.globalClusterArn")]),
    ("rds", Named(&["ModifyDBClusterSnapshotAttribute"]), &[Text("res.dBClusterSnapshotIdentifier")]),
    ("rds", Named(&["ModifyDBSnapshotAttribute"]), &[Text("res.dBSnapshotIdentifier")]),
    ("rds", Named(&["DescribeDBInstances"]), &[Account]),
    ("rolesanywhere", Named(&["CreateTrustAnchor"]), &[Text("res.trustAnchor.trustAnchorArn")]),
    ("route53resolver", Named(&["DeleteResolverQueryLogConfig"]), &[Text("res.resolverQueryLogConfig.arn")]),
    ("s3", Named(&["CopyObject", "DeleteBucket", "DeleteObject", "GetBucketPolicy", "GetObject", "HeadObject", "ListObjects", "PutBucketLogging", "PutBucketVersioning", "PutObject"]), &[Resources]),
    ("s3", Named(&["PutBucketReplication"]), &[Resources, Text("req.ReplicationConfiguration.Rule.Destination.Bucket")]),
    ("s3", Named(&["ListBuckets"]), &[Account]),
    ("secretsmanager", Named(&["BatchGetSecretValue"]), &[Each("req.secretIdList", &[])]),
    ("secretsmanager", Named(&["GetSecretValue"]), &[Text("req.secretId")]),
    ("sns", Named(&["CreateTopic"]), &[Text("res.topicArn")]),
    ("sns", Named(&["Publish", "Subscribe"]), &[Text("req.topicArn")]),
    ("ssm", Named(&["CreateControlChannel", "GetParameter", "GetParameters", "OpenControlChannel"]), &[Resources]),
    ("ssm", Named(&["StartSession"]), &[Text("req.target")]),
    ("ssm", Named(&["CreateDocument"]), &[Text("req.name")]),
    ("ssm", Named(&["OpenDataChannel", "TerminateSession"]), &[Text("req.sessionId")]),
    ("ssm", Named(&["ListInstanceAssociations"]), &[Account]),
    ("ssm", Named(&["SendCommand"]), &[CommandTargets]),
    ("sts", Named(&["AssumeRole"]), &[Text("req.roleArn")]),
    ("sts", Named(&["GetCallerIdentity"]), &[Account]),
    ("wafv2", Named(&["DeleteRuleGroup", "DeleteWebACL"]), &[Text("req.id")]),
];

impl Calls {
    pub(super) fn hold(&self, event: &str) -> bool {
        match self {
            Named(names) => names.contains(&event),
            Like(part) => event.contains(part),
        }
    }
}

/// The types of ARNs that are parts of services, not people or machines.
#[rustfmt::skip]
pub(super) const SERVICE_TYPES: [&str; 37] = [
    "stack", "stack-set", "trail", "configuration-recorder", "file-system", "mount-target", "rule", "detector",
    "key", "function", "log-group", "log-stream", "alarm", "db", "cluster", "global-cluster", "trust-anchor",
    "resolver-query-log-config", "secret", "parameter", "document", "session", "webacl", "rulegroup", "ipset",
    "topic", "model", "loadbalancer", "table", "group", "policy", "security-group", "network-interface", "vpc",
    "subnet", "network-acl", "dhcp-options",
];

/// How the ids of parts of networks begin.
pub(super) const NETWORK_IDS: [&str; 12] = [
    "sg-", "sgr-", "eni-", "vpc-", "subnet-", "acl-", "rtb-", "igw-", "nat-", "vpce-", "tgw-",
    "pcx-",
];

/// The types of ARNs that are people, or what they prove themselves by.
pub(super) const USER_TYPES: [&str; 7] =
    ["user", "role", "assumed-role", "federated-user", "instance-profile", "mfa", "serialNumber"];
