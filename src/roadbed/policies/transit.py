"""How AWS encrypts what goes over a network, by type."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from roadbed.policies.clouds import declared, is_aws
from roadbed.policies.values import at, lacks, maps, no, unknown, word
from roadbed.sdk.policies import Finding, PlannedResource

_OLD = ("tlsv1_", "tlsv1.0", "tlsv1.1", "sslv3", "policy-min-tls-1-0", "tls_1_0", "tls_1_1")
_BALANCED = re.compile(r"-1-[23](-|$)")
"""How the name of a load balancer's policy goes that begins with TLS 1.2."""


def aws(resource: PlannedResource) -> Iterator[Finding]:
    yield from _brokers(resource)
    properties = declared(resource)
    for version in _versions(properties):
        yield f"{resource.name} takes TLS older than 1.2 ({version})", "choose the oldest to be TLS 1.2"
    if is_aws(resource, "ElastiCache::ReplicationGroup") and lacks(properties.get("TransitEncryptionEnabled")):
        yield f"{resource.name} is reached in the clear", "set TransitEncryptionEnabled: true"
    if is_aws(resource, "ElasticLoadBalancingV2::Listener") and word(properties.get("Protocol")) == "http":
        actions = properties.get("DefaultActions")
        if not unknown(actions) and not all(map(_redirects, maps(actions or {}))):
            yield f"{resource.name} answers in the clear", "let it redirect to HTTPS, and answer there"
    for place in _behaviours(properties.get("DistributionConfig")):
        if word(place.get("ViewerProtocolPolicy")) == "allow-all":
            yield f"{resource.name} answers in the clear", "set ViewerProtocolPolicy: redirect-to-https"
    if is_aws(resource, "OpenSearchService::Domain", "Elasticsearch::Domain"):
        for path in ("NodeToNodeEncryptionOptions.Enabled", "DomainEndpointOptions.EnforceHTTPS"):
            if lacks(at(properties, path)):
                yield f"{resource.name} lacks {path}", f"set {path}: true"


def _brokers(resource: PlannedResource) -> Iterator[Finding]:
    """What talks to a cluster, a cache or a file system."""
    properties = declared(resource)
    if word(found := at(properties, "EncryptionInfo.EncryptionInTransit.ClientBroker")) in (
        "plaintext",
        "tls_plaintext",
    ):
        yield f"{resource.name} is reached in the clear ({found})", "set ClientBroker: TLS"
    if no(at(properties, "EncryptionInfo.EncryptionInTransit.InCluster")):
        yield f"the brokers of {resource.name} talk in the clear", "set InCluster: true"
    said = properties.get("ClusterEndpointEncryptionType")
    if is_aws(resource, "DAX::Cluster") and word(said) != "tls" and not unknown(said):
        yield f"{resource.name} is reached in the clear", "set ClusterEndpointEncryptionType: TLS"
    for volume in maps(properties.get("Volumes")):
        for mount in maps(volume.get("EFSVolumeConfiguration")):
            if lacks(mount.get("TransitEncryption")):
                yield f"{resource.name} mounts a file system in the clear", "set TransitEncryption: ENABLED"
    for listener in maps(properties.get("Listeners")):
        if word(listener.get("Protocol")) == "http":
            yield f"{resource.name} answers in the clear", "let it listen by HTTPS alone"


def _versions(properties: Mapping[str, Any]) -> Iterator[Any]:
    """The oldest TLS that is taken, where that is said and is older than 1.2."""
    said = [
        at(properties, "DistributionConfig.ViewerCertificate.MinimumProtocolVersion"),
        at(properties, "DomainEndpointOptions.TLSSecurityPolicy"),
        *(one.get("SecurityPolicy") for one in (properties, *maps(properties.get("DomainNameConfigurations")))),
    ]
    yield from (each for each in said if word(each) == "tlsv1" or word(each).startswith(_OLD))
    balanced = word(properties.get("SslPolicy"))
    if balanced and not _BALANCED.search(balanced):
        yield properties["SslPolicy"]


def _redirects(action: Any) -> bool:
    protocol = at(action, "RedirectConfig.Protocol")
    return unknown(protocol) or (word(at(action, "Type")) == "redirect" and word(protocol) == "https")


def _behaviours(distribution: Any) -> Iterator[Any]:
    yield from maps(at(distribution, "DefaultCacheBehavior"))
    yield from maps(at(distribution, "CacheBehaviors"))
