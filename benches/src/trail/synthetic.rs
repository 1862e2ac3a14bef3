//! Nothing in, the text of some hundred records out, in the shapes and sizes of real ones.
//!
//! They are made up: callers and clients of a table are joined with calls of another. Lengths and depth are
//! near those of trails from real accounts (most records between 0.7 and 1.5 KB, a few of 4 KB and more).

use super::dice::Dice;

struct Call {
    source: &'static str,
    name: &'static str,
    reads: bool,
    request: &'static str,
    response: &'static str,
    /// What stands beside these two, from the next key's quote on and with a comma at the end.
    more: &'static str,
}

/// How often each call is drawn; callers and clients are joined with it as the dice say.
const TURNS: usize = 8;

const CALLERS: [&str; 5] = [
    r#"{"type":"IAMUser","principalId":"AIDACKCEVSQ6C2EXAMPLE","arn":"arn:aws:iam::111122223333:user/alice","accountId":"111122223333","accessKeyId":"AKIAIOSFODNN7EXAMPLE","userName":"alice"}"#,
    r#"{"type":"IAMUser","principalId":"AIDACKCEVSQ6C2EXAMPLE","arn":"arn:aws:iam::111122223333:user/bob","accountId":"111122223333","accessKeyId":"ASIAIOSFODNN7EXAMPLE","userName":"bob","sessionContext":{"sessionIssuer":{},"webIdFederationData":{},"attributes":{"creationDate":"2026-03-01T07:42:31Z","mfaAuthenticated":"true"}}}"#,
    r#"{"type":"AssumedRole","principalId":"AROACKCEVSQ6C2EXAMPLE:deploy-1719","arn":"arn:aws:sts::111122223333:assumed-role/Deployer/deploy-1719","accountId":"111122223333","accessKeyId":"ASIAIOSFODNN7EXAMPLE","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROACKCEVSQ6C2EXAMPLE","arn":"arn:aws:iam::111122223333:role/Deployer","accountId":"111122223333","userName":"Deployer"},"webIdFederationData":{},"attributes":{"creationDate":"2026-03-01T09:00:00Z","mfaAuthenticated":"false"}}}"#,
    r#"{"type":"AssumedRole","principalId":"AROACKCEVSQ6C2EXAMPLE:i-0a34046d81c2f9e77","arn":"arn:aws:sts::111122223333:assumed-role/web-server-instance-role/i-0a34046d81c2f9e77","accountId":"111122223333","accessKeyId":"ASIAIOSFODNN7EXAMPLE","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROACKCEVSQ6C2EXAMPLE","arn":"arn:aws:iam::111122223333:role/web-server-instance-role","accountId":"111122223333","userName":"web-server-instance-role"},"webIdFederationData":{},"attributes":{"creationDate":"2026-03-01T08:12:44Z","mfaAuthenticated":"false"},"ec2RoleDelivery":"2.0"}}"#,
    r#"{"type":"AWSService","invokedBy":"cloudtrail.amazonaws.com"}"#,
];

const CLIENTS: [&str; 7] = [
    "aws-cli/2.17.9 md/awscrt#0.20.11 ua/2.0 os/linux#6.1.97 md/arch#x86_64 lang/python#3.11.9 md/pyimpl#CPython cfg/retry-mode#standard md/installer#exe md/prompt#off",
    "APN/1.0 HashiCorp/1.0 Terraform/1.9.2 (+https://www.terraform.io) terraform-provider-aws/5.60.0 (+https://registry.terraform.io/providers/hashicorp/aws) aws-sdk-go-v2/1.30.3 os/linux lang/go#1.22.5 md/GOOS#linux md/GOARCH#amd64 api/ec2#1.172.0",
    "Boto3/1.34.144 md/Botocore#1.34.144 ua/2.0 os/linux#5.10.219-208.866.amzn2.x86_64 md/arch#x86_64 lang/python#3.9.16 md/pyimpl#CPython cfg/retry-mode#legacy Botocore/1.34.144 Resource",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
    "AWS Internal",
    "console.amazonaws.com",
    "eks.amazonaws.com",
];

const CALLS: [Call; 28] = [
    Call {
        source: "ec2",
        name: "DescribeRouteTables",
        reads: true,
        request: r#"{"routeTableIdSet":{},"filterSet":{"items":[{"name":"association.main","valueSet":{"items":[{"value":"true"}]}},{"name":"vpc-id","valueSet":{"items":[{"value":"vpc-0e568b18707c87afa"}]}}]}}"#,
        response: "null",
        more: "",
    },
    Call {
        source: "ec2",
        name: "DescribeSubnets",
        reads: true,
        request: r#"{"subnetSet":{"items":[{"subnetId":"subnet-0c8a70cf4fd24084f"}]},"filterSet":{}}"#,
        response: "null",
        more: "",
    },
    Call {
        source: "ec2",
        name: "DescribeVpcs",
        reads: true,
        request: r#"{"vpcSet":{"items":[{"vpcId":"vpc-04ae35a334cd7ef4f"}]},"filterSet":{}}"#,
        response: "null",
        more: "",
    },
    Call {
        source: "ec2",
        name: "DescribeInstances",
        reads: true,
        request: r#"{"maxResults":1000,"instancesSet":{},"filterSet":{"items":[{"name":"instance-state-name","valueSet":{"items":[{"value":"pending"},{"value":"running"}]}}]}}"#,
        response: "null",
        more: "",
    },
    Call {
        source: "ec2",
        name: "RunInstances",
        reads: false,
        request: r#"{"instancesSet":{"items":[{"imageId":"ami-0c55b159cbfafe1f0","minCount":1,"maxCount":1,"keyName":"operations"}]},"instanceType":"t3.micro","blockDeviceMapping":{},"monitoring":{"enabled":false},"disableApiTermination":false,"networkInterfaceSet":{"items":[{"deviceIndex":0,"subnetId":"subnet-0c8a70cf4fd24084f","groupSet":{"items":[{"groupId":"sg-02b1a4f6e3b9b1d57"}]}}]},"tagSpecificationSet":{"items":[{"resourceType":"instance","tags":[{"key":"Name","value":"web"},{"key":"team","value":"shop"},{"key":"stage","value":"prod"}]}]}}"#,
        response: r#"{"requestId":"c6671a81-468c-41e2-abd5-0ec843ee0db3","reservationId":"r-03f1e2d4c5b6a7980","ownerId":"111122223333","groupSet":{},"instancesSet":{"items":[{"instanceId":"i-0b22a22eec53b9321","imageId":"ami-0c55b159cbfafe1f0","instanceState":{"code":0,"name":"pending"},"privateDnsName":"ip-10-0-3-17.ec2.internal","keyName":"operations","amiLaunchIndex":0,"instanceType":"t3.micro","launchTime":1772323200000,"placement":{"availabilityZone":"us-east-1b","tenancy":"default"},"monitoring":{"state":"disabled"},"subnetId":"subnet-0c8a70cf4fd24084f","vpcId":"vpc-04ae35a334cd7ef4f","privateIpAddress":"10.0.3.17","stateReason":{"code":"pending","message":"pending"},"architecture":"x86_64","rootDeviceType":"ebs","rootDeviceName":"/dev/xvda","virtualizationType":"hvm","hypervisor":"xen","tagSet":{"items":[{"key":"Name","value":"web"},{"key":"team","value":"shop"},{"key":"stage","value":"prod"}]},"groupSet":{"items":[{"groupId":"sg-02b1a4f6e3b9b1d57","groupName":"web"}]},"networkInterfaceSet":{"items":[{"networkInterfaceId":"eni-0f1d2c3b4a5968778","subnetId":"subnet-0c8a70cf4fd24084f","vpcId":"vpc-04ae35a334cd7ef4f","ownerId":"111122223333","status":"in-use","macAddress":"0a:1b:2c:3d:4e:5f","privateIpAddress":"10.0.3.17","sourceDestCheck":true,"interfaceType":"interface","privateIpAddressesSet":{"item":[{"privateIpAddress":"10.0.3.17","primary":true}]}}]},"ebsOptimized":false,"enaSupport":true,"cpuOptions":{"coreCount":1,"threadsPerCore":2},"metadataOptions":{"state":"pending","httpTokens":"required","httpPutResponseHopLimit":2,"httpEndpoint":"enabled"}}]}}"#,
        more: "",
    },
    Call {
        source: "ec2",
        name: "AllocateAddress",
        reads: false,
        request: r#"{"domain":"vpc","tagSpecificationSet":{"items":[{"resourceType":"elastic-ip","tags":[{"key":"Name","value":"egress-us-east-1a"}]}]}}"#,
        response: r#"{"requestId":"5b0d3c6e-7a77-4f1e-9b51-8d54e0a0f2c3","publicIp":"198.51.100.23","domain":"vpc","allocationId":"eipalloc-08a083beb7e83dbc0","publicIpv4Pool":"amazon","networkBorderGroup":"us-east-1"}"#,
        more: "",
    },
    Call {
        source: "ec2",
        name: "DescribeNatGateways",
        reads: true,
        request: r#"{"DescribeNatGatewaysRequest":{"NatGatewayId":{"tag":1,"content":"nat-0d1e2f3a4b5c6d7e8"}}}"#,
        response: "null",
        more: "",
    },
    Call {
        source: "ec2",
        name: "DescribeInstanceAttribute",
        reads: true,
        request: r#"{"instanceId":"i-0a34046d81c2f9e77","attribute":"userData"}"#,
        response: "null",
        more: r#""errorCode":"Client.UnauthorizedOperation","errorMessage":"You are not authorized to perform this operation. Encoded authorization failure message: k7Qb1nS0wYh2mZp4dRk9LxT5uVc8JfAe3GiOqWsNzMyXbHvPtRl6UoIaDgKjEyFwCxBnVm1QpZrSkTuWoLiYhGfDcXaZbNqMvErTyUiOpLkJhGfDsAqWeRtYuIoPzXcVbNmLkJhGfDsAqWeRtYuIoPmNbVcXzLkJhGfDsAqWeRtYuIoP0Zb9Yc8Xd7We6Vf5Ug4Th3Si2Rj1Qk0Pl9Om8Nn7Mo6Lp5Kq4Jr3Is2Ht1Gu0Fv9Ew8Dx7Cy6Bz5A","#,
    },
    Call {
        source: "ssm",
        name: "DescribeParameters",
        reads: true,
        request: r#"{"maxResults":50,"parameterFilters":[{"key":"Name","option":"Contains","values":["/shop/prod/database"]}]}"#,
        response: "null",
        more: "",
    },
    Call {
        source: "ssm",
        name: "GetParameter",
        reads: true,
        request: r#"{"name":"/shop/prod/database/password","withDecryption":true}"#,
        response: "null",
        more: r#""resources":[{"accountId":"111122223333","ARN":"arn:aws:ssm:us-east-1:111122223333:parameter/shop/prod/database/password"}],"#,
    },
    Call {
        source: "ssm",
        name: "PutParameter",
        reads: false,
        request: r#"{"name":"/shop/prod/database/password","type":"SecureString","overwrite":true,"value":"HIDDEN_DUE_TO_SECURITY_REASONS"}"#,
        response: r#"{"version":7,"tier":"Standard"}"#,
        more: "",
    },
    Call {
        source: "iam",
        name: "GetUser",
        reads: true,
        request: r#"{"userName":"carol"}"#,
        response: "null",
        more: "",
    },
    Call {
        source: "iam",
        name: "ListAttachedRolePolicies",
        reads: true,
        request: r#"{"roleName":"web-server-instance-role"}"#,
        response: "null",
        more: "",
    },
    Call {
        source: "iam",
        name: "GetRole",
        reads: true,
        request: r#"{"roleName":"AWSServiceRoleForSupport"}"#,
        response: "null",
        more: r#""errorCode":"NoSuchEntityException","errorMessage":"The role with name AWSServiceRoleForSupport cannot be found.","#,
    },
    Call {
        source: "iam",
        name: "PutRolePolicy",
        reads: false,
        request: r#"{"roleName":"web-server-instance-role","policyName":"read-assets","policyDocument":"{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {\n      \"Effect\": \"Allow\",\n      \"Action\": [\n        \"s3:GetObject\",\n        \"s3:GetObjectVersion\",\n        \"s3:ListBucket\"\n      ],\n      \"Resource\": [\n        \"arn:aws:s3:::shop-assets-prod\",\n        \"arn:aws:s3:::shop-assets-prod/*\"\n      ]\n    },\n    {\n      \"Effect\": \"Allow\",\n      \"Action\": [\n        \"kms:Decrypt\"\n      ],\n      \"Resource\": \"*\"\n    }\n  ]\n}"}"#,
        response: "null",
        more: "",
    },
    Call {
        source: "s3",
        name: "GetBucketAcl",
        reads: true,
        request: r#"{"bucketName":"shop-assets-prod","Host":"shop-assets-prod.s3.us-east-1.amazonaws.com","acl":""}"#,
        response: "null",
        more: S3,
    },
    Call {
        source: "s3",
        name: "GetBucketPublicAccessBlock",
        reads: true,
        request: r#"{"publicAccessBlock":"","bucketName":"shop-assets-prod","Host":"shop-assets-prod.s3.us-east-1.amazonaws.com"}"#,
        response: "null",
        more: S3,
    },
    Call {
        source: "s3",
        name: "PutBucketEncryption",
        reads: false,
        request: r#"{"bucketName":"shop-assets-prod","Host":"shop-assets-prod.s3.us-east-1.amazonaws.com","encryption":"","ServerSideEncryptionConfiguration":{"xmlns":"http://s3.amazonaws.com/doc/2006-03-01/","Rule":{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"aws:kms","KMSMasterKeyID":"arn:aws:kms:us-east-1:111122223333:key/0e5d0ab6-097e-49d8-99ef-747ce3e5f8f4"},"BucketKeyEnabled":true}}}"#,
        response: "null",
        more: S3,
    },
    Call {
        source: "kms",
        name: "Decrypt",
        reads: true,
        request: r#"{"encryptionContext":{"PARAMETER_ARN":"arn:aws:ssm:us-east-1:111122223333:parameter/shop/prod/database/password"},"encryptionAlgorithm":"SYMMETRIC_DEFAULT"}"#,
        response: "null",
        more: KMS,
    },
    Call {
        source: "kms",
        name: "Encrypt",
        reads: true,
        request: r#"{"encryptionContext":{"PARAMETER_ARN":"arn:aws:ssm:us-east-1:111122223333:parameter/shop/prod/database/password"},"keyId":"alias/aws/ssm","encryptionAlgorithm":"SYMMETRIC_DEFAULT"}"#,
        response: "null",
        more: KMS,
    },
    Call {
        source: "kms",
        name: "GenerateDataKey",
        reads: true,
        request: r#"{"keyId":"arn:aws:kms:us-east-1:111122223333:key/0e5d0ab6-097e-49d8-99ef-747ce3e5f8f4","encryptionContext":{"aws:cloudtrail:arn":"arn:aws:cloudtrail:us-east-1:111122223333:trail/organization","aws:s3:arn":"arn:aws:s3:::shop-trail/AWSLogs/111122223333/CloudTrail/us-east-1/2026/03/01/111122223333_CloudTrail_us-east-1_20260301T0000Z.json.gz"},"keySpec":"AES_256"}"#,
        response: "null",
        more: KMS,
    },
    Call {
        source: "secretsmanager",
        name: "GetSecretValue",
        reads: true,
        request: r#"{"secretId":"arn:aws:secretsmanager:us-east-1:111122223333:secret:shop/database-fAVH0t","versionId":"B36292B7-145C-41BE-81A3-7CF5EAB972C8"}"#,
        response: "null",
        more: "",
    },
    Call {
        source: "secretsmanager",
        name: "CreateSecret",
        reads: false,
        request: r#"{"name":"shop/cache","clientRequestToken":"terraform-20260301000000000000000001","forceOverwriteReplicaSecret":false,"tags":[{"key":"team","value":"shop"}]}"#,
        response: r#"{"arn":"arn:aws:secretsmanager:us-east-1:111122223333:secret:shop/cache-x0Y1z2"}"#,
        more: "",
    },
    Call {
        source: "rds",
        name: "DescribeDBInstances",
        reads: true,
        request: r#"{"maxRecords":100,"dBInstanceIdentifier":"shop-prod"}"#,
        response: "null",
        more: "",
    },
    Call {
        source: "sts",
        name: "GetCallerIdentity",
        reads: true,
        request: "null",
        response: "null",
        more: "",
    },
    Call {
        source: "sts",
        name: "AssumeRole",
        reads: true,
        request: r#"{"roleArn":"arn:aws:iam::111122223333:role/Deployer","roleSessionName":"deploy-1719","durationSeconds":3600}"#,
        response: r#"{"credentials":{"accessKeyId":"ASIAI44QH8DHBEXAMPLE","sessionToken":"IQoJb3JpZ2luX2VjEC0aCXVzLWVhc3QtMSJHMEUCIQCYqmJU1h4xxQur5kSufDy7cTuDFWVstZCTJYy5dQ6cSwIgPuLexampleexampleexampleexampleexampleexampleexampleexampleexampleexampleexampleexampleexampleexampleexampleexampleexampleexampleexampleexampleexampleexampleexampleexampleexampleexampleexampleexampleexampleexampleexampleexampleexampleexample9dA181yxud5eLyxX2N6naxkMKhuC3ASxOBSpKJQW416aiJNCr","expiration":"Mar 1, 2026, 1:00:00 AM"},"assumedRoleUser":{"assumedRoleId":"AROACKCEVSQ6C2EXAMPLE:deploy-1719","arn":"arn:aws:sts::111122223333:assumed-role/Deployer/deploy-1719"}}"#,
        more: r#""resources":[{"accountId":"111122223333","type":"AWS::IAM::Role","ARN":"arn:aws:iam::111122223333:role/Deployer"}],"#,
    },
    Call {
        source: "lambda",
        name: "ListFunctions20150331",
        reads: true,
        request: r#"{"masterRegion":"ALL","functionVersion":"ALL","maxItems":50}"#,
        response: "null",
        more: "",
    },
    Call {
        source: "cloudtrail",
        name: "LookupEvents",
        reads: true,
        request: r#"{"maxResults":50,"startTime":"Feb 28, 2026, 11:00:00 PM","lookupAttributes":[{"attributeKey":"ReadOnly","attributeValue":"false"}]}"#,
        response: "null",
        more: "",
    },
];

const S3: &str = r#""additionalEventData":{"SignatureVersion":"SigV4","CipherSuite":"ECDHE-RSA-AES128-GCM-SHA256","bytesTransferredIn":0,"AuthenticationMethod":"AuthHeader","x-amz-id-2":"RBVZE1aP5ZIWKUdG1hjRObcaPvsi1R4sMQr7GV+WPWocwL/I0cZVMkXnNBc55YA7mS056DtQDEI=","bytesTransferredOut":375},"resources":[{"accountId":"111122223333","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::shop-assets-prod"}],"#;
const KMS: &str = r#""resources":[{"accountId":"111122223333","type":"AWS::KMS::Key","ARN":"arn:aws:kms:us-east-1:111122223333:key/0e5d0ab6-097e-49d8-99ef-747ce3e5f8f4"}],"#;

/// The records, the same each time.
pub(super) fn records() -> Vec<String> {
    let mut dice = Dice::new(2026);
    let mut records = Vec::new();
    for _ in 0..TURNS {
        for call in &CALLS {
            let caller = CALLERS.get(dice.below(CALLERS.len())).copied().unwrap_or("{}");
            let client = CLIENTS.get(dice.below(CLIENTS.len())).copied().unwrap_or_default();
            let address = if caller.contains("AWSService") {
                "cloudtrail.amazonaws.com"
            } else {
                "203.0.113.10"
            };
            let tls = if client.len() < 30 {
                // Calls from within AWS say nothing of how they came.
                String::new()
            } else {
                format!(
                    r#","tlsDetails":{{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"{}.us-east-1.amazonaws.com"}}"#,
                    call.source
                )
            };
            let Call { source, name, reads, request, response, more } = call;
            records.push(format!(
                r#"{{"eventVersion":"1.11","userIdentity":{caller},"eventTime":"2026-03-01T00:00:00Z","eventSource":"{source}.amazonaws.com","eventName":"{name}","awsRegion":"us-east-1","sourceIPAddress":"{address}","userAgent":"{client}",{more}"requestParameters":{request},"responseElements":{response},"requestID":"0f8fad5b-d9cb-469f-a165-708677289510","eventID":"7c9e6679-7425-40de-944b-e07fc1f90a10","readOnly":{reads},"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"111122223333","eventCategory":"Management"{tls}}}"#
            ));
        }
    }
    records
}
