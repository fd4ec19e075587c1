"""What a Score file asks of resources whose types are agreed upon, whoever provides them. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from roadbed.kit.errors import Problem

if TYPE_CHECKING:
    from roadbed.sdk.contracts import Contract
    from roadbed.workload.domain import Workload, WorkloadResource
    from roadbed.workload.placeholders import Reference

_SOURCE = "source"
"""The output that is mounted where a volume names a resource alone."""


def check_contracts(workload: Workload) -> Iterator[Problem]:
    """Outputs that no provisioner may give, and params that each of them needs."""
    for reference in _references(workload):
        if reference.root == "resources" and len(reference.path) > 1:
            yield from _unknown(reference, ".".join(reference.path[1:]), workload)
    for reference in _mounted(workload):
        yield from _unknown(reference, _SOURCE, workload)
    for resource in workload.resources.values():
        yield from _missing(resource)
        yield from _no_port(resource, workload)


def _references(workload: Workload) -> Iterator[Reference]:
    from roadbed.workload.checks import references_in, texts_of
    from roadbed.workload.placeholders import parse

    for text in texts_of(workload):
        yield from parse(text.value, text.place).references
    for resource in workload.resources.values():
        for name, value in resource.params.items():
            yield from references_in(value, resource.param_places.get(name, resource.place))


def _mounted(workload: Workload) -> Iterator[Reference]:
    """Resources that volumes name as such."""
    from roadbed.workload.placeholders import parse

    for container in workload.containers.values():
        for volume in container.volumes.values():
            for reference in parse(volume.source.value, volume.source.place).references:
                if len(reference.path) == 1:
                    yield reference


def _unknown(reference: Reference, output: str, workload: Workload) -> Iterator[Problem]:
    from roadbed.workload.reader import nearest

    resource = workload.resources[reference.path[0]]
    contract = _contract(resource)
    if contract is None or contract.open:
        return
    known = [*contract.outputs, *contract.optional]
    if output not in known:
        message = f"${{{reference.text}}}: {resource.type} has no output {output!r}"
        hint = nearest(output, known) if len(reference.path) > 1 else "a volume's source is a resource of type volume"
        yield reference.place.problem(message, hint)


def _missing(resource: WorkloadResource) -> Iterator[Problem]:
    """Of one that is shared, another file may say them."""
    contract = _contract(resource)
    if contract is None or resource.id is not None:
        return
    for name in contract.required:
        if name not in resource.params:
            message = f"resources.{resource.name}.params.{name} is missing: a {resource.type} needs it"
            yield resource.place.problem(message, f"add `{name}`. {contract.params[name]}")


def _no_port(resource: WorkloadResource, workload: Workload) -> Iterator[Problem]:
    """A route leads to a service port of its own workload."""
    from roadbed.workload.reader import nearest

    wanted = resource.params.get("port")
    if resource.type != "route" or wanted is None or "${" in str(wanted):
        return
    known = {*workload.ports, *(str(port.port) for port in workload.ports.values())}
    if str(wanted) not in known:
        message = f"resources.{resource.name}.params.port: {workload.name} has no service port {str(wanted)!r}"
        hint = nearest(str(wanted), known) or "declare it under `service: {ports: …}`"
        yield resource.param_places.get("port", resource.place).problem(message, hint)


def _contract(resource: WorkloadResource) -> Contract | None:
    from roadbed.sdk.contracts import CONTRACTS

    return CONTRACTS.get(resource.type)
