"""Older spellings of Score that are still in use, brought to today's form before anything is checked."""

from __future__ import annotations

from roadbed.workload.document import Mapping, Node, Scalar, Sequence


def modernise(root: Node) -> Node:
    """`files` and `volumes` as lists become maps by `target`, a list `content` one text, `read_only` `readOnly`.

    What does not have the expected form stays: the reader reports it.
    """
    for container in _children(_child(root, "containers")):
        for name in ("files", "volumes"):
            if (entries := _child(container, name)) is not None and isinstance(container, Mapping):
                container.entries[name] = by_target = _by_target(entries)
                for entry in _children(by_target):
                    _rename(entry, "read_only", "readOnly")
                    _join_content(entry)
    return root


def _child(node: Node | None, name: str) -> Node | None:
    return node.entries.get(name) if isinstance(node, Mapping) else None


def _children(node: Node | None) -> list[Node]:
    return list(node.entries.values()) if isinstance(node, Mapping) else []


def _by_target(node: Node) -> Node:
    if not isinstance(node, Sequence):
        return node
    found = Mapping(node.place)
    for item in node.items:
        target = _child(item, "target")
        if not isinstance(item, Mapping) or not isinstance(target, Scalar) or target.text in found.entries:
            return node
        rest = {key: value for key, value in item.entries.items() if key != "target"}
        found.entries[target.text] = Mapping(item.place, rest, item.key_places)
        found.key_places[target.text] = target.place
    return found


def _rename(node: Node, old: str, new: str) -> None:
    if isinstance(node, Mapping) and old in node.entries and new not in node.entries:
        node.entries = {new if key == old else key: value for key, value in node.entries.items()}
        node.key_places = {new if key == old else key: place for key, place in node.key_places.items()}


def _join_content(node: Node) -> None:
    content = _child(node, "content")
    if isinstance(node, Mapping) and isinstance(content, Sequence):
        lines = [item.value for item in content.items if isinstance(item, Scalar) and isinstance(item.value, str)]
        if len(lines) == len(content.items):
            text = "\n".join(lines)
            node.entries["content"] = Scalar(content.place, text, text)
