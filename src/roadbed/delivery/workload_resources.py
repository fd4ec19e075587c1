"""A workload → the runtime's resources that run it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from roadbed.delivery.domain import Settings
from roadbed.delivery.expansion import Outputs
from roadbed.delivery.surroundings import Surroundings
from roadbed.delivery.variables import Variables
from roadbed.sdk.graph import urn
from roadbed.workload.domain import Container, File, Probe, Volume, Workload
from roadbed.workload.source import DeclaredWorkload


def workload_resources(
    declared: DeclaredWorkload, around: Surroundings, outputs: Outputs, layered: Variables
) -> Iterator[dict[str, Any]]:
    workload = declared.workload
    container = _only_container(workload)
    variables = layered.of(workload, container)
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
