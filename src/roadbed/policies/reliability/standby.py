"""A second one is there when one is lost."""

from __future__ import annotations

from collections.abc import Iterator

from roadbed.policies.clouds import aws, azure, belongs_elsewhere, inner, is_aws, is_azure
from roadbed.policies.values import at, lacks, no, number, several, unknown, word
from roadbed.sdk import policy
from roadbed.sdk.policies import UNKNOWN, Context, Example, Finding, PlannedResource

_SERVERS = ("DBforPostgreSQL/flexibleServers", "DBforMySQL/flexibleServers")
_ZONES = ("AvailabilityZones", "VPCZoneIdentifier", "Subnets", "SubnetMappings")
"""What names where machines stand."""


@policy(
    "no-single-point-of-failure",
    types=[
        *aws("RDS::DBInstance", "ElastiCache::ReplicationGroup", "ElastiCache::CacheCluster"),
        *aws("AutoScaling::AutoScalingGroup", "ElasticLoadBalancingV2::LoadBalancer", "AmazonMQ::Broker"),
        *aws("OpenSearchService::Domain", "Elasticsearch::Domain", "MSK::Cluster"),
        *azure(*_SERVERS),
    ],
    reason="What there is one of is away for as long as that one is.",
    remedy="let a second one stand by, in another zone",
    refuses=[
        Example("AWS::RDS::DBInstance", {"MultiAZ": "false"}),
        Example("AWS::ElastiCache::ReplicationGroup", {"AutomaticFailoverEnabled": False}),
        Example("AWS::AutoScaling::AutoScalingGroup", {"MinSize": "2", "AvailabilityZones": ["eu-central-1a"]}),
    ],
    passes=[
        Example("AWS::RDS::DBInstance", {"MultiAZ": True}),
        Example("AWS::RDS::DBInstance", {"DBClusterIdentifier": "shop"}),
        Example("AWS::RDS::DBInstance", {"MultiAZ": False}, kind="development"),
        Example("AWS::ElastiCache::ReplicationGroup", {"AutomaticFailoverEnabled": "true", "MultiAZEnabled": True}),
        Example("AWS::AutoScaling::AutoScalingGroup", {"MinSize": "2", "VPCZoneIdentifier": UNKNOWN}),
    ],
)
def no_single_point_of_failure(resource: PlannedResource, context: Context) -> Iterator[Finding]:
    if context.kind != "production" or belongs_elsewhere(resource):
        return
    properties = inner(resource.properties)
    if is_aws(resource, "RDS::DBInstance") and lacks(properties.get("MultiAZ")):
        yield f"{resource.name} stands in one zone", "set MultiAZ: true"
    if is_aws(resource, "ElastiCache::ReplicationGroup"):
        for name in ("AutomaticFailoverEnabled", "MultiAZEnabled"):
            if lacks(properties.get(name)):
                yield f"{resource.name} lacks {name}", f"set {name}: true"
    if is_aws(resource, "ElastiCache::CacheCluster") and number(properties.get("NumCacheNodes"), 1) == 1:
        yield f"{resource.name} is one node", "make it an AWS::ElastiCache::ReplicationGroup"
    for name in ("ClusterConfig.InstanceCount", "ElasticsearchClusterConfig.InstanceCount", "NumberOfBrokerNodes"):
        if number(at(properties, name)) == 1:
            yield f"{resource.name} is one node ({name})", f"set {name} to 2 at least"
    if word(properties.get("DeploymentMode")) == "single_instance":
        yield f"{resource.name} is one broker", "set DeploymentMode: ACTIVE_STANDBY_MULTI_AZ"
    for name in _ZONES:
        if isinstance(properties.get(name), list) and len(several(properties[name])) == 1:
            yield f"all machines of {resource.name} stand in one zone ({name})"
    mode = at(properties, "highAvailability.mode")
    if is_azure(resource, *_SERVERS) and not unknown(mode) and (mode is None or word(mode) == "disabled" or no(mode)):
        yield f"{resource.name} has no standby", "set highAvailability: {mode: ZoneRedundant}"
