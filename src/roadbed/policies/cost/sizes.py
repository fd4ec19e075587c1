"""Sizes that fit what a thing is for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from roadbed.policies.clouds import aws, azure, declared, inner
from roadbed.policies.measures import class_size, sizes
from roadbed.policies.pods import KUBERNETES
from roadbed.policies.values import at, maps, several, word, yes
from roadbed.sdk import policy
from roadbed.sdk.policies import UNKNOWN, Context, Example, Finding, PlannedResource

_TYPES = (
    "runtime:Service",
    "runtime:Job",
    "runtime:ScheduledJob",
    "runtime:Volume",
    "redis:Database",
    "nats:Account",
    *KUBERNETES,
    *aws("RDS::DBInstance", "EC2::Instance", "EC2::Volume", "Redshift::Cluster"),
    *aws("ElastiCache::ReplicationGroup", "ElastiCache::CacheCluster", "AutoScaling::AutoScalingGroup", "ECS::Service"),
    *aws("EC2::LaunchTemplate", "EKS::Nodegroup", "OpenSearchService::Domain", "Lambda::Function", "DocDB::DBInstance"),
    *azure(
        "Compute/virtualMachines",
        "Compute/virtualMachineScaleSets",
        "DBforPostgreSQL/flexibleServers",
        "DBforMySQL/flexibleServers",
    ),
)
_CLASSES = ("DBInstanceClass", "InstanceType", "InstanceTypes", "CacheNodeType", "NodeType")
_WITHIN = ("ClusterConfig", "LaunchTemplateData")
"""What holds the class of a machine, beside the properties themselves."""


def _too_large(resource: PlannedResource, most: Mapping[str, Any]) -> Iterator[str]:
    for limit, what, size in sizes(resource):
        if size > most[limit]:
            yield f"{resource.name} has {what} {size:g}, and {most[limit]:g} are enough here"
    properties = declared(resource)
    for place in (properties, *(one for name in _WITHIN for one in maps(properties.get(name)))):
        for one in (each for name in _CLASSES for each in several(place.get(name))):
            if class_size(one) > class_size(most["class"]):
                yield f"{resource.name} is a {one}, and {most['class']} is enough here"


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
    types=[
        *aws("RDS::DBInstance", "RDS::DBCluster", "ElastiCache::ReplicationGroup"),
        *azure("DBforPostgreSQL/flexibleServers", "DBforMySQL/flexibleServers"),
    ],
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
        if context.kind in context.config["kinds"] and yes(declared(resource).get(name)):
            yield f"{resource.name} has a standby in another zone ({name})"
    mode = at(inner(resource.properties), "highAvailability.mode")
    if context.kind in context.config["kinds"] and word(mode) not in ("", "disabled"):
        yield f"{resource.name} has a standby ({mode})", "set highAvailability: {mode: Disabled}"
