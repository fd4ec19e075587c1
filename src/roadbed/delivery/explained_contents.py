"""The files and volumes of a container, as an explanation says them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from roadbed.delivery.container_properties import file_content
from roadbed.delivery.expansion import resource_of
from roadbed.delivery.explained_references import references_of, shown
from roadbed.delivery.priming import Primed
from roadbed.workload.declared import DeclaredWorkload
from roadbed.workload.domain import Container, File, Volume, Workload
from roadbed.workload.explained import DEFAULT_FILE_MODE, content_field
from roadbed.workload.placeholders import parse


def explained_files(declared: DeclaredWorkload, container: Container) -> Iterator[dict[str, Any]]:
    for file in container.files.values():
        yield _file(file, declared)


def explained_volumes(
    workload: Workload, container: Container, wanted: Mapping[str, Primed]
) -> Iterator[dict[str, Any]]:
    """`wanted` are all resources of the application, by UID."""
    for volume in container.volumes.values():
        yield _volume(volume, workload, wanted)


def _file(file: File, declared: DeclaredWorkload) -> dict[str, Any]:
    """No text of a file is told: it may be a page long."""
    content = file_content(file, declared)
    text = None if isinstance(content, bytes) or file.no_expand else content
    return {
        "target": file.target,
        "content": content_field(file),
        "source": file.source,
        "size": len(content if isinstance(content, bytes) else content.value.encode()),
        "mode": file.mode or DEFAULT_FILE_MODE,
        "expanded": text is not None,
        "place": shown(file.place),
        "refers": [] if text is None else list(references_of(text.value, declared.workload)),
    }


def _volume(volume: Volume, workload: Workload, wanted: Mapping[str, Primed]) -> dict[str, Any]:
    (reference,) = parse(volume.source.value, volume.source.place).references
    uid = resource_of(workload, reference).uid(workload.name)
    size = wanted[uid].resource.params.get("size")
    return {
        "target": volume.target,
        "uid": uid,
        "path": volume.path,
        "read_only": volume.read_only,
        "size": None if size is None else str(size),
        "place": shown(volume.place),
    }
