"""Older spellings of Score that are still in use, brought to today's form before anything is checked."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from roadbed.workload.document import Mapping, Node, Place, Scalar, Sequence

Report: TypeAlias = Callable[[Place, str, str | None], None]
"""Takes a place, what is wrong there, and what to do."""


def modernise(root: Node, report: Report) -> Node:
    """`files` and `volumes` as lists become maps by `target`, a list `content` one text, `read_only` `readOnly`.

    What is no list, or no list of mappings, stays: the reader reports it. What only these spellings can get wrong is
    reported here: an item without its `target`, one target twice, a field in both spellings.
    """
    for name, container in _entries(_child(root, "containers")):
        for what in ("files", "volumes"):
            if (given := _child(container, what)) is not None and isinstance(container, Mapping):
                container.entries[what] = by_target = _by_target(given, f"containers.{name}.{what}", report)
                for target, entry in _entries(by_target):
                    _rename(entry, "read_only", "readOnly", f"containers.{name}.{what}.{target}", report)
                    _join_content(entry)
    return root


def _child(node: Node | None, name: str) -> Node | None:
    return node.entries.get(name) if isinstance(node, Mapping) else None


def _entries(node: Node | None) -> list[tuple[str, Node]]:
    return list(node.entries.items()) if isinstance(node, Mapping) else []


def _by_target(node: Node, path: str, report: Report) -> Node:
    if not isinstance(node, Sequence) or not all(isinstance(item, Mapping) for item in node.items):
        return node
    found = Mapping(node.place)
    for index, item in enumerate(node.items):
        assert isinstance(item, Mapping)  # noqa: S101 - all of them are
        target = item.entries.get("target")
        if not isinstance(target, Scalar) or not isinstance(target.value, str):
            place = item.place if target is None else target.place
            report(place, f"{path}[{index}] has no target", "add `target:` with its path in the container, as text")
        elif target.text in found.entries:
            first = found.key_places[target.text]
            report(
                target.place, f"{path}[{index}] has the target of line {first.line}: {target.text}", "keep one of them"
            )
        else:
            rest = {key: value for key, value in item.entries.items() if key != "target"}
            found.entries[target.text] = Mapping(item.place, rest, item.key_places)
            found.key_places[target.text] = target.place
    return found


def _rename(node: Node, old: str, new: str, path: str, report: Report) -> None:
    if not isinstance(node, Mapping) or old not in node.entries:
        return
    if new in node.entries:
        report(node.key_places.get(old, node.place), f"{path} has both {new} and {old}", f"keep {new}")
        node.entries = {key: value for key, value in node.entries.items() if key != old}
        return
    node.entries = {new if key == old else key: value for key, value in node.entries.items()}
    node.key_places = {new if key == old else key: place for key, place in node.key_places.items()}


def _join_content(node: Node) -> None:
    content = _child(node, "content")
    if isinstance(node, Mapping) and isinstance(content, Sequence):
        lines = [item.value for item in content.items if isinstance(item, Scalar) and isinstance(item.value, str)]
        if len(lines) == len(content.items):
            text = "\n".join(lines)
            node.entries["content"] = Scalar(content.place, text, text)
