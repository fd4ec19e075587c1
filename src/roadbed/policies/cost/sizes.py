"""Sizes that fit what a thing is for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from roadbed.policies.clouds import aws, azure, inner
from roadbed.policies.pods import KUBERNETES, containers, kind
from roadbed.policies.values import at, maps, number, word, yes
from roadbed.sdk import policy
from roadbed.sdk.policies import UNKNOWN, Context, Example, Finding, PlannedResource

_TYPES = (
    "runtime:Service",
    "runtime:Job",
    "runtime:ScheduledJob",
    "redis:Database",
    "nats:Account",
    *KUBERNETES,
    *aws("RDS::DBInstance", "EC2::Instance", "EC2::Volume", "Redshift::Cluster"),
    *aws("ElastiCache::ReplicationGroup", "ElastiCache::CacheCluster"),
    *azure("Compute/virtualMachines", "DBforPostgreSQL/flexibleServers", "DBforMySQL/flexibleServers"),
)
_ORDER = ("nano", "micro", "small", "medium", "large", "xlarge")
_CLASSES = ("DBInstanceClass", "InstanceType", "CacheNodeType", "NodeType")
_REPLICAS = ("replicas", "NumCacheClusters", "NumCacheNodes", "NumberOfNodes")
_QUANTITY = re.compile(r"([0-9.]+)([a-zA-Z]*)")
_MEGABYTES = {
    "": 1e-6,
    "k": 1e-3,
    "m": 1.0,
    "g": 1e3,
    "t": 1e6,
    "ki": 2**10 / 1e6,
    "mi": 2**20 / 1e6,
    "gi": 2**30 / 1e6,
}
_THOUSANDTHS = {"": 1000.0, "m": 1.0}
_VCPUS = re.compile(r"standard_[a-z]+(\d+)")


def _class_size(name: Any) -> int:
    """By order: `db.t4g.small` is 2, `m7i.large` 4, `m7i.2xlarge` 6; -1 for what has none."""
    size = word(name).rpartition(".")[2]
    if size.endswith("xlarge") and (times := size.removesuffix("xlarge")).isdigit():
        return len(_ORDER) - 2 + int(times)
    return len(_ORDER) + 100 if size.startswith("metal") else _ORDER.index(size) if size in _ORDER else -1


def _sizes(resource: PlannedResource) -> Iterator[tuple[str, str, float]]:
    """What is measured: the config that limits it, what it is called, and how much there is."""
    properties = inner(resource.properties)
    measured: list[tuple[str, str, Any]] = [
        ("memory_mb", "memory_mb", properties.get("memory_mb")),
        ("memory_mb", "max_memory_mb", properties.get("max_memory_mb")),
        ("cpu_millis", "cpu_millis", properties.get("cpu_millis")),
        ("storage_gb", "max_storage_mb", _thousandth(properties.get("max_storage_mb"))),
        ("storage_gb", "AllocatedStorage", properties.get("AllocatedStorage")),
        ("storage_gb", "storageSizeGB", at(properties, "storage.storageSizeGB")),
        *(("replicas", name, properties.get(name)) for name in _REPLICAS),
    ]
    if "EC2::Volume" in resource.type:
        measured.append(("storage_gb", "Size", properties.get("Size")))
    if kind(resource) != "horizontalpodautoscaler":
        measured.append(("replicas", "spec.replicas", at(properties, "spec.replicas")))
    for name in ("hardwareProfile.vmSize", "sku.name"):
        if found := _VCPUS.match(word(at(resource.properties, name) or at(properties, name))):
            measured += [("vcpus", f"the CPUs of {name}", found[1])]
    for container in containers(resource):
        measured += _requested(container.properties)
    if isinstance(others := properties.get("containers"), Mapping):
        for name, one in others.items():
            measured += [(what, f"{what} of {name}", at(one, what)) for what in ("memory_mb", "cpu_millis")]
    for limit, what, value in measured:
        if (size := number(value)) is not None:
            yield limit, what, size


def _requested(container: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    for place in ("requests", "limits"):
        memory, cpu = (at(container, f"resources.{place}.{what}") for what in ("memory", "cpu"))
        yield "memory_mb", f"{place}.memory in MB", _quantity(memory, _MEGABYTES)
        yield "cpu_millis", f"{place}.cpu in thousandths", _quantity(cpu, _THOUSANDTHS)


def _thousandth(value: Any) -> float | None:
    found = number(value)
    return None if found is None else found / 1000


def _quantity(value: Any, units: Mapping[str, float]) -> float | None:
    """Kubernetes' quantity: `500m`, `2`, `1.5Gi`."""
    found = _QUANTITY.fullmatch(str(value).strip()) if isinstance(value, str | int | float) else None
    unit = found[2] if found else ""
    scale = units.get(unit.lower())
    amount = number(found[1]) if found else None
    return None if scale is None or amount is None else amount * scale


def _too_large(resource: PlannedResource, most: Mapping[str, Any]) -> Iterator[str]:
    for limit, what, size in _sizes(resource):
        if size > most[limit]:
            yield f"{resource.name} has {what} {size:g}, and {most[limit]:g} are enough here"
    for place in (resource.properties, *maps(resource.properties.get("ClusterConfig"))):
        for name in _CLASSES:
            if _class_size(place.get(name)) > _class_size(most["class"]):
                yield f"{resource.name} is a {place[name]}, and {most['class']} is enough here"


@policy(
    "small-in-development",
    types=_TYPES,
    reason="Nobody waits for a development environment, and it costs as much an hour as one for customers.",
    remedy="choose a smaller size here: programs and roadbed.yaml can tell environments apart",
    config={
        "kinds": ["development", "test"],
        "memory_mb": 4096,
        "cpu_millis": 4000,
        "replicas": 3,
        "storage_gb": 100,
        "vcpus": 4,
        "class": "large",
    },
    refuses=[
        Example("runtime:Service", {"memory_mb": 16384}, kind="development"),
        Example("AWS::RDS::DBInstance", {"DBInstanceClass": "db.r6g.4xlarge"}, kind="development"),
        Example("AWS::RDS::DBInstance", {"AllocatedStorage": "500"}, kind="test"),
    ],
    passes=[
        Example("runtime:Service", {"memory_mb": 256, "replicas": 1}, kind="development"),
        Example("AWS::RDS::DBInstance", {"DBInstanceClass": "db.t4g.small"}, kind="development"),
        Example("AWS::RDS::DBInstance", {"DBInstanceClass": "db.r6g.4xlarge"}),
        Example("AWS::RDS::DBInstance", {"DBInstanceClass": UNKNOWN}, kind="development"),
    ],
)
def small_in_development(resource: PlannedResource, context: Context) -> Iterator[Finding]:
    if context.kind in context.config["kinds"]:
        yield from _too_large(resource, context.config)


@policy(
    "sizes-within-reason",
    types=_TYPES,
    reason="A size that nobody meant, one digit too many, is paid for until somebody looks.",
    remedy="choose what it needs; if it needs that much, the platform team raises the limit in policies.yaml",
    config={
        "memory_mb": 65536,
        "cpu_millis": 32000,
        "replicas": 50,
        "storage_gb": 4000,
        "vcpus": 32,
        "class": "8xlarge",
    },
    refuses=[
        Example("AWS::EC2::Instance", {"InstanceType": "m7i.48xlarge"}),
        Example("runtime:Service", {"replicas": 500}),
    ],
    passes=[
        Example("AWS::EC2::Instance", {"InstanceType": "m7i.2xlarge"}),
        Example("runtime:Service", {"replicas": 5}),
    ],
)
def sizes_within_reason(resource: PlannedResource, context: Context) -> Iterator[Finding]:
    yield from _too_large(resource, context.config)


@policy(
    "no-standby-in-development",
    types=[*aws("RDS::DBInstance", "RDS::DBCluster", "ElastiCache::ReplicationGroup")],
    reason="A second zone doubles the bill, and nobody is woken when development is away.",
    remedy="turn it on in production alone",
    config={"kinds": ["development"]},
    refuses=Example("AWS::RDS::DBInstance", {"MultiAZ": True}, kind="development"),
    passes=[
        Example("AWS::RDS::DBInstance", {"MultiAZ": True}),
        Example("AWS::RDS::DBInstance", {"MultiAZ": False}, kind="development"),
    ],
)
def no_standby_in_development(resource: PlannedResource, context: Context) -> Iterator[Finding]:
    for name in ("MultiAZ", "MultiAZEnabled"):
        if context.kind in context.config["kinds"] and yes(resource.properties.get(name)):
            yield f"{resource.name} has a standby in another zone ({name})"
