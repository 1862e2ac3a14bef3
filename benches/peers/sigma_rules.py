"""A number in, that many Sigma rules for CloudTrail out, and what each must find: the same work for every engine.

Each rule asks for one event source and one event name, the commonest form of published rules for CloudTrail.
"""

import collections
import json

CALLS = """
cloudtrail: StopLogging DeleteTrail UpdateTrail PutEventSelectors DeleteEventDataStore
config: StopConfigurationRecorder DeleteConfigurationRecorder DeleteDeliveryChannel DeleteConfigRule
guardduty: DeleteDetector UpdateDetector CreateIPSet DeletePublishingDestination CreateFilter
securityhub: DisableSecurityHub BatchDisableStandards UpdateFindings DeleteInsight
iam: CreateAccessKey CreateLoginProfile UpdateLoginProfile AttachUserPolicy PutUserPolicy CreateSAMLProvider \
UpdateSAMLProvider DeactivateMFADevice DeleteVirtualMFADevice UpdateAssumeRolePolicy CreateVirtualMFADevice
ec2: DeleteFlowLogs ModifySnapshotAttribute ModifyImageAttribute CreateKeyPair ImportKeyPair \
EnableSerialConsoleAccess AuthorizeSecurityGroupIngress CreateNetworkAclEntry ReplaceIamInstanceProfileAssociation \
DisableEbsEncryptionByDefault CreateTrafficMirrorSession
rds: ModifyDBSnapshotAttribute ModifyDBClusterSnapshotAttribute RestoreDBInstanceFromDBSnapshot DeleteDBCluster
s3: DeleteBucketPolicy PutBucketLifecycle DeleteBucketEncryption PutBucketReplication
kms: ScheduleKeyDeletion DisableKey PutKeyPolicy
lambda: UpdateFunctionConfiguration20150331v2 AddPermission20150331v2 CreateFunction20150331
sts: GetFederationToken GetSessionToken
route53: DisableDomainTransferLock TransferDomainToAnotherAwsAccount
organizations: LeaveOrganization
logs: DeleteLogGroup DeleteLogStream
ecs: RegisterTaskDefinition
elasticfilesystem: DeleteFileSystem DeleteMountTarget
"""


def calls(count):
    """That many sources and names; past the table's end, names that no record has."""
    table = []
    for line in CALLS.strip().replace("\\\n", "").splitlines():
        service, names = line.split(":")
        table += [(f"{service}.amazonaws.com", name) for name in names.split()]
    extra = [(source, f"{name}V{2 + at // len(table)}") for at, (source, name)
             in ((at, table[at % len(table)]) for at in range(max(0, count - len(table))))]
    return (table + extra)[:count]


def write(folder, count):
    """A folder with the rules, a file each; returns their titles by source and name."""
    folder.mkdir(parents=True, exist_ok=True)
    titles = {}
    for number, (source, name) in enumerate(calls(count)):
        title = f"{name} at {source}"
        titles[source, name] = title
        (folder / f"{number:03}-{name}.yml").write_text(f"""title: {title}
id: 00000000-0000-4000-8000-{number:012}
status: test
description: Somebody called {name}.
author: Tocsin
date: 2026-03-01
logsource:
    product: aws
    service: cloudtrail
detection:
    selection:
        eventSource: {source}
        eventName: {name}
    condition: selection
level: medium
""")
    return titles


def expected(path, titles):
    """How many alerts each rule must raise, read with Python's own parser."""
    found = collections.Counter()
    with open(path, "rb") as lines:
        for line in lines:
            record = json.loads(line)
            title = titles.get((record.get("eventSource"), record.get("eventName")))
            if title:
                found[title] += 1
    return dict(found)
