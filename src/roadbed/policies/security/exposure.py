"""What strangers can reach or read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from roadbed.policies.clouds import aws, azure, inner, is_aws
from roadbed.policies.pods import KUBERNETES, kind
from roadbed.policies.values import at, lacks, maps, several, word, yes
from roadbed.sdk import policy
from roadbed.sdk.policies import UNKNOWN, Context, Example, Finding, PlannedResource

_BLOCK = "PublicAccessBlockConfiguration"
_BLOCKS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
_ALL_BLOCKED = dict.fromkeys(_BLOCKS, True)
_PUBLIC = ("publicread", "publicreadwrite", "authenticatedread", "public-read", "public-read-write")
_CONTAINERS = "Storage/storageAccounts/blobServices/containers"


@policy(
    "no-public-storage",
    level="mandatory",
    types=[*aws("S3::Bucket", "S3::BucketPolicy"), *azure("Storage/storageAccounts", _CONTAINERS)],
    reason="What lies in public storage is found, copied and kept by others.",
    remedy="close it, and hand out links that end, or put a service in front",
    refuses=[
        Example("AWS::S3::Bucket", {"AccessControl": "PublicRead"}),
        Example("AWS::S3::Bucket", {_BLOCK: {**_ALL_BLOCKED, "BlockPublicPolicy": "false"}}),
        Example("azure:Microsoft.Storage/storageAccounts", {"properties": {"allowBlobPublicAccess": True}}),
    ],
    passes=[
        Example("AWS::S3::Bucket", {"AccessControl": "Private", _BLOCK: _ALL_BLOCKED}),
        Example("AWS::S3::Bucket", {"AccessControl": UNKNOWN}),
        Example("azure:Microsoft.Storage/storageAccounts", {"properties": {"allowBlobPublicAccess": False}}),
    ],
)
def no_public_storage(resource: PlannedResource, context: Context) -> Iterator[Finding]:
    properties = inner(resource.properties)
    if word(properties.get("AccessControl")) in _PUBLIC:
        yield f"{resource.name} is open by its AccessControl {properties['AccessControl']}"
    for block in maps(properties.get(_BLOCK)):
        if missing := [name for name in _BLOCKS if lacks(block.get(name))]:
            yield f"{resource.name} may become public: it lacks {', '.join(missing)}", f"set {', '.join(missing)}: true"
    if yes(properties.get("allowBlobPublicAccess")):
        yield f"{resource.name} lets its containers be public", "set allowBlobPublicAccess: false"
    if word(properties.get("publicAccess")) in ("blob", "container"):
        yield f"{resource.name} is public", "set publicAccess: None"
    if is_aws(resource, "S3::BucketPolicy") and any(map(_for_all, _statements(properties.get("PolicyDocument")))):
        yield f"{resource.name} lets everybody in"


def _statements(document: Any) -> Iterator[Mapping[str, Any]]:
    """Those of a policy of AWS, which may be written as text."""
    if isinstance(document, str):
        try:
            document = json.loads(document)
        except (ValueError, RecursionError):
            return
    yield from maps(at(document, "Statement"))


def _for_all(statement: Mapping[str, Any]) -> bool:
    """Whether it allows something to everybody, under no condition."""
    who = statement.get("Principal")
    named = several(who.get("AWS")) if isinstance(who, Mapping) else several(who)
    return word(statement.get("Effect")) == "allow" and "*" in named and not statement.get("Condition")


@policy(
    "no-public-databases",
    level="mandatory",
    types=[
        *aws("RDS::DBInstance", "RDS::DBCluster", "Redshift::Cluster", "DMS::ReplicationInstance"),
        *azure("Sql/servers", "DBforPostgreSQL/*", "DBforMySQL/*", "DBforMariaDB/*", "Cache/[Rr]edis"),
        *azure("DocumentDB/databaseAccounts"),
    ],
    reason="A database that strangers can reach is one guessed password away from them.",
    remedy="set PubliclyAccessible: false, or publicNetworkAccess: Disabled, and reach it from its own network",
    refuses=[
        Example("AWS::RDS::DBInstance", {"PubliclyAccessible": True}),
        Example("AWS::RDS::DBInstance", {"PubliclyAccessible": "true"}),
        Example("azure:Microsoft.Sql/servers", {"properties": {"publicNetworkAccess": "Enabled"}}),
    ],
    passes=[
        Example("AWS::RDS::DBInstance", {"PubliclyAccessible": False}),
        Example("AWS::RDS::DBInstance", {"PubliclyAccessible": UNKNOWN}),
        Example("azure:Microsoft.Sql/servers", {"properties": {"publicNetworkAccess": "Disabled"}}),
    ],
)
def no_public_databases(resource: PlannedResource, context: Context) -> Iterator[Finding]:
    properties = inner(resource.properties)
    for path in ("PubliclyAccessible", "publicNetworkAccess", "network.publicNetworkAccess"):
        if yes(at(properties, path)):
            yield f"{resource.name} can be reached from the internet ({path})"


@policy(
    "no-direct-exposure",
    types=[*KUBERNETES, *aws("EC2::Instance")],
    reason="What goes past the gateway goes past its certificates, its logs and its limits.",
    remedy="give it a route of the gateway, or an Ingress with TLS",
    refuses=[
        Example("kubernetes:v1/Service", {"spec": {"type": "LoadBalancer"}}),
        Example("AWS::EC2::Instance", {"NetworkInterfaces": [{"AssociatePublicIpAddress": True}]}),
    ],
    passes=[
        Example("kubernetes:v1/Service", {"spec": {"type": "ClusterIP"}}),
        Example("AWS::EC2::Instance", {"NetworkInterfaces": [{"AssociatePublicIpAddress": False}]}),
    ],
)
def no_direct_exposure(resource: PlannedResource, context: Context) -> Iterator[Finding]:
    if kind(resource) == "service" and not _internal(resource):
        how = at(resource.properties, "spec.type")
        if word(how) in ("loadbalancer", "nodeport"):
            yield f"{resource.name} is reached from outside past the gateway: it is a {how}"
    for one in maps(resource.properties.get("NetworkInterfaces")):
        if yes(one.get("AssociatePublicIpAddress")):
            yield f"{resource.name} has a public address"


def _internal(resource: PlannedResource) -> bool:
    notes = at(resource.properties, "metadata.annotations")
    said = {key: word(value) for key, value in notes.items()} if isinstance(notes, Mapping) else {}
    return any("internal" in value or ("internal" in key and yes(value)) for key, value in said.items())


@policy(
    "protection-is-declared",
    types=[*aws("S3::Bucket"), *azure("Storage/storageAccounts")],
    reason="What a cloud does unless told otherwise has changed over the years: what is declared can be relied on.",
    remedy="declare it, with the value that protects",
    refuses=[Example("AWS::S3::Bucket"), Example("azure:Microsoft.Storage/storageAccounts", {"properties": {}})],
    passes=[
        Example(
            "AWS::S3::Bucket", {_BLOCK: _ALL_BLOCKED, "BucketEncryption": {"ServerSideEncryptionConfiguration": []}}
        ),
        Example(
            "azure:Microsoft.Storage/storageAccounts",
            {"properties": {"allowBlobPublicAccess": False, "minimumTlsVersion": "TLS1_2"}},
        ),
    ],
)
def protection_is_declared(resource: PlannedResource, context: Context) -> Iterator[Finding]:
    wanted = (_BLOCK, "BucketEncryption") if is_aws(resource, "S3::Bucket") else _AZURE_WANTED
    properties = inner(resource.properties)
    if missing := [name for name in wanted if properties.get(name) is None]:
        yield f"{resource.name} doesn't say its {' and its '.join(missing)}"


_AZURE_WANTED = ("allowBlobPublicAccess", "minimumTlsVersion")
