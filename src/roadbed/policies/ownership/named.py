"""Everything says whose it is, what it belongs to, and what it is for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from roadbed.policies.clouds import aws, azure, tags, tags_unknown
from roadbed.policies.pods import KUBERNETES, kind
from roadbed.policies.values import at, unknown, word
from roadbed.sdk import policy
from roadbed.sdk.policies import UNKNOWN, Context, Example, Finding, PlannedResource, PlannedStack

_COMPONENT = "catalog:Component"
_GOOD = {
    "metadata": {"name": "orders", "description": "Takes orders and keeps them."},
    "spec": {"owner": "group:default/shops", "system": "shop"},
}


def _said(resource: PlannedResource, path: str) -> Any:
    return at(resource.properties, f"entity.{path}")


def _example(part: str, **more: Any) -> Example:
    entity = {**_GOOD, part: {**_GOOD[part], **more}}
    return Example(_COMPONENT, {"entity": entity})


@policy(
    "has-owner",
    level="mandatory",
    types=_COMPONENT,
    reason="What nobody owns nobody mends, and nobody is asked before it is changed.",
    remedy="name a team in roadbed.yaml (`owner: group:default/TEAM`), or in the catalog's file (`spec.owner`)",
    config={"nobody": ["unknown", "none", "nobody", "tbd", "todo", "guest", "guests", "n/a", "null"]},
    refuses=[_example("spec", owner=None), _example("spec", owner="group:default/unknown"), _example("spec", owner="")],
    passes=[_example("spec"), _example("spec", owner=UNKNOWN)],
)
def has_owner(resource: PlannedResource, context: Context) -> Iterator[Finding]:
    owner = _said(resource, "spec.owner")
    if not unknown(owner) and word(owner).rpartition("/")[2].rpartition(":")[2] in ("", *context.config["nobody"]):
        yield f"{resource.name} has no owner" if not word(owner) else f"{resource.name} is owned by {owner}: by nobody"


@policy(
    "stack-has-owner",
    on="stack",
    reason="What nobody owns nobody mends, and nobody is asked before it is changed.",
    remedy="name the owner of the application, or of the module",
    refuses=Example("file:File", {"path": "a"}, owner=None),
    passes=Example("file:File", {"path": "a"}),
)
def stack_has_owner(stack: PlannedStack, context: Context) -> Iterator[Finding]:
    if not context.owner:
        yield f"{context.stack} has no owner"


@policy(
    "has-system",
    types=_COMPONENT,
    reason="In a system stands together what belongs together: who is touched by a change is seen there.",
    remedy="name it in roadbed.yaml (`system: shop`), or in the catalog's file (`spec.system`)",
    config={"none": ["unknown", "none", "tbd", "todo", "default", "n/a"]},
    refuses=[_example("spec", system=None), _example("spec", system=" "), _example("spec", system="unknown")],
    passes=[_example("spec"), _example("spec", system=UNKNOWN)],
)
def has_system(resource: PlannedResource, context: Context) -> Iterator[Finding]:
    system = _said(resource, "spec.system")
    if not unknown(system) and word(system).rpartition("/")[2].rpartition(":")[2] in ("", *context.config["none"]):
        yield f"{resource.name} belongs to no system"


@policy(
    "has-description",
    types=_COMPONENT,
    reason="Whoever finds it in the catalog, at night too, wants to know what it is for.",
    remedy="say in a sentence what it does: `description` in roadbed.yaml, or in the catalog's file",
    config={"shortest": 10, "begins": ["todo", "tbd", "fixme", "description of"]},
    refuses=[
        _example("metadata", description=None),
        _example("metadata", description="orders"),
        _example("metadata", description="TODO: say what it is for"),
        _example("metadata", name="order-service", description="Order service"),
    ],
    passes=_example("metadata"),
)
def has_description(resource: PlannedResource, context: Context) -> Iterator[Finding]:
    text = _said(resource, "metadata.description")
    if unknown(text):
        return
    if not word(text):
        yield f"{resource.name} has no description"
    elif len(word(text)) < context.config["shortest"] or _says_nothing(resource, word(text), context):
        yield f"the description of {resource.name} says little: {text}"


def _says_nothing(resource: PlannedResource, text: str, context: Context) -> bool:
    """Whether it is still to be written, or is the name again."""
    same = _squeezed(text) in (_squeezed(resource.name), _squeezed(word(_said(resource, "metadata.name"))))
    return same or text.startswith(tuple(context.config["begins"]))


def _squeezed(text: str) -> str:
    return "".join(filter(str.isalnum, text.lower()))


@policy(
    "cloud-resources-are-tagged",
    types=[
        *aws("S3::Bucket", "EC2::Instance", "EC2::Volume", "RDS::DBInstance", "RDS::DBCluster"),
        *aws("ElastiCache::ReplicationGroup", "ElastiCache::CacheCluster", "DynamoDB::Table"),
        *aws(
            "SNS::Topic", "EFS::FileSystem", "ElasticLoadBalancingV2::LoadBalancer", "Kinesis::Stream", "MSK::Cluster"
        ),
        *aws("OpenSearchService::Domain", "DocDB::DBCluster", "Neptune::DBCluster", "EKS::Nodegroup", "EC2::VPC"),
        *aws("Lambda::Function", "ECS::Cluster", "ECS::Service", "EKS::Cluster", "SQS::Queue", "Redshift::Cluster"),
        *azure("Storage/storageAccounts", "Compute/virtualMachines", "Sql/servers", "Cache/[Rr]edis", "Web/sites"),
        *azure("DBforPostgreSQL/flexibleServers", "DBforMySQL/flexibleServers", "ContainerService/managedClusters"),
        *KUBERNETES,
    ],
    reason="A bill, or an alarm, names a resource and not its program: its tags lead to who knows it.",
    remedy="tag it with its owner and its system",
    config={
        "owner": ["owner", "team"],
        "system": ["system", "application", "project", "service", "part-of"],
        "nobody": ["unknown", "none", "nobody", "tbd", "todo", "n/a"],
    },
    refuses=[
        Example("AWS::S3::Bucket"),
        Example("AWS::S3::Bucket", {"Tags": [{"Key": "owner", "Value": ""}, {"Key": "system", "Value": "shop"}]}),
        Example("kubernetes:apps/v1/Deployment", {"metadata": {"labels": {"app.kubernetes.io/name": "web"}}}),
    ],
    passes=[
        Example("AWS::S3::Bucket", {"Tags": [{"Key": "Owner", "Value": "shops"}, {"Key": "system", "Value": UNKNOWN}]}),
        Example("azure:Microsoft.Storage/storageAccounts", {"tags": {"owner": "shops", "system": "shop"}}),
        Example("AWS::S3::Bucket", {"Tags": UNKNOWN}),
        Example("kubernetes:v1/Pod", {"metadata": {"labels": {"owner": "shops", "app.kubernetes.io/part-of": "shop"}}}),
    ],
)
def cloud_resources_are_tagged(resource: PlannedResource, context: Context) -> Iterator[Finding]:
    """Of Kubernetes' objects those that run something."""
    if tags_unknown(resource) or not (_in_a_cloud(resource) or kind(resource) in _RUNNING):
        return
    nobody = ("", *context.config["nobody"])
    found = ((name, unknown(value) or str(value or "").strip().lower() not in nobody) for name, value in tags(resource))
    names = {name.rpartition("/")[2].rpartition(":")[2].lower() for name, said in found if said}
    if missing := [what for what in ("owner", "system") if names.isdisjoint(context.config[what])]:
        yield f"{resource.name} has no tag that names its {' or its '.join(missing)}"


_RUNNING = ("pod", "deployment", "statefulset", "daemonset", "cronjob", "job")


def _in_a_cloud(resource: PlannedResource) -> bool:
    return "AWS::" in resource.type or "icrosoft." in resource.type
