"""What goes over a network is encrypted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from roadbed.policies import transit
from roadbed.policies.clouds import aws, azure, declared, inner, is_azure
from roadbed.policies.confidential import sounds
from roadbed.policies.pods import KUBERNETES, kind
from roadbed.policies.values import at, lacks, maps, no, several, unknown, word, yes
from roadbed.sdk import policy
from roadbed.sdk.policies import SECRET, UNKNOWN, Context, Example, Finding, PlannedResource, is_secret

_HERE = ("", "localhost", "127.0.0.1", "::1")
_OLD = ("tls1_0", "tls1_1", "1.0", "1.1", "none", "tlsenforcementdisabled")
_WITH_TLS = "give it `tls` with its hosts and the Secret of their certificate"
_REDIRECT = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "StatusCode": "HTTP_301"}}


@policy(
    "encrypted-in-transit",
    level="mandatory",
    types=[
        "postgres:Server",
        "http:Health",
        *KUBERNETES,
        *aws("ElastiCache::ReplicationGroup", "ElasticLoadBalancingV2::Listener", "CloudFront::Distribution"),
        *aws("OpenSearchService::Domain", "Elasticsearch::Domain", "ElasticLoadBalancing::LoadBalancer"),
        *aws(
            "MSK::Cluster", "DAX::Cluster", "ECS::TaskDefinition", "ApiGateway::DomainName", "ApiGatewayV2::DomainName"
        ),
        *azure("Storage/storageAccounts", "Cache/[Rr]edis", "Web/sites", "Web/sites/slots", "Sql/servers"),
        *azure("DBforPostgreSQL/*", "DBforMySQL/*", "DBforMariaDB/*", "App/containerApps"),
    ],
    reason="What goes over a network in the clear is read, and changed, by whoever sits on the way.",
    remedy="turn TLS on, version 1.2 or newer",
    refuses=[
        Example("postgres:Server", {"host": "db.example.com", "username": "u", "password": SECRET}),
        Example("AWS::ElasticLoadBalancingV2::Listener", {"Protocol": "HTTP", "Port": 80}),
        Example("AWS::ElastiCache::ReplicationGroup", {"AtRestEncryptionEnabled": True}),
        Example("kubernetes:networking.k8s.io/v1/Ingress", {"spec": {"rules": [{"host": "shop.example.com"}]}}),
    ],
    passes=[
        Example("postgres:Server", {"host": "db.example.com", "sslmode": "verify-full", "password": SECRET}),
        Example("postgres:Server", {"host": "localhost", "password": SECRET}),
        Example("postgres:Server", {"host": "db.example.com", "sslmode": UNKNOWN}),
        Example("AWS::ElasticLoadBalancingV2::Listener", {"Protocol": "HTTP", "DefaultActions": [_REDIRECT]}),
        Example("http:Health", {"url": "http://127.0.0.1:8080/healthz"}),
        Example("kubernetes:networking.k8s.io/v1/Ingress", {"spec": {"tls": [{"hosts": ["shop.example.com"]}]}}),
    ],
)
def encrypted_in_transit(resource: PlannedResource, context: Context) -> Iterator[Finding]:
    properties = inner(resource.properties)
    if resource.type == "postgres:Server":
        yield from _postgres(resource)
    elif resource.type == "http:Health":
        yield from _health(resource)
    elif "AWS::" in resource.type:
        yield from transit.aws(resource)
    elif kind(resource) == "ingress":
        yield from _ingress(resource)
    else:
        yield from _azure(resource, properties)


def _postgres(resource: PlannedResource) -> Iterator[Finding]:
    host, mode = declared(resource).get("host"), declared(resource).get("sslmode", "prefer")
    near = isinstance(host, str) and (host.lower() in _HERE or host.startswith("/"))
    if not near and word(mode) in ("disable", "allow", "prefer"):
        yield f"{resource.name} is reached with sslmode {mode}, which does without TLS", "set sslmode: verify-full"


def _health(resource: PlannedResource) -> Iterator[Finding]:
    """A check in the clear gives nothing away, unless it is asked with a secret."""
    url, headers = declared(resource).get("url"), declared(resource).get("headers")
    named = isinstance(headers, dict) and any(sounds(str(name)) for name in headers)
    if _in_the_clear(url) and (named or any(map(is_secret, (url, headers, declared(resource).get("body"))))):
        yield f"{resource.name} sends a secret in the clear", "ask by https"


def _in_the_clear(url: Any) -> bool:
    try:
        found = urlsplit(url) if isinstance(url, str) else None
    except ValueError:
        return False
    return found is not None and found.scheme == "http" and (found.hostname or "") not in _HERE


def _ingress(resource: PlannedResource) -> Iterator[Finding]:
    given = at(resource.properties, "spec.tls")
    if given in (None, [], {}):
        yield f"{resource.name} has no TLS", _WITH_TLS
        return
    hosts = [several(one.get("hosts")) for one in maps(given)]
    if hosts and all(hosts):
        named = [each for listed in hosts for each in listed]
        for rule in maps(at(resource.properties, "spec.rules")):
            if isinstance(host := rule.get("host"), str) and not _certified(host, named):
                yield f"{resource.name} has no TLS for {host}", _WITH_TLS
    notes = at(resource.properties, "metadata.annotations")
    for name, value in notes.items() if isinstance(notes, Mapping) else ():
        if name.endswith("/ssl-redirect") and no(value):
            yield f"{resource.name} answers in the clear too", f"drop {name}: {value}"


def _certified(host: str, named: Sequence[Any]) -> bool:
    """Whether a host is one of those that a certificate is for; `*.example.com` is for those right below it."""
    return host in named or f"*.{host.partition('.')[2]}" in named or any(map(unknown, named))


def _azure(resource: PlannedResource, properties: Any) -> Iterator[Finding]:
    for name in ("supportsHttpsTrafficOnly", "sslEnforcement"):
        if no(properties.get(name)):
            yield f"{resource.name} is reached in the clear ({name})", f"turn {name} on"
    for path in ("minimumTlsVersion", "minimalTlsVersion", "siteConfig.minTlsVersion"):
        if word(version := at(properties, path)) in _OLD:
            yield f"{resource.name} takes TLS {version}", f"set {path} to 1.2 or newer"
    if yes(properties.get("enableNonSslPort")):
        yield f"{resource.name} has a port without TLS", "set enableNonSslPort: false"
    if is_azure(resource, "Web/sites", "Web/sites/slots") and lacks(properties.get("httpsOnly")):
        yield f"{resource.name} answers in the clear", "set httpsOnly: true"
    if word(at(properties, "siteConfig.ftpsState")) == "allallowed":
        yield f"{resource.name} takes files by FTP in the clear", "set ftpsState: FtpsOnly, or Disabled"
    called = str(declared(resource).get("name", resource.name)).rpartition("/")[2]
    if called == "require_secure_transport" and no(properties.get("value")):
        yield f"{resource.name} lets in connections in the clear", "set require_secure_transport: on"
    if yes(at(properties, "configuration.ingress.allowInsecure")):
        yield f"{resource.name} answers in the clear", "set ingress.allowInsecure: false"
