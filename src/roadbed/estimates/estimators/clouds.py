"""Machines and disks of AWS and Azure, by the types of their templates. Pure.

Machines are named as the tables of prices name them. All else of clouds has no estimator: the price sheet can say it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from roadbed.sdk.usage import Amount, Estimator, Gap, Usage, is_unknown, number, read

_ZONE = re.compile(r"([a-z]{2}(?:-[a-z]+)+-\d)[a-z]?")
_ONE = Amount.of(1)


def instance(properties: Mapping[str, Any]) -> Usage:
    """`AWS::EC2::Instance`: in the region of its zone, where it says one."""
    zone = properties.get("AvailabilityZone")
    match = _ZONE.fullmatch(zone) if isinstance(zone, str) else None
    return _machine("aws", properties, "InstanceType", match[1] if match else "")


def ebs(properties: Mapping[str, Any]) -> Usage:
    return Usage.of(storage=read(properties, "Size", number, "storage"))


def node_group(properties: Mapping[str, Any]) -> Usage:
    """`AWS::EKS::Nodegroup`: from its least to its largest size, of the first type that it names."""
    types = properties.get("InstanceTypes")
    first = types[0] if isinstance(types, list) and types else types
    one = _machine("aws", {"InstanceTypes": "t3.medium" if first is None else first}, "InstanceTypes", "")
    least = read(properties, "ScalingConfig.MinSize", number, default=_ONE)
    most = read(properties, "ScalingConfig.MaxSize", number, default=least)
    if isinstance(least, Gap):
        return one.times(least)
    return one.times(most if isinstance(most, Gap) else Amount(least.low, max(least.low, most.high)))


def virtual_machine(properties: Mapping[str, Any]) -> Usage:
    """`Microsoft.Compute/virtualMachines`: `Standard_D2s_v3` is `standardd2sv3` in the table."""
    inner = properties.get("properties")
    given = inner if isinstance(inner, Mapping) and not is_unknown(inner) else properties
    size = given.get("hardwareProfile")
    named = size.get("vmSize") if isinstance(size, Mapping) else None
    found = {"vmSize": named.lower().replace("_", "") if isinstance(named, str) else named or size}
    place = properties.get("location")
    region = place.lower().replace(" ", "") if isinstance(place, str) else ""
    return _machine("azure", found, "vmSize", region)


def azure_disk(properties: Mapping[str, Any]) -> Usage:
    inner = properties.get("properties")
    given = inner if isinstance(inner, Mapping) else properties
    return Usage.of(storage=read(given, "diskSizeGB", number, "storage"))


def _machine(cloud: str, properties: Mapping[str, Any], name: str, region: str) -> Usage:
    machine = properties.get(name)
    if isinstance(machine, str) and machine and "/" not in machine:
        return Usage({"/".join(part for part in (cloud, machine, region) if part): _ONE})
    gap = read(properties, name, lambda _: None)
    return Usage(gaps=(gap,) if isinstance(gap, Gap) else ())


ESTIMATORS: Mapping[str, Estimator] = {
    "AWS::EC2::Instance": instance,
    "AWS::EC2::Volume": ebs,
    "AWS::EKS::Nodegroup": node_group,
    "microsoft.compute/virtualmachines": virtual_machine,
    "microsoft.compute/disks": azure_disk,
}
"""Azure's names have no case, and may carry the version of their API."""


def plain(type: str) -> str:
    """A cloud's type without the provider that has it here, and without a version."""
    if (at := type.find("AWS::")) >= 0:
        return type[at:]
    lower = type.lower()
    if (at := lower.find("microsoft.")) >= 0:
        return lower[at:].partition("@")[0]
    return type
