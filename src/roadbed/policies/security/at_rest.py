"""What is stored is encrypted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from roadbed.policies.clouds import aws, azure, inner, is_aws
from roadbed.policies.values import at, lacks, maps, no, word
from roadbed.sdk import policy
from roadbed.sdk.policies import UNKNOWN, Context, Example, Finding, PlannedResource

_FLAGS: Mapping[str, str] = {
    "RDS::DBInstance": "StorageEncrypted",
    "RDS::DBCluster": "StorageEncrypted",
    "DocDB::DBCluster": "StorageEncrypted",
    "Neptune::DBCluster": "StorageEncrypted",
    "EC2::Volume": "Encrypted",
    "EFS::FileSystem": "Encrypted",
    "Redshift::Cluster": "Encrypted",
    "ElastiCache::ReplicationGroup": "AtRestEncryptionEnabled",
    "OpenSearchService::Domain": "EncryptionAtRestOptions.Enabled",
    "Elasticsearch::Domain": "EncryptionAtRestOptions.Enabled",
    "DAX::Cluster": "SSESpecification.SSEEnabled",
    "WorkSpaces::Workspace": "UserVolumeEncryptionEnabled",
}
"""Where the flag stands that encrypts, which is off unless it is set."""
_KEYS: Mapping[str, str] = {"SNS::Topic": "KmsMasterKeyId", "Kinesis::Stream": "StreamEncryption.KeyId"}
"""Where the key stands for what is encrypted only if one is named."""
_INHERITED = ("DBClusterIdentifier", "SourceDBInstanceIdentifier", "DBSnapshotIdentifier", "SnapshotIdentifier")
_MACHINES = ("EC2::Instance", "EC2::LaunchTemplate", "AutoScaling::LaunchConfiguration")
_ENCRYPTION = "Sql/servers/databases/transparentDataEncryption"


@policy(
    "encrypted-at-rest",
    level="mandatory",
    types=[
        *aws(*_FLAGS, *_KEYS, *_MACHINES, "S3::Bucket", "SQS::Queue"),
        *azure(_ENCRYPTION, "Storage/storageAccounts", "Compute/disks"),
    ],
    reason="A disk, a snapshot or a backup that gets into other hands tells nothing.",
    remedy="turn its encryption on, which for most means to make it anew and to move the data",
    refuses=[
        Example("AWS::RDS::DBInstance", {"StorageEncrypted": False}),
        Example("AWS::RDS::DBInstance", {"DBInstanceClass": "db.t4g.small"}),
        Example("AWS::EC2::Volume", {"Encrypted": "false"}),
        Example("AWS::ElastiCache::ReplicationGroup", {"TransitEncryptionEnabled": True}),
    ],
    passes=[
        Example("AWS::RDS::DBInstance", {"StorageEncrypted": True}),
        Example("AWS::RDS::DBInstance", {"DBClusterIdentifier": UNKNOWN, "Engine": "aurora-postgresql"}),
        Example("AWS::EC2::Volume", {"Encrypted": "true"}),
        Example("AWS::EC2::Volume", {"Encrypted": UNKNOWN}),
        Example("AWS::S3::Bucket"),
    ],
)
def encrypted_at_rest(resource: PlannedResource, context: Context) -> Iterator[Finding]:
    properties = inner(resource.properties)
    for name, path in _FLAGS.items():
        said = at(properties, path)
        inherited = said is None and any(properties.get(one) for one in _INHERITED)
        if is_aws(resource, name) and lacks(said) and not inherited:
            yield f"{resource.name} is not encrypted at rest", f"set {path}: true"
    for name, path in _KEYS.items():
        if is_aws(resource, name) and not at(properties, path):
            yield f"{resource.name} is not encrypted at rest", f"name a key: {path}"
    yield from _disks(resource, properties)
    if no(properties.get("SqsManagedSseEnabled")) and not properties.get("KmsMasterKeyId"):
        yield f"{resource.name} keeps its messages unencrypted", "drop SqsManagedSseEnabled: false"
    if word(properties.get("state", properties.get("status"))) == "disabled":
        yield f"{resource.name} turns the encryption of a database off", "set state: Enabled"
    if no(at(properties, "encryptionSettingsCollection.enabled")):
        yield f"{resource.name} is not encrypted at rest", "drop encryptionSettingsCollection, or set enabled: true"
    for service in ("blob", "file", "queue", "table"):
        if no(at(properties, f"encryption.services.{service}.enabled")):
            yield f"{resource.name} keeps its {service}s unencrypted"


def _disks(resource: PlannedResource, properties: Mapping[str, Any]) -> Iterator[str]:
    """One that is made of a snapshot is encrypted if that is, unless it says otherwise."""
    for place in (properties, *maps(properties.get("LaunchTemplateData"))):
        for device in maps(place.get("BlockDeviceMappings")):
            for disk in maps(device.get("Ebs")):
                said = disk.get("Encrypted")
                if no(said) if "SnapshotId" in disk else lacks(said):
                    yield f"the disk {device.get('DeviceName')} of {resource.name} is not encrypted"
