"""Data can be brought back, isn't deleted by mistake, and stays within reach when one machine is lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from roadbed.policies.clouds import aws, azure, belongs_elsewhere, declared, inner, is_aws, is_azure
from roadbed.policies.values import at, lacks, number, yes
from roadbed.sdk import policy
from roadbed.sdk.policies import UNKNOWN, Context, Example, Finding, PlannedResource, PlannedStack, Violation

_AURORA = {"Engine": "aurora-postgresql", "DBClusterIdentifier": "shop"}
_RETENTION: Mapping[str, tuple[str, float]] = {
    "RDS::DBInstance": ("BackupRetentionPeriod", 1),
    "RDS::DBCluster": ("BackupRetentionPeriod", 1),
    "DocDB::DBCluster": ("BackupRetentionPeriod", 1),
    "Neptune::DBCluster": ("BackupRetentionPeriod", 1),
    "Redshift::Cluster": ("AutomatedSnapshotRetentionPeriod", 1),
}
"""Where the days stand for which backups are kept, and how many there are if nothing is said."""
_SERVERS = ("DBforPostgreSQL/flexibleServers", "DBforMySQL/flexibleServers")
_SINGLE = ("DBforPostgreSQL/servers", "DBforMySQL/servers", "DBforMariaDB/servers")


@policy(
    "backups-for-databases",
    level="mandatory",
    types=[*aws(*_RETENTION, "DynamoDB::Table"), *azure(*_SERVERS, *_SINGLE)],
    reason="What nobody can bring back is lost with the first wrong statement.",
    remedy="keep backups for at least as many days",
    config={"days": 7},
    refuses=[
        Example("AWS::RDS::DBInstance", {"BackupRetentionPeriod": 0}),
        Example("AWS::RDS::DBInstance", {"BackupRetentionPeriod": "1"}),
        Example("AWS::RDS::DBCluster"),
        Example("AWS::DynamoDB::Table", {"TableName": "orders"}),
    ],
    passes=[
        Example("AWS::RDS::DBInstance", {"BackupRetentionPeriod": "14"}),
        Example("AWS::RDS::DBInstance", {"BackupRetentionPeriod": UNKNOWN}),
        Example("AWS::RDS::DBInstance", {"BackupRetentionPeriod": 0}, kind="development"),
        Example("AWS::RDS::DBInstance", _AURORA),
        Example("AWS::DynamoDB::Table", {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}}),
    ],
)
def backups_for_databases(resource: PlannedResource, context: Context) -> Iterator[Finding]:
    if context.kind != "production" or belongs_elsewhere(resource):
        return
    least = context.config["days"]
    days = _days(resource)
    if days is not None and days < least:
        kept = f"keeps backups for {days:g} {'day' if days == 1 else 'days'}" if days else "has no backups"
        yield f"{resource.name} {kept}, and {least} are wanted"
    path = "PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled"
    if is_aws(resource, "DynamoDB::Table") and lacks(at(declared(resource), path)):
        yield f"{resource.name} can't be brought back to an earlier time", f"set {path}: true"


def _days(resource: PlannedResource) -> float | None:
    for name, (path, default) in _RETENTION.items():
        if is_aws(resource, name):
            return number(declared(resource).get(path), default)
    if is_azure(resource, *_SERVERS):
        return number(at(inner(resource.properties), "backup.backupRetentionDays"), 7)
    if is_azure(resource, *_SINGLE):
        return number(at(inner(resource.properties), "storageProfile.backupRetentionDays"), 7)
    return None


_KEEPERS = ("postgres:Database", "s3:Bucket", "runtime:Volume")
_NIGHTLY = {"schedule": "0 3 * * *"}


@policy(
    "data-is-backed-up",
    on="stack",
    reason="What nobody can bring back is lost with the first wrong statement.",
    remedy="have it backed up: params: {backups: {schedule: 0 3 * * *, keep: 14}}, or a backups.Schedule",
    config={"types": list(_KEEPERS)},
    refuses=[
        Example("postgres:Database"),
        Example("s3:Bucket", resources=[Example("backups:Schedule", _NIGHTLY, name="of-another")]),
    ],
    passes=[
        Example(
            "postgres:Database", resources=[Example("backups:Schedule", _NIGHTLY, name="b", depends_on=["example"])]
        ),
        Example("runtime:Volume", kind="development"),
        Example("redis:Database"),
        Example("s3:Bucket", config={"types": ["postgres:Database"]}),
    ],
)
def data_is_backed_up(stack: PlannedStack, context: Context) -> Iterator[Violation]:
    if context.kind != "production":
        return
    schedules = stack.of("backups:Schedule")
    kept = {urn for each in schedules for urn in (each.properties.get("of"), *each.depends_on) if isinstance(urn, str)}
    for kept_type in context.config["types"]:
        for resource in stack.of(kept_type):
            if resource.kind == "managed" and resource.urn not in kept:
                yield Violation(f"{resource.name} is never backed up", resource=resource)


@policy(
    "data-is-protected",
    types=[
        "postgres:Database",
        "s3:Bucket",
        "runtime:Volume",
        "nats:Account",
        *aws("RDS::DBInstance", "RDS::DBCluster", "DocDB::DBCluster", "Neptune::DBCluster", "DynamoDB::Table"),
        *azure("KeyVault/vaults"),
    ],
    reason="A line that goes from a program by mistake takes with it all that people have put there.",
    remedy="give it `protect=True`, or `retain_on_delete=True`",
    refuses=[
        Example("postgres:Database"),
        Example("s3:Bucket", {"force_destroy": True}, options={"protect": True}),
        Example("AWS::RDS::DBInstance", {"DeletionProtection": False}),
    ],
    passes=[
        Example("postgres:Database", options={"protect": True}),
        Example("runtime:Volume", options={"retain_on_delete": True}),
        Example("postgres:Database", kind="development"),
        Example("AWS::RDS::DBInstance", {"DeletionProtection": True}),
    ],
)
def data_is_protected(resource: PlannedResource, context: Context) -> Iterator[Finding]:
    if context.kind != "production" or belongs_elsewhere(resource):
        return
    if yes(declared(resource).get("force_destroy")):
        yield f"{resource.name} goes with all that is in it", "drop force_destroy"
    elif not any(resource.options.get(name) for name in ("protect", "retain_on_delete")):
        path = "DeletionProtectionEnabled" if is_aws(resource, "DynamoDB::Table") else "DeletionProtection"
        if is_azure(resource, "KeyVault/vaults"):
            if lacks(inner(resource.properties).get("enablePurgeProtection")):
                yield f"what {resource.name} keeps can be lost for good", "set enablePurgeProtection: true"
        elif "AWS::" not in resource.type:
            yield f"{resource.name} goes, with its data, when it leaves the program"
        elif lacks(declared(resource).get(path)):
            yield f"{resource.name} can be deleted with its data", f"set {path}: true"


@policy(
    "objects-keep-versions",
    types=["s3:Bucket", *aws("S3::Bucket")],
    reason="An object that was overwritten or deleted by mistake is wanted back.",
    remedy="set versioned: true (AWS: VersioningConfiguration: {Status: Enabled})",
    refuses=[Example("s3:Bucket"), Example("AWS::S3::Bucket", {"VersioningConfiguration": {"Status": "Suspended"}})],
    passes=[
        Example("s3:Bucket", {"versioned": True}),
        Example("s3:Bucket", kind="development"),
        Example("AWS::S3::Bucket", {"VersioningConfiguration": {"Status": "Enabled"}}),
    ],
)
def objects_keep_versions(resource: PlannedResource, context: Context) -> Iterator[Finding]:
    said = at(declared(resource), "versioned" if resource.type == "s3:Bucket" else "VersioningConfiguration.Status")
    if context.kind == "production" and lacks(said):
        yield f"{resource.name} keeps no versions"
