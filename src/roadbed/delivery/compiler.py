"""application × environment → graph document. Pure: the platform team's provisioners run between its two halves.

`provision_request` says what the provisioners are asked for, `assemble` puts their answer and the workloads together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from roadbed.delivery.domain import Settings
from roadbed.delivery.expansion import OutputNodes, Outputs, expand, expand_text, references, resource_of
from roadbed.kit.errors import InvalidInput
from roadbed.kit.names import StackName
from roadbed.sdk.graph import VERSION, urn
from roadbed.workload.domain import Container, File, Probe, Text, Volume, Workload, WorkloadResource
from roadbed.workload.source import ApplicationSource, DeclaredWorkload


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What compiling needs beside the source."""

    stack: StackName
    kind: str
    owner: str | None
    artifact: str
    settings: Settings


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
        "ports": {name: {"port": port.port, "target_port": port.target_port} for name, port in workload.ports.items()},
        "params": expand(dict(resource.params), workload, Text("", resource.place), OutputNodes(workload)),
        "source": {"file": resource.place.file, "line": resource.place.line, "column": resource.place.column},
    }


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
        resources += _workload_resources(declared, around, outputs)
    resources.append(_component(source, around))
    document = {"version": VERSION, "stack": str(around.stack), "resources": resources}
    return {**document, **{word: program[word] for word in ("exports", "export_sources") if program.get(word)}}


def _workload_resources(declared: DeclaredWorkload, around: Surroundings, outputs: Outputs) -> Iterator[dict[str, Any]]:
    workload = declared.workload
    container = _only_container(workload)
    variables = _variables(workload, container, around, outputs)
    job = None
    if declared.settings and declared.settings.release:
        job = _job(workload, list(declared.settings.release), variables, around)
        yield job
    yield _service(declared, container, variables, around, depends_on=[job["urn"]] if job else [])


def _only_container(workload: Workload) -> Container:
    """The container that runs here. Raises InvalidInput for what the runtime of this environment can't give it."""
    first, *others = workload.containers.values()
    if others:
        raise others[0].place.error(
            f"{workload.name} has {len(workload.containers)} containers; one is run here",
            "make the others workloads of their own, each in a Score file",
        )
    if first.image != ".":
        raise first.place.error(
            f"the image {first.image!r} can't be run by the process runtime",
            "write `image: .` to build the source tree, or use an environment whose runtime runs images",
        )
    unsupported: list[tuple[str, File | Volume]] = [
        *(("files", file) for file in first.files.values()),
        *(("volumes", volume) for volume in first.volumes.values()),
    ]
    for what, given in unsupported:
        raise given.place.error(f"{what} are not provided by the process runtime")
    return first


def _variables(workload: Workload, container: Container, around: Surroundings, outputs: Outputs) -> dict[str, Any]:
    """Lowest to highest: the platform's own, the Score file's, the operator's."""
    own = {
        "ROADBED_APPLICATION": around.stack.owner,
        "ROADBED_ENVIRONMENT": around.stack.environment,
        "ROADBED_WORKLOAD": workload.name,
    }
    declared = {name: _as_text(expand_text(text, workload, outputs)) for name, text in container.variables.items()}
    secrets = {name: {"$secret": stored} for name, stored in around.settings.secrets.items()}
    return {**own, **declared, **around.settings.config, **secrets}


def _as_text(value: Any) -> Any:
    """A variable is text, also where it is a reference to a number."""
    if isinstance(value, Mapping):
        return value if "$join" in value else {"$join": [value]}
    return value if isinstance(value, str) else str(value)


def _service(
    declared: DeclaredWorkload,
    container: Container,
    variables: Mapping[str, Any],
    around: Surroundings,
    depends_on: list[str],
) -> dict[str, Any]:
    workload = declared.workload
    properties = {
        "workload": workload.name,
        "artifact": around.artifact,
        "command": [*container.command, *container.args] or None,
        "variables": variables,
        "ports": {name: {"port": port.port, "target_port": port.target_port} for name, port in workload.ports.items()},
        "replicas": _replicas(declared, around.settings),
        "readiness": _probe(container.readiness),
        "liveness": _probe(container.liveness),
        "memory_mb": _megabytes(container.limits.memory_bytes),
        "restarted_at": around.settings.restarted.get(workload.name),
    }
    return _node(around, workload, "runtime:Service", (), workload.name, properties, depends_on)


def _replicas(declared: DeclaredWorkload, settings: Settings) -> int:
    if (chosen := settings.scale.get(declared.workload.name)) is not None:
        return chosen
    return (declared.settings.replicas if declared.settings else None) or 1


def _megabytes(size: int | None) -> int | None:
    return None if size is None else max(1, size // 2**20)


def _probe(probe: Probe | None) -> dict[str, Any] | None:
    if probe is None:
        return None
    document: dict[str, Any] = {}
    if probe.http:
        http = probe.http
        document["httpGet"] = {
            "port": http.port,
            "path": http.path,
            "scheme": http.scheme,
            "host": http.host,
            "httpHeaders": [{"name": name, "value": value} for name, value in http.headers],
        }
    if probe.exec:
        document["exec"] = {"command": list(probe.exec)}
    return document


def _job(workload: Workload, command: list[str], variables: Mapping[str, Any], around: Surroundings) -> dict[str, Any]:
    properties = {
        "workload": workload.name,
        "artifact": around.artifact,
        "command": command,
        "variables": variables,
    }
    return _node(around, workload, "runtime:Job", (workload.name,), "release", properties, [])


def _node(
    around: Surroundings,
    workload: Workload,
    type: str,
    path: tuple[str, ...],
    name: str,
    properties: Mapping[str, Any],
    depends_on: list[str],
) -> dict[str, Any]:
    return {
        "urn": urn(str(around.stack), path, name, type),
        "type": type,
        "name": name,
        "properties": {key: value for key, value in properties.items() if value is not None},
        "depends_on": depends_on,
        "source": {"file": workload.file, "line": workload.place.line},
    }


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
