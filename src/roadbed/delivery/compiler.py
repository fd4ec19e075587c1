"""application × environment → graph document. Pure: the platform team's provisioners run between its two halves.

`provision_request` says what the provisioners are asked for, `assemble` puts their answer and the workloads together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from roadbed.delivery.expansion import OutputNodes, Outputs, expand, references, resource_of
from roadbed.delivery.surroundings import Surroundings
from roadbed.delivery.workload_resources import workload_resources
from roadbed.kit.errors import InvalidInput
from roadbed.sdk.graph import VERSION, urn
from roadbed.workload.domain import Text, Workload, WorkloadResource
from roadbed.workload.source import ApplicationSource


def provision_request(source: ApplicationSource, around: Surroundings) -> dict[str, Any]:
    """The request for `roadbed.sdk.host`, each resource after those that its params refer to."""
    wanted = {
        resource.uid(workload.name): (workload, resource)
        for workload in _workloads(source)
        for resource in workload.resources.values()
    }
    return {
        "version": VERSION,
        "kind": "provision",
        "stack": str(around.stack),
        "application": source.name,
        "environment": around.stack.environment,
        "environment_kind": around.kind,
        "owner": around.owner,
        "variables": dict(around.variables),
        "services": {workload.name: _ports(workload) for workload in _workloads(source)},
        "requests": [_provision_entry(*wanted[uid], uid, sorted(source.workloads)) for uid in _ordered(wanted)],
    }


def declare_request(around: Surroundings) -> dict[str, Any]:
    """The request for `roadbed.sdk.host` that runs the application's `roadbed.py`."""
    return {
        "stack": str(around.stack),
        "environment": around.stack.environment,
        "environment_kind": around.kind,
        "owner": around.owner,
    }


def _workloads(source: ApplicationSource) -> Iterator[Workload]:
    for declared in source.workloads.values():
        yield declared.workload


def _provision_entry(workload: Workload, resource: WorkloadResource, uid: str, workloads: list[str]) -> dict[str, Any]:
    return {
        "uid": uid,
        "type": resource.type,
        "class": resource.class_name,
        "id": resource.id,
        "name": resource.name if resource.id is None else resource.id.replace(".", "-"),
        "workload": workload.name,
        "workloads": workloads,
        "ports": _ports(workload),
        "params": expand(dict(resource.params), workload, Text("", resource.place), OutputNodes(workload)),
        "source": {"file": resource.place.file, "line": resource.place.line, "column": resource.place.column},
    }


def _ports(workload: Workload) -> dict[str, dict[str, int]]:
    return {name: {"port": port.port, "target_port": port.target_port} for name, port in workload.ports.items()}


def _ordered(wanted: Mapping[str, tuple[Workload, WorkloadResource]]) -> list[str]:
    """UIDs, each after those it refers to. Raises InvalidInput for a circle."""
    ordered: dict[str, None] = {}

    def visit(uid: str, path: tuple[str, ...]) -> None:
        workload, resource = wanted[uid]
        if uid in path:
            circle = " → ".join((*path[path.index(uid) :], uid))
            raise resource.place.error(f"these resources refer to each other in a circle: {circle}")
        if uid in ordered:
            return
        for reference in references(dict(resource.params), resource):
            if reference.root == "resources":
                visit(resource_of(workload, reference).uid(workload.name), (*path, uid))
        ordered[uid] = None

    for uid in wanted:
        visit(uid, ())
    return list(ordered)


def assemble(
    source: ApplicationSource,
    answer: Mapping[str, Any],
    around: Surroundings,
    program: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The whole graph document: what provisioners and the application's program declared, its workloads, and the
    catalog's component.
    """
    program = program or {"resources": []}
    resources = [*answer["graph"]["resources"], *program["resources"]]
    for declared in source.workloads.values():
        outputs = Outputs(declared.workload, answer["outputs"])
        resources += workload_resources(declared, around, outputs)
    resources.append(_component(source, around))
    document = {"version": VERSION, "stack": str(around.stack), "resources": resources}
    return {**document, **{word: program[word] for word in ("exports", "export_sources") if program.get(word)}}


def _component(source: ApplicationSource, around: Surroundings) -> dict[str, Any]:
    name = source.name
    return {
        "urn": urn(str(around.stack), (), name, "catalog:Component"),
        "type": "catalog:Component",
        "name": name,
        "properties": {"entity": _entity(source, around), "generated": source.entity is None},
        "depends_on": [],
        "source": None,
    }


def _entity(source: ApplicationSource, around: Surroundings) -> dict[str, Any]:
    """The catalog file's component, completed from what is known, so that no deployed service is missing."""
    entity: Mapping[str, Any] = source.entity or {}
    metadata = {"name": source.name, "description": source.description, **entity.get("metadata", {})}
    spec = {
        "type": "service" if source.workloads else "infrastructure",
        "lifecycle": "production" if around.kind == "production" else "experimental",
        "owner": around.owner,
        "system": source.system,
        **entity.get("spec", {}),
    }
    if spec["owner"] is None:
        raise InvalidInput(f"{source.name} has no owner", hint="name one in roadbed.yaml: metadata.owner")
    return {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Component",
        "metadata": {key: value for key, value in metadata.items() if value is not None},
        "spec": {key: value for key, value in spec.items() if value is not None},
    }
