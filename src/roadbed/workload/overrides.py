"""Overrides of a Score file: another file merged into it, and single properties set or taken away.

Source of the rules: the Score implementations (`--overrides-file`, `--override-property`). Mappings are merged, null
takes away, all else is replaced. A property is `path=value`: a path of keys and list positions, `\\.` for a dot within
a key, `-1` for one more item of a list; a value in YAML, nothing or null for taking it away.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from roadbed.workload.document import Mapping, Node, Place, Scalar, Sequence
from roadbed.workload.parsing import parse_document

_DOT = re.compile(r"(?<!\\)\.")
_POSITION = re.compile(r"\d{1,6}")
MAX_DEPTH = 32


def merged(base: Node, over: Node) -> Node:
    """`over` laid over `base`. Both stay as they are; each node keeps its place, so errors name the right file."""
    if not isinstance(over, Mapping):
        return over
    under = base if isinstance(base, Mapping) else Mapping(over.place)
    entries = dict(under.entries)
    for key, node in over.entries.items():
        if isinstance(node, Scalar) and node.value is None:
            entries.pop(key, None)
        else:
            entries[key] = merged(entries.get(key, Mapping(node.place)), node)
    return replace(under, entries=entries, key_places={**under.key_places, **over.key_places})


@dataclass(frozen=True, slots=True)
class Property:
    """One property of a tree: its path, and what it is set to; None takes it away. `place` is where that is said."""

    path: str
    value: Node | None
    place: Place


def read_property(assignment: str) -> Property:
    """`path=value`, as on a command line. Raises InvalidInput for what is no such thing."""
    path, equals, text = assignment.partition("=")
    place = Place(f"override {path}", 1, 1)
    if not equals:
        raise place.error(f"{assignment!r} is no override", "write path=value, or path= to take it away")
    value = parse_document(text, place.file)
    return Property(path, None if isinstance(value, Scalar) and value.value is None else value, place)


def with_property(root: Node, given: Property) -> Node:
    """The tree with one property set or taken away. Raises InvalidInput for a path that can't be followed."""
    return _set(root, _keys(given.path, given.place), given.value, given.place)


def _keys(path: str, place: Place) -> list[str]:
    keys = [re.sub(r"\\(.)", r"\1", key) for key in _DOT.split(path)]
    if not all(keys):
        raise place.error(f"{path!r} is no path", r"write keys with dots between them; a dot within a key as \.")
    if len(keys) > MAX_DEPTH:
        raise place.error(f"the path has more than {MAX_DEPTH} keys")
    return keys


def _set(node: Node, keys: list[str], value: Node | None, place: Place) -> Node:
    if isinstance(node, Sequence):
        return _set_item(node, keys, value, place)
    if isinstance(node, Mapping):
        return _set_entry(node, keys, value, place)
    raise place.error(f"{keys[0]!r} leads into something that is neither a mapping nor a list")


def _set_entry(node: Mapping, keys: list[str], value: Node | None, place: Place) -> Node:
    key, rest = keys[0], keys[1:]
    there = node.entries.get(key)
    if value is None and (there is None or not rest):
        entries = {name: child for name, child in node.entries.items() if name != key}
        return replace(node, entries=entries)
    new = _below(there, rest, value, place)
    return replace(node, entries={**node.entries, key: new}, key_places={**node.key_places, key: place})


def _set_item(node: Sequence, keys: list[str], value: Node | None, place: Place) -> Node:
    key, rest = keys[0], keys[1:]
    if key == "-1" and value is not None:
        return replace(node, items=[*node.items, _below(None, rest, value, place)])
    position = int(key) if _POSITION.fullmatch(key) else len(node.items)
    if position >= len(node.items):
        raise place.error(f"there is no item {key!r} in this list of {len(node.items)}", "count from 0; -1 adds one")
    before, there, after = node.items[:position], node.items[position], node.items[position + 1 :]
    kept = [] if value is None and not rest else [_below(there, rest, value, place)]
    return replace(node, items=[*before, *kept, *after])


def _below(there: Node | None, keys: list[str], value: Node | None, place: Place) -> Node:
    """What stands at the end of a key: the value, or what is there with the value in it."""
    if keys:
        return _set(Mapping(place) if there is None else there, keys, value, place)
    assert value is not None  # noqa: S101 - what is taken away is left out one level above
    return value
