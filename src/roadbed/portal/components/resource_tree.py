"""A stack's resources as a tree: by component and workload, and of many by type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any

from roadbed.portal.components.grouping import titles
from roadbed.portal.formatting import path_of
from roadbed.stacks.domain import ResourceView

LARGE = 300
"""Resources. A stack of more is shown by groups, whose rows are fetched when they are opened."""
PAGE = 100
FAILED = frozenset({"failed", "update-failed"})


@dataclass(frozen=True, slots=True)
class ResourceRow:
    """`state` is the resource's, or that of its drift."""

    urn: str
    name: str
    path: str
    type: str
    state: str
    kind: str
    protect: bool


@dataclass(frozen=True, slots=True)
class ResourceChunk:
    group: str
    type: str
    count: int


@dataclass(frozen=True, slots=True)
class ResourceGroup:
    title: str
    count: int
    rows: tuple[ResourceRow, ...] = ()
    chunks: tuple[ResourceChunk, ...] = ()


def state_of(resource: ResourceView) -> str:
    """`update-failed` of what stands, but perhaps not as it is recorded."""
    unsure = resource.state == "created" and _holds_unknown(resource.properties)
    return "update-failed" if unsure else resource.state


def _holds_unknown(value: Any) -> bool:
    if isinstance(value, Mapping):
        return "$unknown" in value or any(map(_holds_unknown, value.values()))
    return isinstance(value, list | tuple) and any(map(_holds_unknown, value))


def resource_groups(
    resources: Sequence[ResourceView], stack: str, drifted: Mapping[str, str]
) -> tuple[ResourceGroup, ...]:
    large = len(resources) > LARGE
    groups = []
    for title, found in _grouped(resources, stack):
        rows = () if large else tuple(_row(one, drifted) for one in found)
        groups.append(ResourceGroup(title, len(found), rows, _chunks(title, found) if large else ()))
    return tuple(groups)


def rows_of(
    resources: Sequence[ResourceView], stack: str, drifted: Mapping[str, str], group: str, type_: str, start: int
) -> tuple[tuple[ResourceRow, ...], int | None]:
    """A page of the rows of a chunk, and where the next one starts."""
    ours = next((found for title, found in _grouped(resources, stack) if title == group), [])
    alike = [one for one in ours if one.type == type_]
    rows = tuple(_row(one, drifted) for one in islice(alike, start, start + PAGE))
    return rows, start + PAGE if start + PAGE < len(alike) else None


def _grouped(resources: Iterable[ResourceView], stack: str) -> list[tuple[str, list[ResourceView]]]:
    every = list(resources)
    title = titles([one.urn for one in every], stack)
    found: dict[str, list[ResourceView]] = {}
    for one in every:
        found.setdefault(title(one.urn), []).append(one)
    for group in found.values():
        group.sort(key=lambda one: (one.type, path_of(one.urn)))
    return sorted(found.items(), key=lambda pair: (pair[0] != stack, pair[0]))


def _chunks(group: str, resources: Sequence[ResourceView]) -> tuple[ResourceChunk, ...]:
    alike = groupby(resources, key=lambda one: one.type)
    return tuple(ResourceChunk(group, type_, sum(1 for _ in some)) for type_, some in alike)


def _row(one: ResourceView, drifted: Mapping[str, str]) -> ResourceRow:
    state = state_of(one)
    state = drifted.get(one.urn, state) if state == "created" else state
    return ResourceRow(one.urn, one.name, path_of(one.urn), one.type, state, one.kind, one.protect)
