"""Rules that let the whole world in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

from roadbed.policies.clouds import aws, azure, inner, is_aws
from roadbed.policies.values import maps, number, several, unknown, word
from roadbed.sdk import policy
from roadbed.sdk.policies import UNKNOWN, Context, Example, Finding, PlannedResource

_ALL = (0, 65535)
_WORLD = ("*", "any", "internet")
_EVERY_ADDRESS = ("0.0.0.0", "255.255.255.255")  # noqa: S104 - nothing is bound
_WIDE = 8
"""The shortest prefix that is no more than one organisation's."""
_ICMP = ("icmp", "icmpv6", "1", "58")

Ports = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Rule:
    """What lets in from where. `ports` are first and last; there are none for what isn't known yet."""

    sources: Sequence[Any]
    ports: Sequence[Ports]


def _wide(source: Any) -> bool:
    if not isinstance(source, str):
        return False
    if word(source) in _WORLD:
        return True
    try:
        return ip_network(source.strip(), strict=False).prefixlen < _WIDE
    except ValueError:
        return False


def _aws_rules(resource: PlannedResource) -> Iterator[_Rule]:
    own = is_aws(resource, "EC2::SecurityGroupIngress")
    for one in [resource.properties] if own else maps(resource.properties.get("SecurityGroupIngress")):
        protocol = str(one.get("IpProtocol", "tcp" if "FromPort" in one else "-1")).lower()
        if protocol not in _ICMP:
            yield _Rule((one.get("CidrIp"), one.get("CidrIpv6")), _aws_ports(one, protocol))


def _aws_ports(rule: Mapping[str, Any], protocol: str) -> Sequence[Ports]:
    first, last = rule.get("FromPort"), rule.get("ToPort")
    if protocol in ("-1", "all"):
        return [_ALL]
    if unknown(first) or unknown(last):
        return []
    low, high = number(first, -1), number(last, number(first, -1))
    return [_ALL if low is None or high is None or low < 0 else (int(low), int(high))]


def _azure_rules(resource: PlannedResource) -> Iterator[_Rule]:
    properties = inner(resource.properties)
    if "startIpAddress" in properties:
        ends = properties["startIpAddress"], properties.get("endIpAddress")
        yield _Rule(["*"] if ends == _EVERY_ADDRESS else [], [_ALL])
        return
    listed = properties.get("securityRules")
    for one in map(inner, maps(listed)) if "securityRules" in properties else [properties]:
        allows = word(one.get("access")) == "allow" and word(one.get("direction")) == "inbound"
        if allows and word(one.get("protocol")) != "icmp":
            sources = [one.get("sourceAddressPrefix"), *several(one.get("sourceAddressPrefixes"))]
            ranges = [*several(one.get("destinationPortRange")), *several(one.get("destinationPortRanges"))]
            yield _Rule(sources, [found for each in ranges if (found := _azure_ports(each))])


def _azure_ports(given: Any) -> Ports | None:
    first, dash, last = str(given).partition("-")
    low, high = number(first.strip()), number(last.strip() if dash else first.strip())
    if str(given).strip() == "*":
        return _ALL
    return None if low is None or high is None else (int(low), int(high))


def _called(ports: Ports) -> str:
    if ports == _ALL:
        return "every port"
    return f"port {ports[0]}" if ports[0] == ports[1] else f"the ports {ports[0]} to {ports[1]}"


@policy(
    "no-open-ingress",
    level="mandatory",
    types=[
        *aws("EC2::SecurityGroup", "EC2::SecurityGroupIngress", "RDS::DBSecurityGroup"),
        *azure("Network/networkSecurityGroups", "Network/networkSecurityGroups/securityRules"),
        *azure("Sql/servers/firewallRules", "DBforPostgreSQL/*/firewallRules", "DBforMySQL/*/firewallRules"),
        *azure("Cache/redis/firewallRules", "Cache/Redis/firewallRules"),
    ],
    reason="What the whole internet can reach is tried by the whole internet, from its first minute on.",
    remedy="name the addresses or the security group that need it; what is for all stands behind the gateway",
    config={"ports": [80, 443]},
    refuses=[
        Example("AWS::EC2::SecurityGroup", {"SecurityGroupIngress": {"CidrIp": "0.0.0.0/0", "IpProtocol": "-1"}}),
        Example(
            "AWS::EC2::SecurityGroup",
            {"SecurityGroupIngress": [{"CidrIpv6": "::/0", "IpProtocol": "tcp", "FromPort": "22", "ToPort": "22"}]},
        ),
        Example(
            "azure:Microsoft.Network/networkSecurityGroups/securityRules",
            {
                "properties": {
                    "access": "Allow",
                    "direction": "Inbound",
                    "protocol": "Tcp",
                    "sourceAddressPrefix": "*",
                    "destinationPortRange": "3389",
                }
            },
        ),
    ],
    passes=[
        Example(
            "AWS::EC2::SecurityGroup",
            {"SecurityGroupIngress": [{"CidrIp": "0.0.0.0/0", "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}]},
        ),
        Example(
            "AWS::EC2::SecurityGroup",
            {"SecurityGroupIngress": {"CidrIp": UNKNOWN, "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22}},
        ),
        Example("AWS::EC2::SecurityGroup", {"SecurityGroupIngress": {"CidrIp": "10.0.0.0/8", "IpProtocol": "-1"}}),
    ],
)
def no_open_ingress(resource: PlannedResource, context: Context) -> Iterator[Finding]:
    open_to_all = context.config["ports"]
    rules = _aws_rules(resource) if "AWS::" in resource.type else _azure_rules(resource)
    for rule in rules:
        for source in filter(_wide, rule.sources):
            for first, last in rule.ports:
                if any(port not in open_to_all for port in range(first, min(last, first + len(open_to_all)) + 1)):
                    yield f"{resource.name} lets in {source} at {_called((first, last))}"
