"""Placeholders of a Score file become properties of a graph document. Pure.

Text that holds references becomes `{"$join": [part, …]}`; text that is one single reference to an output keeps that
one's type. `holder` is whose words they are: a workload, or what holds the resources of the application as a whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from roadbed.workload.domain import Text, Workload, WorkloadResource
from roadbed.workload.placeholders import Reference, as_text, metadata_value, parse
from roadbed.workload.reader import nearest

ENVIRONMENT = "environment"
"""The type whose outputs are the variables of the environment: any name, and one that is missing is no fault."""


class Missing:
    """What stands for a variable that the environment doesn't have."""


MISSING: Final = Missing()


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


def resource_of(holder: Workload, reference: Reference) -> WorkloadResource:
    name = reference.path[0]
    if name not in holder.resources:
        who = holder.name or "the application"
        message = f"${{{reference.text}}}: {who} declares no resource {name!r}"
        raise reference.place.error(message, nearest(name, holder.resources))
    return holder.resources[name]


class OutputNodes:
    """Stands for outputs while the provisioners have not run: `{"$output": [uid, key]}`."""

    def __init__(self, holder: Workload) -> None:
        self._holder = holder

    def value(self, reference: Reference) -> Any:
        resource = resource_of(self._holder, reference)
        uid = resource.uid(self._holder.name)
        return {"$output": [uid, ".".join(reference.path[1:])]} if len(reference.path) > 1 else uid


class Outputs:
    """Looks the provisioners' outputs up. `lenient` where a variable that the environment lacks may be missing."""

    def __init__(self, holder: Workload, outputs: Mapping[str, Mapping[str, Any]], *, lenient: bool = False) -> None:
        self._holder, self._outputs, self._lenient = holder, outputs, lenient

    def value(self, reference: Reference) -> Any:
        """A value as the graph document says it, or MISSING. Raises InvalidInput for an unknown output."""
        resource = resource_of(self._holder, reference)
        uid = resource.uid(self._holder.name)
        if len(reference.path) == 1:
            return uid
        offered, key = self._outputs[uid], ".".join(reference.path[1:])
        if key in offered:
            return offered[key]
        if resource.type == ENVIRONMENT:
            if self._lenient:
                return MISSING
            message = f"${{{reference.text}}}: the environment has no variable {key!r}"
            raise reference.place.error(message, nearest(key, offered))
        raise reference.place.error(f"${{{reference.text}}}: there is no output {key!r}", nearest(key, offered))


def expand(value: Any, holder: Workload, place: Text, outputs: OutputNodes | Outputs) -> Any:
    """A declared value with its placeholders resolved; text that holds references becomes `$join`."""
    match value:
        case str():
            return expand_text(Text(value, place.place), holder, outputs)
        case dict():
            return {key: expand(item, holder, place, outputs) for key, item in value.items()}
        case list():
            return [expand(item, holder, place, outputs) for item in value]
        case _:
            return value


def expand_text(text: Text, holder: Workload, outputs: OutputNodes | Outputs) -> Any:
    """MISSING when the text is nothing but a variable that may be missing; within other text that one is empty."""
    parts = [
        part if isinstance(part, str) else _lookup(part, holder, outputs)
        for part in parse(text.value, text.place).parts
    ]
    if len(parts) == 1:
        return parts[0]
    flat: list[Any] = []
    for part in parts:
        flat += part["$join"] if isinstance(part, Mapping) and "$join" in part else [as_part(part)]
    if all(isinstance(part, str) for part in flat):
        return "".join(flat)
    return {"$join": flat}


def as_part(value: Any) -> Any:
    """A value within a text: an expression as it is, a missing one as nothing, any other as text or JSON."""
    if value is MISSING:
        return ""
    if isinstance(value, str) or is_expression(value):
        return value
    return {"$call": ["json", value]} if '"$' in json.dumps(value) else as_text(value)


def is_expression(value: Any) -> bool:
    """Whether it is an object of the graph document that stands for another value."""
    return isinstance(value, Mapping) and any(key.startswith("$") and key != "$literal" for key in value)


def _lookup(reference: Reference, holder: Workload, outputs: OutputNodes | Outputs) -> Any:
    if reference.root == "metadata":
        return as_text(metadata_value(holder.metadata, reference))
    return outputs.value(reference)
