"""A workload as text to be sealed, and back."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from roadbed.runtimes.workloads import MAIN, Container, File, HttpGet, Port, Probe, VolumeMount, Workload


def sealing_context(key: str, generation: int) -> str:
    """What a sealed workload belongs to."""
    return f"workload:{key}#{generation}"


def encode(workload: Workload) -> str:
    """Equal workloads give equal text."""
    document = asdict(workload)
    for container in document["containers"].values():
        for file in container["files"].values():
            file["content"] = base64.b64encode(file["content"]).decode()
    return json.dumps({**document, "order": list(workload.containers)}, sort_keys=True)


def decode(text: str) -> Workload:
    """Also what older releases have stored: one container, whose fields were the workload's own."""
    document = json.loads(text)
    if "containers" not in document:
        document = _from_flat(document)
    return Workload(
        artifact=document["artifact"],
        containers={name: _container(document["containers"][name]) for name in document["order"]},
        secrets=tuple(document["secrets"]),
        ports=tuple(Port(**port) for port in document["ports"]),
        restarted_at=document["restarted_at"],
    )


def alike(kept: str, wanted: str) -> bool:
    """Whether what was stored, perhaps by an older release, says the same: fields that came since then are as they are
    by themselves.
    """
    return kept == wanted or encode(decode(kept)) == wanted


def _from_flat(document: Mapping[str, Any]) -> dict[str, Any]:
    """Its files were their contents alone, and its ports their names."""
    container = {
        "command": document["command"],
        "variables": document["variables"],
        "files": {path: {"content": content, "mode": 0o444} for path, content in document["files"].items()},
        "readiness": document["readiness"],
        "liveness": document["liveness"],
        "memory_mb": document["memory_mb"],
    }
    ports = [{"name": name} for name in document["ports"]]
    return {**document, "containers": {MAIN: container}, "order": [MAIN], "ports": ports}


def _container(document: Mapping[str, Any]) -> Container:
    files = {path: File(base64.b64decode(file["content"]), file["mode"]) for path, file in document["files"].items()}
    return Container(
        command=tuple(document["command"]),
        variables=document["variables"],
        files=files,
        volumes={path: VolumeMount(**volume) for path, volume in document.get("volumes", {}).items()},
        readiness=_probe(document["readiness"]),
        liveness=_probe(document["liveness"]),
        memory_mb=document["memory_mb"],
        cpu_millis=document.get("cpu_millis"),
        waits=document.get("waits", {}),
    )


def _probe(probe: Mapping[str, Any] | None) -> Probe | None:
    if probe is None:
        return None
    http = HttpGet(**probe["http"]) if probe["http"] else None
    return Probe(http, tuple(probe["exec"]) if probe["exec"] else None)
