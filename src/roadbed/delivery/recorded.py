"""What a Score file says that this machine's runtime records, and does nothing about. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from roadbed.kit.errors import Problem
from roadbed.workload.declared import ApplicationSource
from roadbed.workload.domain import Quantity


def recorded_only(source: ApplicationSource, *, cpu_limits: bool) -> Iterator[Problem]:
    """`cpu_limits`: whether the machine can enforce them."""
    for declared in source.workloads.values():
        workload = declared.workload
        for name, port in workload.ports.items():
            if port.protocol == "UDP":
                yield port.place.problem(f"the port {name} of {workload.name} is UDP, which the gateway does not route")
        for container in workload.containers.values():
            if container.requests != Quantity():
                what = f"resources.requests of {container.name} in {workload.name}"
                yield container.place.problem(f"{what} is not in force here: nothing is set aside for it")
            if container.limits.cpu_millis is not None and not cpu_limits:
                what = f"the cpu limit of {container.name} in {workload.name}"
                yield container.place.problem(f"{what} is not enforced here: control groups can't be written")
