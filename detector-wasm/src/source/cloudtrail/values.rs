//! Which values fields of CloudTrail have: `check` warns about others, and an editor can offer them.

use super::event_names;
use crate::source::{FieldValues, Values};

pub(super) static TABLE: &[FieldValues] = &[
    FieldValues {
        fields: &["event.action", "event_name", "eventName"],
        values: Values::Known(event_names::NAMES),
    },
    FieldValues {
        fields: &["event.provider", "event_source", "eventSource"],
        values: Values::Known(PROVIDERS),
    },
    FieldValues {
        fields: &["data_stream.dataset", "event.dataset"],
        values: Values::Only(&["aws.cloudtrail"]),
    },
    FieldValues { fields: &["event.outcome"], values: Values::Only(&["failure", "success"]) },
    FieldValues {
        fields: &["aws.cloudtrail.user_identity.type", "user_type", "userIdentity.type"],
        values: Values::Only(IDENTITY_TYPES),
    },
    FieldValues {
        fields: &["aws.cloudtrail.event_type", "eventType"],
        values: Values::Known(&[
            "AwsApiCall",
            "AwsCloudTrailInsight",
            "AwsConsoleAction",
            "AwsConsoleSignIn",
            "AwsServiceEvent",
            "AwsVpceEvent",
        ]),
    },
    FieldValues {
        fields: &["aws.cloudtrail.event_category", "eventCategory"],
        values: Values::Known(&["Data", "Insight", "Management", "NetworkActivity"]),
    },
    FieldValues { fields: &["event.module"], values: Values::Only(&["aws"]) },
    FieldValues { fields: &["cloud.provider"], values: Values::Only(&["aws"]) },
    // Of these nothing is known but that there is one.
    FieldValues {
        fields: &[
            "event.id",
            "cloud.region",
            "cloud.account.id",
            "source.address",
            "user_agent.original",
            "aws.cloudtrail.recipient_account_id",
            "aws.cloudtrail.error_code",
            "aws.cloudtrail.user_identity.arn",
            "aws.cloudtrail.user_identity.access_key_id",
            "account_id",
            "aws_region",
            "src_ip",
            "awsRegion",
            "recipientAccountId",
            "errorCode",
            "sourceIPAddress",
            "userIdentity.arn",
        ],
        values: Values::One,
    },
];

/// As in AWS's page *CloudTrail userIdentity element*.
const IDENTITY_TYPES: &[&str] = &[
    "AWSAccount",
    "AWSService",
    "AssumedRole",
    "Directory",
    "FederatedUser",
    "IAMUser",
    "IdentityCenterUser",
    "Role",
    "Root",
    "SAMLUser",
    "Unknown",
    "WebIdentityUser",
];

/// Services whose events matter for security.
#[rustfmt::skip]
const PROVIDERS: &[&str] = &[
    "access-analyzer.amazonaws.com", "account.amazonaws.com", "acm-pca.amazonaws.com", "acm.amazonaws.com",
    "amplify.amazonaws.com", "aoss.amazonaws.com", "apigateway.amazonaws.com", "appconfig.amazonaws.com",
    "apprunner.amazonaws.com", "appstream.amazonaws.com", "appsync.amazonaws.com", "athena.amazonaws.com",
    "autoscaling.amazonaws.com", "backup.amazonaws.com", "batch.amazonaws.com", "bedrock.amazonaws.com",
    "billingconsole.amazonaws.com", "budgets.amazonaws.com", "ce.amazonaws.com", "cloud9.amazonaws.com",
    "cloudformation.amazonaws.com", "cloudfront.amazonaws.com", "cloudhsm.amazonaws.com",
    "cloudshell.amazonaws.com", "cloudtrail.amazonaws.com", "codeartifact.amazonaws.com",
    "codebuild.amazonaws.com", "codecommit.amazonaws.com", "codedeploy.amazonaws.com",
    "codepipeline.amazonaws.com", "codestar-connections.amazonaws.com", "codestar.amazonaws.com",
    "cognito-identity.amazonaws.com", "cognito-idp.amazonaws.com", "comprehend.amazonaws.com",
    "config.amazonaws.com", "controltower.amazonaws.com", "datapipeline.amazonaws.com",
    "datasync.amazonaws.com", "detective.amazonaws.com", "devicefarm.amazonaws.com",
    "directconnect.amazonaws.com", "dms.amazonaws.com", "ds.amazonaws.com", "dynamodb.amazonaws.com",
    "ebs.amazonaws.com", "ec2-instance-connect.amazonaws.com", "ec2.amazonaws.com",
    "ecr-public.amazonaws.com", "ecr.amazonaws.com", "ecs.amazonaws.com", "eks.amazonaws.com",
    "elasticache.amazonaws.com", "elasticbeanstalk.amazonaws.com", "elasticfilesystem.amazonaws.com",
    "elasticloadbalancing.amazonaws.com", "elasticmapreduce.amazonaws.com", "es.amazonaws.com",
    "events.amazonaws.com", "firehose.amazonaws.com", "fms.amazonaws.com", "fsx.amazonaws.com",
    "gamelift.amazonaws.com", "glacier.amazonaws.com", "glue.amazonaws.com", "guardduty.amazonaws.com",
    "health.amazonaws.com", "iam.amazonaws.com", "identitystore.amazonaws.com",
    "imagebuilder.amazonaws.com", "inspector.amazonaws.com", "inspector2.amazonaws.com",
    "invoicing.amazonaws.com", "iot.amazonaws.com", "kafka.amazonaws.com", "kinesis.amazonaws.com",
    "kms.amazonaws.com", "lakeformation.amazonaws.com", "lambda.amazonaws.com",
    "license-manager.amazonaws.com", "lightsail.amazonaws.com", "logs.amazonaws.com",
    "macie2.amazonaws.com", "mediaconvert.amazonaws.com", "monitoring.amazonaws.com", "mq.amazonaws.com",
    "network-firewall.amazonaws.com", "notifications.amazonaws.com", "oam.amazonaws.com",
    "opsworks.amazonaws.com", "organizations.amazonaws.com", "payments.amazonaws.com",
    "pipes.amazonaws.com", "polly.amazonaws.com", "quicksight.amazonaws.com", "ram.amazonaws.com",
    "rds-data.amazonaws.com", "rds.amazonaws.com", "redshift.amazonaws.com",
    "redshift-data.amazonaws.com", "redshift-serverless.amazonaws.com", "rekognition.amazonaws.com",
    "resource-explorer-2.amazonaws.com", "resource-groups.amazonaws.com", "rolesanywhere.amazonaws.com",
    "route53.amazonaws.com", "route53domains.amazonaws.com", "route53resolver.amazonaws.com",
    "s3-outposts.amazonaws.com", "s3.amazonaws.com", "s3express.amazonaws.com",
    "sagemaker.amazonaws.com", "scheduler.amazonaws.com", "schemas.amazonaws.com", "sdb.amazonaws.com",
    "secretsmanager.amazonaws.com", "securityhub.amazonaws.com", "securitylake.amazonaws.com",
    "serverlessrepo.amazonaws.com", "servicecatalog.amazonaws.com", "servicediscovery.amazonaws.com",
    "servicequotas.amazonaws.com", "ses.amazonaws.com", "shield.amazonaws.com", "signer.amazonaws.com",
    "signin.amazonaws.com", "sms-voice.amazonaws.com", "snowball.amazonaws.com", "sns.amazonaws.com",
    "sqs.amazonaws.com", "ssm-incidents.amazonaws.com", "ssm.amazonaws.com",
    "ssmmessages.amazonaws.com", "sso-directory.amazonaws.com", "sso-oauth.amazonaws.com",
    "sso.amazonaws.com", "states.amazonaws.com", "storagegateway.amazonaws.com", "sts.amazonaws.com",
    "support.amazonaws.com", "swf.amazonaws.com", "tagging.amazonaws.com", "textract.amazonaws.com",
    "timestream.amazonaws.com", "transcribe.amazonaws.com", "transfer.amazonaws.com",
    "translate.amazonaws.com", "trustedadvisor.amazonaws.com", "user-subscriptions.amazonaws.com",
    "waf-regional.amazonaws.com", "waf.amazonaws.com", "wafv2.amazonaws.com",
    "workdocs.amazonaws.com", "workmail.amazonaws.com", "workspaces.amazonaws.com",
    "xray.amazonaws.com",
];
