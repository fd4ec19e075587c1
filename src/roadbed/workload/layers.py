"""Lays an environment's layer over the rest of `roadbed.yaml`. Pure.

The rule is that of JSON merge patches (RFC 7386): mappings key by key, all else replaced, and null takes a key away.
Below a workload's `properties` null stays: it is said of the Score file, and takes the property away there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from roadbed.workload.document import Mapping, Node, Place, Scalar


@dataclass(frozen=True, slots=True)
class Removed:
    """A key that a layer takes away at `place`. `was` is where it stood; None where there was none."""

    path: str
    place: Place
    was: Place | None


def layered(base: Mapping, layer: Mapping) -> tuple[Mapping, tuple[Removed, ...]]:
    """`layer` over `base`, and what it takes away. Both stay as they are; each node keeps its place."""
    removed: list[Removed] = []
    return _laid(base, layer, (), removed), tuple(removed)


def _laid(base: Mapping, layer: Mapping, path: tuple[str, ...], removed: list[Removed]) -> Mapping:
    entries = dict(base.entries)
    for key, node in layer.entries.items():
        here = (*path, key)
        if _is_null(node) and not _said_of_score(path):
            was = base.key_places.get(key) if entries.pop(key, None) is not None else None
            removed.append(Removed(".".join(here), layer.key_places.get(key, node.place), was))
        elif isinstance(node, Mapping):
            under = entries.get(key)
            entries[key] = _laid(under if isinstance(under, Mapping) else Mapping(node.place), node, here, removed)
        else:
            entries[key] = node
    return replace(base, entries=entries, key_places={**base.key_places, **layer.key_places})


def _is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and node.value is None


def _said_of_score(path: tuple[str, ...]) -> bool:
    return len(path) == 3 and (path[0], path[2]) == ("workloads", "properties")


def said_of(removed: tuple[Removed, ...], environment: str) -> Iterator[tuple[Removed, str]]:
    """Each in a sentence."""
    for one in removed:
        if one.was is None:
            yield one, f"environments.{environment}.{one.path} takes away what is not there"
        else:
            yield one, f"{one.path} ({one.was.file}:{one.was.line}) is taken away in {environment}"
