"""What a shim reads from its standard input. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from roadbed.runtimes.workloads import Container, Workload
from roadbed.sandbox.arguments import descriptors_needed, launch
from roadbed.sandbox.domain import Host, Sandbox

_FIRST_DESCRIPTOR = 100
_MEBIBYTE = 1024 * 1024
_PERIOD_US = 100_000
_LEAST_QUOTA_US = 1000


def container_orders(
    name: str, workload: Workload, sandbox: Sandbox, command: Sequence[str], host: Host, groups: list[Any]
) -> dict[str, Any]:
    """Of one container. `groups` are its control groups, as `control_groups` gives them."""
    container = workload.containers[name]
    numbers = range(_FIRST_DESCRIPTOR, _FIRST_DESCRIPTOR + descriptors_needed(sandbox, host))
    ready = launch(sandbox, command, host, numbers)
    memory = None if container.memory_mb is None else container.memory_mb * _MEBIBYTE
    kept = any("memory.max" in dict(values) for _, values in groups)
    return {
        "name": name if len(workload.containers) > 1 else "",
        "once": any(other.waits.get(name) == "complete" for other in workload.containers.values()),
        "waits": dict(container.waits),
        "argv": list(ready.argv),
        "files": [list(file) for file in ready.files],
        "folders": [list(folder) for folder in ready.folders],
        "sandboxed": host.bwrap is not None,
        "groups": groups,
        "memory_bytes": memory,
        "watched_bytes": None if kept else memory,
        "layer": sandbox.workdir if any(mount.layered for mount in sandbox.mounts) else None,
    }


def control_groups(container: Container, name: str, memory: Path | None, cpu: Path | None) -> list[Any]:
    """The groups `name` below `memory` and `cpu`, for what is limited: each a path and its files' values."""
    found: dict[str, list[list[str]]] = {}
    if memory is not None and container.memory_mb is not None:
        found.setdefault(str(memory / name), []).extend(_memory(container.memory_mb * _MEBIBYTE))
    if cpu is not None and container.cpu_millis is not None:
        found.setdefault(str(cpu / name), []).extend(_cpu(container.cpu_millis))
    return [[path, values] for path, values in found.items()]


def _memory(size: int) -> list[list[str]]:
    """Of both versions: the one that isn't there has no such file."""
    version2 = [["memory.max", str(size)], ["memory.swap.max", "0"], ["memory.oom.group", "1"]]
    return [*version2, ["memory.limit_in_bytes", str(size)]]


def _cpu(millis: int) -> list[list[str]]:
    quota = str(max(_LEAST_QUOTA_US, millis * _PERIOD_US // 1000))
    period = str(_PERIOD_US)
    return [["cpu.max", f"{quota} {period}"], ["cpu.cfs_period_us", period], ["cpu.cfs_quota_us", quota]]
