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
    config={"nobody": ["unknown", "none", "nobody", "tbd", "todo", "guest", "guests", "n/a"]},
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
    refuses=[_example("spec", system=None), _example("spec", system=" ")],
    passes=[_example("spec"), _example("spec", system=UNKNOWN)],
)
def has_system(resource: PlannedResource, context: Context) -> Iterator[Finding]:
    system = _said(resource, "spec.system")
    if not unknown(system) and not word(system):
        yield f"{resource.name} belongs to no system"


@policy(
    "has-description",
    types=_COMPONENT,
    reason="Whoever finds it in the catalog, at night too, wants to know what it is for.",
    remedy="say in a sentence what it does: `description` in roadbed.yaml, or in the catalog's file",
    config={"shortest": 10},
    refuses=[_example("metadata", description=None), _example("metadata", description="orders")],
    passes=_example("metadata"),
)
def has_description(resource: PlannedResource, context: Context) -> Iterator[Finding]:
    text = _said(resource, "metadata.description")
    if unknown(text):
        return
    if not word(text):
        yield f"{resource.name} has no description"
    elif len(word(text)) < context.config["shortest"]:
        yield f"the description of {resource.name} says little: {text}"


@policy(
    "cloud-resources-are-tagged",
    types=[
        *aws("S3::Bucket", "EC2::Instance", "EC2::Volume", "RDS::DBInstance", "RDS::DBCluster"),
        *aws("ElastiCache::ReplicationGroup", "ElastiCache::CacheCluster", "DynamoDB::Table"),
        *aws("Lambda::Function", "ECS::Cluster", "ECS::Service", "EKS::Cluster", "SQS::Queue", "Redshift::Cluster"),
        *azure("Storage/storageAccounts", "Compute/virtualMachines", "Sql/servers", "Cache/[Rr]edis", "Web/sites"),
        *azure("DBforPostgreSQL/flexibleServers", "DBforMySQL/flexibleServers", "ContainerService/managedClusters"),
        *KUBERNETES,
    ],
    reason="A bill, or an alarm, names a resource and not its program: its tags lead to who knows it.",
    remedy="tag it with its owner and its system",
    config={"owner": ["owner", "team"], "system": ["system", "application", "project", "service", "part-of"]},
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
    names = {name.rpartition("/")[2].lower() for name, value in tags(resource) if value or unknown(value)}
    if missing := [what for what in ("owner", "system") if names.isdisjoint(context.config[what])]:
        yield f"{resource.name} has no tag that names its {' or its '.join(missing)}"


_RUNNING = ("pod", "deployment", "statefulset", "daemonset", "cronjob", "job")


def _in_a_cloud(resource: PlannedResource) -> bool:
    return "AWS::" in resource.type or "icrosoft." in resource.type
