"""What strangers can reach or read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from roadbed.policies.clouds import aws, azure, declared, inner, is_aws
from roadbed.policies.documents import for_all, statements
from roadbed.policies.networks import everywhere
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
    if is_aws(resource, "S3::BucketPolicy") and any(map(for_all, statements(properties.get("PolicyDocument")))):
        yield f"{resource.name} lets everybody in"


@policy(
    "no-public-databases",
    level="mandatory",
    types=[
        *aws("RDS::DBInstance", "RDS::DBCluster", "Redshift::Cluster", "DMS::ReplicationInstance", "AmazonMQ::Broker"),
        *aws("MSK::Cluster", "DocDB::DBInstance", "Neptune::DBInstance"),
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
    if word(at(properties, "BrokerNodeGroupInfo.ConnectivityInfo.PublicAccess.Type")) not in ("", "disabled"):
        yield f"{resource.name} can be reached from the internet", "set PublicAccess: {Type: DISABLED}"


@policy(
    "no-direct-exposure",
    types=[
        *KUBERNETES,
        *aws("EC2::Instance", "EC2::Subnet", "EC2::LaunchTemplate", "AutoScaling::LaunchConfiguration", "ECS::Service"),
        *azure("Storage/storageAccounts", "KeyVault/vaults", "DocumentDB/databaseAccounts"),
    ],
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
        how = at(declared(resource), "spec.type")
        if word(how) in ("loadbalancer", "nodeport"):
            yield f"{resource.name} is reached from outside past the gateway: it is a {how}"
        if several(at(declared(resource), "spec.externalIPs")):
            yield f"{resource.name} is reached from outside past the gateway: it has externalIPs"
    properties = inner(resource.properties)
    for place in (properties, *maps(properties.get("LaunchTemplateData"))):
        for one in (place, *maps(place.get("NetworkInterfaces"))):
            if yes(one.get("AssociatePublicIpAddress")):
                yield f"{resource.name} has a public address"
    if yes(properties.get("MapPublicIpOnLaunch")):
        yield f"what stands in {resource.name} has a public address", "set MapPublicIpOnLaunch: false"
    if yes(at(properties, "NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp")):
        yield f"{resource.name} has a public address", "set AssignPublicIp: DISABLED"
    if word(at(properties, "networkAcls.defaultAction")) == "allow":
        yield f"{resource.name} is reached from every network", "set networkAcls: {defaultAction: Deny}"


def _internal(resource: PlannedResource) -> bool:
    ranges = several(at(declared(resource), "spec.loadBalancerSourceRanges"))
    if ranges and not any(map(everywhere, ranges)):
        return True
    notes = at(declared(resource), "metadata.annotations")
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
