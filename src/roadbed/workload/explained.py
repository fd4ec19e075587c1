"""What a Score file says, whole: defaults filled in and marked, placeholders with what they refer to. Pure.

    {"workload", "file", "metadata": {…},
     "start": [{"container", "after": [{"container", "ready"}]}],
     "containers": [{"name", "place", "image", "command": […], "args": […],
        "variables": [{"name", "value", "place", "refers": [R]}],
        "files": [{"target", "from": "source" | "content" | "binaryContent", "source", "size", "mode", "expanded",
                   "place", "refers": [R]}],
        "volumes": [{"target", "source", "path", "readOnly", "place", "refers": [R]}],
        "limits": {"cpu_millis", "memory_bytes"}, "requests": {…},
        "livenessProbe": P | null, "readinessProbe": P | null}],
     "ports": [{"name", "port", "targetPort", "protocol", "defaults": [field, …], "place"}],
     "resources": [{"name", "type", "class", "id", "uid", "shared", "params", "defaults": [field, …], "place",
        "refers": [R]}]}

R is `{"placeholder": "${…}", "to": what it is or which output of which resource, "value": text | null}`; P is
`{"http": {"scheme", "host", "port", "path", "headers"} | null, "exec": […] | null}`. A place is `file:line`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from graphlib import TopologicalSorter
from typing import Any

from roadbed.workload.checks import references_in
from roadbed.workload.document import Place
from roadbed.workload.domain import Container, File, Port, Probe, Quantity, Text, Volume, Workload, WorkloadResource
from roadbed.workload.placeholders import Reference, as_text, metadata_value, parse

DEFAULT_FILE_MODE = "0644"


def explain(workload: Workload, written: dict[str, Any], is_text: Callable[[str], bool]) -> dict[str, Any]:
    """`written` is the file as plain values, overrides included: it tells defaults from what was said. `is_text` says
    of a file beside it whether its placeholders can be replaced.
    """
    return {
        "workload": workload.name,
        "file": workload.file,
        "metadata": dict(workload.metadata),
        "start": _start(workload),
        "containers": [_container(workload, each, is_text) for each in workload.containers.values()],
        "ports": [_port(name, port, written["service"]["ports"][name]) for name, port in workload.ports.items()],
        "resources": [
            _resource(workload, each, written["resources"][name]) for name, each in workload.resources.items()
        ],
    }


def shown_place(place: Place) -> str:
    return f"{place.file}:{place.line}"


def _start(workload: Workload) -> list[dict[str, Any]]:
    """Containers in an order in which they can start, each with those that it waits for."""
    after: dict[str, dict[str, str]] = {name: {} for name in workload.containers}
    for name, container in workload.containers.items():
        for other, ready in container.before.items():
            after[other][name] = ready
    return [
        {"container": name, "after": [{"container": each, "ready": ready} for each, ready in after[name].items()]}
        for name in TopologicalSorter(after).static_order()
    ]


def _container(workload: Workload, container: Container, is_text: Callable[[str], bool]) -> dict[str, Any]:
    return {
        "name": container.name,
        "place": shown_place(container.place),
        "image": container.image,
        "command": list(container.command),
        "args": list(container.args),
        "variables": [
            {"name": name, "value": text.value, "place": shown_place(text.place), "refers": _refers(workload, text)}
            for name, text in container.variables.items()
        ],
        "files": [_file(workload, each, is_text) for each in container.files.values()],
        "volumes": [_volume(workload, each) for each in container.volumes.values()],
        "limits": _quantity(container.limits),
        "requests": _quantity(container.requests),
        "livenessProbe": _probe(container.liveness),
        "readinessProbe": _probe(container.readiness),
    }


def content_field(file: File) -> str:
    """Which field says what is in it."""
    return "source" if file.source is not None else "content" if file.content else "binaryContent"


def _file(workload: Workload, file: File, is_text: Callable[[str], bool]) -> dict[str, Any]:
    content = content_field(file)
    text = file.content.value.encode() if file.content else file.binary
    readable = is_text(file.source) if file.source is not None else file.binary is None
    return {
        "target": file.target,
        "from": content,
        "source": file.source,
        "size": None if text is None else len(text),
        "mode": file.mode or DEFAULT_FILE_MODE,
        "expanded": not file.no_expand and readable,
        "defaults": [] if file.mode else ["mode"],
        "place": shown_place(file.place),
        "refers": _refers(workload, file.content) if file.content and not file.no_expand else [],
    }


def _volume(workload: Workload, volume: Volume) -> dict[str, Any]:
    return {
        "target": volume.target,
        "source": volume.source.value,
        "path": volume.path,
        "readOnly": volume.read_only,
        "place": shown_place(volume.place),
        "refers": _refers(workload, volume.source),
    }


def _quantity(quantity: Quantity) -> dict[str, int | None]:
    return {"cpu_millis": quantity.cpu_millis, "memory_bytes": quantity.memory_bytes}


def _probe(probe: Probe | None) -> dict[str, Any] | None:
    if probe is None:
        return None
    http = probe.http
    return {
        "http": http
        and {
            "scheme": http.scheme,
            "host": http.host,
            "port": http.port,
            "path": http.path,
            "headers": dict(http.headers),
        },
        "exec": None if probe.exec is None else list(probe.exec),
    }


def _port(name: str, port: Port, written: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "port": port.port,
        "targetPort": port.target_port,
        "protocol": port.protocol,
        "defaults": [field for field in ("targetPort", "protocol") if field not in written],
        "place": shown_place(port.place),
    }


def _resource(workload: Workload, resource: WorkloadResource, written: dict[str, Any]) -> dict[str, Any]:
    found = references_in(dict(resource.params), resource.place)
    return {
        "name": resource.name,
        "type": resource.type,
        "class": resource.class_name,
        "id": resource.id,
        "uid": resource.uid(workload.name),
        "shared": resource.id is not None,
        "params": dict(resource.params),
        "defaults": [field for field in ("class",) if field not in written],
        "place": shown_place(resource.place),
        "refers": _told(workload, found),
    }


def _refers(workload: Workload, text: Text) -> list[dict[str, Any]]:
    return _told(workload, parse(text.value, text.place).references)


def _told(workload: Workload, references: Iterable[Reference]) -> list[dict[str, Any]]:
    return [{"placeholder": f"${{{each.text}}}", **_target(workload, each)} for each in references]


def _target(workload: Workload, reference: Reference) -> dict[str, str | None]:
    if reference.root == "metadata":
        return {"to": "metadata", "value": as_text(metadata_value(workload.metadata, reference))}
    uid = workload.resources[reference.path[0]].uid(workload.name)
    if len(reference.path) == 1:
        return {"to": "the resource's UID", "value": uid}
    return {"to": f"{'.'.join(reference.path[1:])} of {uid}", "value": None}
