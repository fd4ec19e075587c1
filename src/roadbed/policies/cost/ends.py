"""What is made for development says when it goes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from roadbed.policies.clouds import aws, azure, tags, tags_unknown
from roadbed.policies.pods import KUBERNETES, kind
from roadbed.policies.values import unknown
from roadbed.sdk import policy
from roadbed.sdk.policies import UNKNOWN, Context, Example, Finding, PlannedResource

_NEVER = ("", "never", "none", "no", "false", "0", "-", "n/a", "null", "forever", "infinite")
_TAGGED = {"Tags": [{"Key": "expires", "Value": "2027-01-31"}]}


@policy(
    "time-to-live-in-development",
    types=[
        *aws("EC2::Instance", "RDS::DBInstance", "RDS::DBCluster", "Redshift::Cluster"),
        *aws("ElastiCache::ReplicationGroup", "ElastiCache::CacheCluster"),
        *aws("EKS::Cluster", "EKS::Nodegroup", "OpenSearchService::Domain", "AutoScaling::AutoScalingGroup"),
        *azure("Compute/virtualMachines", "DBforPostgreSQL/flexibleServers", "DBforMySQL/flexibleServers"),
        *azure("Sql/servers/databases", "Cache/[Rr]edis", "ContainerService/managedClusters"),
        *KUBERNETES,
    ],
    reason="What was made for an afternoon is paid for until somebody remembers it.",
    remedy="tag it with when it goes: `expires: 2027-01-31`, or `ttl: 7d`",
    config={
        "kinds": ["development"],
        "tags": ["expires", "expires-at", "expiry", "expiration", "expires-on", "delete-after", "ttl", "time-to-live"],
    },
    refuses=[
        Example("AWS::EC2::Instance", {"InstanceType": "t3.small"}, kind="development"),
        Example("kubernetes:v1/Namespace", {"metadata": {"name": "try"}}, kind="development"),
        Example("AWS::EC2::Instance", {"Tags": {"ttl": "never"}}, kind="development"),
    ],
    passes=[
        Example("AWS::EC2::Instance", _TAGGED, kind="development"),
        Example("AWS::EC2::Instance", {"Tags": UNKNOWN}, kind="development"),
        Example("AWS::EC2::Instance"),
        Example("kubernetes:v1/Namespace", {"metadata": {"labels": {"ttl": "7d"}}}, kind="development"),
    ],
)
def time_to_live_in_development(resource: PlannedResource, context: Context) -> Iterator[Finding]:
    """Of Kubernetes' objects a namespace alone: it takes with it what is in it."""
    if context.kind not in context.config["kinds"] or tags_unknown(resource):
        return
    if "AWS::" in resource.type or "icrosoft." in resource.type or kind(resource) == "namespace":
        names = {_plain(name) for name, value in tags(resource) if _ends(value)}
        if names.isdisjoint(map(_plain, context.config["tags"])):
            yield f"{resource.name} doesn't say when it goes"


def _ends(value: Any) -> bool:
    return unknown(value) or (bool(value) and str(value).strip().lower() not in _NEVER)


def _plain(name: str) -> str:
    """`example.com/Expires_At` is `expiresat`."""
    return name.rpartition("/")[2].lower().replace("-", "").replace("_", "")
