"""How large things are: memory, processors, storage, how many of them, by type."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from roadbed.policies.clouds import declared, inner
from roadbed.policies.pods import containers, kind
from roadbed.policies.values import at, maps, number, word
from roadbed.sdk.policies import PlannedResource

_ORDER = ("nano", "micro", "small", "medium", "large", "xlarge")
_REPLICAS = ("replicas", "NumCacheClusters", "NumCacheNodes", "NumberOfNodes", "DesiredCount", "MinSize", "MaxSize")
_COUNTED = ("ScalingConfig.DesiredSize", "ScalingConfig.MaxSize", "ClusterConfig.InstanceCount", "spec.maxReplicas")
_CLAIMED = "spec.resources.requests.storage"
_QUANTITY = re.compile(r"([0-9.]+(?:[eE][+-]?[0-9]+)?)([a-zA-Z]*)")
_MEGABYTES = {
    "": 1e-6,
    "k": 1e-3,
    "m": 1.0,
    "g": 1e3,
    "t": 1e6,
    "ki": 2**10 / 1e6,
    "mi": 2**20 / 1e6,
    "gi": 2**30 / 1e6,
    "ti": 2**40 / 1e6,
}
_THOUSANDTHS = {"": 1000.0, "m": 1.0}
_VCPUS = re.compile(r"standard_[a-z]+(\d+)")


def class_size(name: Any) -> int:
    """By order: `db.t4g.small` is 2, `m7i.large` 4, `m7i.2xlarge` 6; -1 for what has none."""
    parts = word(name).removesuffix(".search").removesuffix(".elasticsearch")
    size = parts.rpartition(".")[2]
    if size.endswith("xlarge") and (times := size.removesuffix("xlarge")).isdigit():
        return len(_ORDER) - 2 + int(times)
    return len(_ORDER) + 100 if size.startswith("metal") else _ORDER.index(size) if size in _ORDER else -1


def sizes(resource: PlannedResource) -> Iterator[tuple[str, str, float]]:
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
    measured += [("replicas", name, at(properties, name)) for name in _COUNTED]
    measured += _stored(resource)
    if kind(resource) != "horizontalpodautoscaler":
        measured.append(("replicas", "spec.replicas", at(properties, "spec.replicas")))
    if "capacity" in (sku := next(maps(resource.properties.get("sku")), {})):
        measured.append(("replicas", "sku.capacity", sku["capacity"]))
    for name in ("hardwareProfile.vmSize", "sku.name"):
        if found := _VCPUS.match(word(at(declared(resource), name) or at(properties, name))):
            measured += [("vcpus", f"the CPUs of {name}", found[1])]
    for container in containers(resource):
        measured += _requested(container.properties)
    if isinstance(others := properties.get("containers"), Mapping):
        for name, one in others.items():
            measured += [(what, f"{what} of {name}", at(one, what)) for what in ("memory_mb", "cpu_millis")]
    for limit, what, value in measured:
        if (size := number(value)) is not None:
            yield limit, what, size


def _stored(resource: PlannedResource) -> Iterator[tuple[str, str, Any]]:
    """Disks, and what pods claim of them."""
    properties = declared(resource)
    if "EC2::Volume" in resource.type:
        yield "storage_gb", "Size", properties.get("Size")
    if "Lambda::Function" in resource.type:
        yield "memory_mb", "MemorySize", properties.get("MemorySize")
    for place in (properties, *maps(properties.get("LaunchTemplateData"))):
        for device in maps(place.get("BlockDeviceMappings")):
            yield "storage_gb", f"a disk {device.get('DeviceName')} of GB", at(device, "Ebs.VolumeSize")
    claimed = [
        at(properties, _CLAIMED),
        *(at(one, _CLAIMED) for one in maps(at(properties, "spec.volumeClaimTemplates"))),
    ]
    if resource.type == "runtime:Volume":
        claimed.append(properties.get("size"))
    for size in claimed:
        yield "storage_gb", "storage in GB", _thousandth(_quantity(size, _MEGABYTES))


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
