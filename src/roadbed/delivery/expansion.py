"""Placeholders of a Score file become properties of a graph document. Pure.

Text that holds references becomes `{"$join": [part, …]}`; text that is one single reference keeps that one's type.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from roadbed.workload.domain import Text, Workload, WorkloadResource
from roadbed.workload.placeholders import Reference, metadata_value, parse
from roadbed.workload.reader import nearest


def references(value: Any, resource: WorkloadResource) -> Iterator[Reference]:
    match value:
        case str():
            yield from parse(value, resource.place).references
        case dict():
            for item in value.values():
                yield from references(item, resource)
        case list():
            for item in value:
                yield from references(item, resource)


def resource_of(workload: Workload, reference: Reference) -> WorkloadResource:
    name = reference.path[0]
    if name not in workload.resources:
        raise reference.place.error(
            f"${{{reference.text}}}: {workload.name} declares no resource {name!r}", nearest(name, workload.resources)
        )
    return workload.resources[name]


class OutputNodes:
    """Stands for outputs while the provisioners have not run: `{"$output": [uid, key]}`."""

    def __init__(self, workload: Workload) -> None:
        self._workload = workload

    def value(self, reference: Reference) -> Any:
        resource = resource_of(self._workload, reference)
        uid = resource.uid(self._workload.name)
        return {"$output": [uid, ".".join(reference.path[1:])]} if len(reference.path) > 1 else uid


class Outputs:
    """Looks the provisioners' outputs up."""

    def __init__(self, workload: Workload, outputs: Mapping[str, Mapping[str, Any]]) -> None:
        self._workload, self._outputs = workload, outputs

    def value(self, reference: Reference) -> Any:
        uid = resource_of(self._workload, reference).uid(self._workload.name)
        if len(reference.path) == 1:
            return uid
        offered, key = self._outputs[uid], ".".join(reference.path[1:])
        if key not in offered:
            raise reference.place.error(f"${{{reference.text}}}: there is no output {key!r}", nearest(key, offered))
        return offered[key]


def expand(value: Any, workload: Workload, place: Text, outputs: OutputNodes | Outputs) -> Any:
    """A declared value with its placeholders resolved; text that holds references becomes `$join`."""
    match value:
        case str():
            return expand_text(Text(value, place.place), workload, outputs)
        case dict():
            return {key: expand(item, workload, place, outputs) for key, item in value.items()}
        case list():
            return [expand(item, workload, place, outputs) for item in value]
        case _:
            return value


def expand_text(text: Text, workload: Workload, outputs: OutputNodes | Outputs) -> Any:
    parts = [
        part if isinstance(part, str) else _lookup(part, workload, outputs)
        for part in parse(text.value, text.place).parts
    ]
    if len(parts) == 1:
        return parts[0]
    flat: list[Any] = []
    for part in parts:
        flat += part["$join"] if isinstance(part, Mapping) and "$join" in part else [part]
    if all(not isinstance(part, Mapping) for part in flat):
        return "".join(str(part) for part in flat)
    return {"$join": [part if isinstance(part, Mapping) else str(part) for part in flat]}


def _lookup(reference: Reference, workload: Workload, outputs: OutputNodes | Outputs) -> Any:
    if reference.root == "metadata":
        return metadata_value(workload.metadata, reference)
    return outputs.value(reference)
