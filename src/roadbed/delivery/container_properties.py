"""A container of a Score file → the properties by which the runtime knows it. Pure."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from roadbed.delivery.expansion import Outputs, as_part, expand_text, is_expression
from roadbed.workload.contents import size_problem
from roadbed.workload.declared import DeclaredWorkload
from roadbed.workload.document import Place
from roadbed.workload.domain import Container, File, Probe, Quantity, Text, Volume, Workload
from roadbed.workload.placeholders import parse

_SOURCE = "source"


def run_properties(
    declared: DeclaredWorkload, container: Container, variables: Mapping[str, Any], outputs: Outputs
) -> dict[str, Any]:
    """What a container's command finds: what a release command shares with the container that it is of."""
    files = {target: _file(file, declared, outputs) for target, file in container.files.items()}
    volumes = {target: _volume(volume, declared.workload, outputs) for target, volume in container.volumes.items()}
    masked = _parts(file["content"] for file in files.values() if "content" in file)
    return {"variables": variables, "files": files or None, "masked": masked or None, "volumes": volumes or None}


def container_properties(
    declared: DeclaredWorkload, container: Container, variables: Mapping[str, Any], outputs: Outputs
) -> dict[str, Any]:
    """All that is a container's own. A property is None where the file says nothing of it."""
    workload = declared.workload
    after = {
        name: one.before[container.name] for name, one in workload.containers.items() if container.name in one.before
    }
    return {
        "command": [*container.command, *container.args] or None,
        **run_properties(declared, container, variables, outputs),
        "readiness": _probe(container.readiness),
        "liveness": _probe(container.liveness),
        **limit_properties(container),
        "requests": {name: value for name, value in _quantity(container.requests).items() if value} or None,
        "after": after or None,
    }


def limit_properties(container: Container) -> dict[str, int | None]:
    return _quantity(container.limits)


def port_properties(workload: Workload) -> dict[str, Any]:
    """A mapping keeps no order on its way: of several ports, `port` says which one comes first, and so is PORT."""
    ports: dict[str, dict[str, Any]] = {}
    for name, port in workload.ports.items():
        protocol = {"protocol": "UDP"} if port.protocol == "UDP" else {}
        ports[name] = {"port": port.port, "target_port": port.target_port, **protocol}
    routed = [name for name, port in workload.ports.items() if port.protocol == "TCP"]
    return {"ports": ports, "port": routed[0] if routed and len(ports) > 1 else None}


def main_container(workload: Workload) -> Container:
    """The one that is meant where one is: the first for whose end nobody waits."""
    lasting = [one for one in workload.containers.values() if "complete" not in one.before.values()]
    return next(iter(lasting or workload.containers.values()))


def file_content(file: File, declared: DeclaredWorkload) -> Text | bytes:
    """Bytes where it is no text, or is not to be read as one: then it has no placeholders either."""
    if file.source is not None:
        return _readable(declared.files[file.source], file.place)
    if file.binary is not None:
        return file.binary
    return file.content or Text("", file.place)


def _file(file: File, declared: DeclaredWorkload, outputs: Outputs) -> dict[str, Any]:
    """`{"content"}` or `{"binary"}` in base64, and `{"mode"}`."""
    mode = {"mode": file.mode} if file.mode else {}
    content = file_content(file, declared)
    if isinstance(content, bytes):
        _check_size(len(content), file)
        return {"binary": base64.b64encode(content).decode(), **mode}
    _check_size(len(content.value.encode()), file)
    return {"content": content.value if file.no_expand else _expanded(content, declared.workload, outputs), **mode}


def _parts(contents: Iterable[Any]) -> list[Any]:
    """What files are put together from: a secret among it is hidden wherever it shows, not only with all around it."""
    found = [part for content in contents if is_expression(content) for part in content["$join"] if is_expression(part)]
    return [part for index, part in enumerate(found) if part not in found[:index]]


def _readable(data: bytes, place: Place) -> Text | bytes:
    try:
        return Text(data.decode(), place)
    except UnicodeDecodeError:
        return data


def _expanded(text: Text, workload: Workload, outputs: Outputs) -> Any:
    """Text, whatever is referred to."""
    part = as_part(expand_text(text, workload, outputs))
    return part if isinstance(part, str) or "$join" in part else {"$join": [part]}


def _check_size(size: int, file: File) -> None:
    if (problem := size_problem(size, file)) is not None:
        raise file.place.error(problem.message, problem.hint)


def _volume(volume: Volume, workload: Workload, outputs: Outputs) -> dict[str, Any]:
    path = {"path": volume.path} if volume.path else {}
    read_only = {"read_only": True} if volume.read_only else {}
    return {"source": _volume_source(volume.source, workload, outputs), **path, **read_only}


def _volume_source(source: Text, workload: Workload, outputs: Outputs) -> Any:
    """`${resources.data}`, which is a resource's UID elsewhere, is here what it stands for: its output `source`."""
    (reference,) = parse(source.value, source.place).references
    path = reference.path
    return outputs.value(replace(reference, path=path if len(path) > 1 else (*path, _SOURCE)))


def _quantity(quantity: Quantity) -> dict[str, int | None]:
    memory = quantity.memory_bytes
    megabytes = None if memory is None else max(1, memory // 2**20)
    return {"memory_mb": megabytes, "cpu_millis": None if quantity.cpu_millis is None else max(1, quantity.cpu_millis)}


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
