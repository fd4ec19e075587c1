"""Rules that let the whole world in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from roadbed.policies.clouds import aws, azure, declared, inner, is_aws
from roadbed.policies.networks import everywhere, many
from roadbed.policies.values import at, maps, number, several, unknown, word, yes
from roadbed.sdk import policy
from roadbed.sdk.policies import UNKNOWN, Context, Example, Finding, PlannedResource

_ALL = (0, 65535)
_ICMP = ("icmp", "icmpv6", "1", "58")
_ADMINISTERED = (20, 21, 22, 23, 3389, 5900)
_ENDS = ("startIpAddress", "endIpAddress", "startIP", "endIP")

Ports = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Rule:
    """What lets in from where. `ports` are first and last; there are none for what isn't known yet."""

    sources: Sequence[Any]
    ports: Sequence[Ports]


def _aws_rules(resource: PlannedResource) -> Iterator[_Rule]:
    properties = declared(resource)
    if is_aws(resource, "EC2::NetworkAclEntry"):
        yield from _acl(properties)
    for one in (properties, *maps(properties.get("DBSecurityGroupIngress"))):
        yield _Rule(
            [one.get("CIDRIP")] if is_aws(resource, "RDS::DBSecurityGroup", "RDS::DBSecurityGroupIngress") else [],
            [_ALL],
        )
    own = is_aws(resource, "EC2::SecurityGroupIngress")
    for one in [properties] if own else maps(properties.get("SecurityGroupIngress")):
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


def _acl(entry: Mapping[str, Any]) -> Iterator[_Rule]:
    """Of a network's list, which lets in what comes back to those who asked from within: so some ports alone count."""
    if word(entry.get("RuleAction")) != "allow" or yes(entry.get("Egress")):
        return
    span = entry.get("PortRange")
    every = number(entry.get("Protocol")) == -1 or span is None
    first, last = (0, 65535) if every else (number(at(span, end)) for end in ("From", "To"))
    if first is not None and last is not None:
        ports = [_ALL] if every else [(port, port) for port in _ADMINISTERED if first <= port <= last]
        yield _Rule((entry.get("CidrBlock"), entry.get("Ipv6CidrBlock")), ports)


def _azure_rules(resource: PlannedResource) -> Iterator[_Rule]:
    properties = inner(resource.properties)
    if ends := [properties[name] for name in _ENDS if name in properties]:
        yield _Rule(["*"] if many(ends) else [], [_ALL])
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
        *aws("EC2::SecurityGroup", "EC2::SecurityGroupIngress", "EC2::NetworkAclEntry"),
        *aws("RDS::DBSecurityGroup", "RDS::DBSecurityGroupIngress"),
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
        for source in filter(everywhere, rule.sources):
            for first, last in rule.ports:
                if any(port not in open_to_all for port in range(first, min(last, first + len(open_to_all)) + 1)):
                    yield f"{resource.name} lets in {source} at {_called((first, last))}"
