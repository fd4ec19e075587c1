"""The state document, version 1: what an export writes and an import reads. Pure.

    {"version": 1, "stack": "orders@dev", "serial": 12, "resources": [{…}], "exports": [{"name", "value", "sealed"}]}

A resource is a row of the state, as `Recorded` says. Secrets stay sealed, each bound to its URN by the platform's own
key: a document can be read back by the platform that wrote it, and by none that has another key.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any

import msgspec

from roadbed.engine.domain import Export, Recorded
from roadbed.engine.known import export_context, output_context
from roadbed.kit.errors import Findings, InvalidInput, Problem

VERSION = 1
MAX_RESOURCES = 100_000

Opens = Callable[[str, str], bool]
"""Whether a sealed text belongs to a context."""


class _Document(msgspec.Struct, forbid_unknown_fields=True):
    version: int
    stack: str
    resources: list[Recorded]
    serial: int = 0
    exports: list[dict[str, Any]] = []


@dataclass(frozen=True, slots=True)
class State:
    """What a document holds: rows by key, and exports."""

    rows: Mapping[str, Recorded]
    exports: tuple[Export, ...] = ()


def write(stack: str, serial: int, state: Mapping[str, Recorded], exports: Iterable[Export]) -> dict[str, Any]:
    return {
        "version": VERSION,
        "stack": stack,
        "serial": serial,
        "resources": [msgspec.to_builtins(row, order="sorted") for row in state.values()],
        "exports": [{"name": item.name, "value": item.value, "sealed": item.sealed} for item in exports],
    }


def read(document: Mapping[str, Any], stack: str, types: Iterable[str], opens: Opens) -> State:
    """Raises InvalidInput with everything that is wrong: nothing of a wrong document is taken in."""
    found = _convert(document)
    if found.stack != stack:
        raise InvalidInput(
            f"this is the state of {found.stack}, not of {stack}",
            hint=f"import it there, then move its resources: roadbed stack move {found.stack}",
        )
    exports = tuple(Export(stack, item["name"], item.get("value"), item.get("sealed")) for item in found.exports)
    findings = Findings()
    for message, hint in _wrong(found, exports, frozenset(types), opens):
        findings.add(Problem(message, hint))
    findings.raise_if_any(f"the state of {stack}")
    return State({row.key: row for row in found.resources}, exports)


def _convert(document: Mapping[str, Any]) -> _Document:
    if (version := document.get("version")) != VERSION:
        raise InvalidInput(f"a state of version {version!r} can't be read", hint="export it anew: version 1 is read")
    try:
        found = msgspec.convert(document, _Document)
    except msgspec.ValidationError as error:
        raise InvalidInput(f"this is no state document: {error}", hint="write it with `roadbed stack export`") from None
    if unknown := next(_unknown_fields(document, found), None):
        raise InvalidInput(f"this is no state document: {unknown}", hint="write it with `roadbed stack export`")
    if len(found.resources) > MAX_RESOURCES:
        raise InvalidInput(f"a state holds at most {MAX_RESOURCES} resources, this one {len(found.resources)}")
    if any(not isinstance(item.get("name"), str) for item in found.exports):
        raise InvalidInput("an export of the state has no name", hint="write it with `roadbed stack export`")
    return found


def _unknown_fields(document: Mapping[str, Any], found: _Document) -> Iterator[str]:
    """What would be dropped without a word."""
    for number, (given, row) in enumerate(zip(document["resources"], found.resources, strict=True)):
        known = msgspec.to_builtins(row)
        parts = ((f"resources[{number}]", given, known), ("its options", given.get("options") or {}, known["options"]))
        for where, part, fields in parts:
            if strange := sorted(part.keys() - fields.keys()):
                yield f"{where} has a field that is not known: {strange[0]!r}"


def _wrong(
    document: _Document, exports: Iterable[Export], types: frozenset[str], opens: Opens
) -> Iterator[tuple[str, str | None]]:
    counted = Counter(row.key for row in document.resources)
    yield from ((f"{key} is there {count} times", None) for key, count in counted.items() if count > 1)
    urns = {row.urn for row in document.resources}
    for row in document.resources:
        yield from _wrong_row(row, document.stack, urns, types, opens)
    yield from _cycle(document.resources)
    for item in exports:
        if item.sealed is not None and not opens(item.sealed, export_context(document.stack, item.name)):
            yield f"the secret export {item.name!r} {_FOREIGN}", _SEALED


def _wrong_row(
    row: Recorded, stack: str, urns: set[str], types: frozenset[str], opens: Opens
) -> Iterator[tuple[str, str | None]]:
    path, hash_sign, type_ = row.urn.partition("#")
    if not path.startswith(f"{stack}/") or not hash_sign or type_ != row.type or path.rpartition("/")[2] != row.name:
        yield (
            f"{row.urn} is no URN of a {row.type} named {row.name!r} in {stack}",
            f"it is written {stack}/PATH/NAME#TYPE",
        )
    if row.kind != "component" and row.type not in types:
        near = difflib.get_close_matches(row.type, types, 1)
        yield f"{row.type} of {row.urn} is not a resource type", f"did you mean {near[0]!r}?" if near else None
    for other in sorted({*row.depends_on, *_provider(row)} - urns):
        yield f"{row.urn} depends on {other}, which is not there", None
    for name, sealed in row.sealed.items():
        if not opens(sealed, output_context(row.urn, name)):
            yield f"the secret output {name!r} of {row.urn} {_FOREIGN}", _SEALED


_FOREIGN = "can't be opened: it was sealed by another platform, for another resource, or was changed"
_SEALED = "import a state where it was exported"


def _provider(row: Recorded) -> set[str]:
    return {row.options.provider} if row.options.provider else set()


def _cycle(rows: Iterable[Recorded]) -> Iterator[tuple[str, str | None]]:
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for row in rows:
        sorter.add(row.urn, *row.depends_on)
    try:
        sorter.prepare()
    except CycleError as error:
        yield f"these resources depend on each other in a circle: {' → '.join(reversed(error.args[1]))}", None
