"""YAML → a tree that knows its places.

Safe against hostile files: size, depth and expanded size are limited, aliases can't recurse, and nothing but plain data
is ever made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml

from roadbed.kit.errors import InvalidInput
from roadbed.workload.document import MAX_BYTES, MAX_DEPTH, Mapping, Node, Place, Scalar, Sequence, resolve_plain

MAX_NODES = 50_000

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CORE_TAGS = frozenset(f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "map", "seq"))


def parse_document(text: str, file: str) -> Node:
    """The one document in `text`; an empty file is an empty scalar. Raises InvalidInput at the place of the fault."""
    documents = parse_documents(text, file)
    if not documents:
        return Scalar(Place(file, 1, 1), None, "")
    if len(documents) > 1:
        raise documents[1].place.error("there is a second document in this file", "keep one document in a file")
    return documents[0]


def parse_documents(text: str, file: str) -> list[Node]:
    """Every document of a stream separated by `---`."""
    _check_size(text, file)
    builder = _Builder(file)
    try:
        for event in yaml.parse(text, Loader=_Loader):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file, 1, 1)
        raise place.error(f"this is not valid YAML: {error.problem or error.context}") from None
    except yaml.reader.ReaderError as error:
        raise _first(error.character, text, file).error(f"this is not valid YAML: {error.reason}") from None
    except (yaml.YAMLError, ValueError) as error:
        reason = getattr(error, "reason", None) or "it holds characters that YAML does not allow"
        raise InvalidInput(f"this is not valid YAML: {reason}", file=file) from None
    return builder.documents


def _first(character: int, text: str, file: str) -> Place:
    """Where the text has it first. A reader's own position counts bytes or characters, as it happens."""
    at = max(text.find(chr(character)), 0)
    return Place(file, text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))


def _check_size(text: str, file: str) -> None:
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise InvalidInput("this is not UTF-8 text", file=file) from None
    if size > MAX_BYTES:
        raise InvalidInput(f"this file has {size:,} bytes; at most {MAX_BYTES:,} are read", file=file)


@dataclass(slots=True)
class _Open:
    """A collection that is being filled; `key` is the mapping key that waits for its value."""

    node: Mapping | Sequence
    anchor: str | None
    key: Scalar | None = None


class _Builder:
    """Builds trees from parser events, without recursion, so that no depth of input can exhaust the stack."""

    def __init__(self, file: str) -> None:
        self.documents: list[Node] = []
        self._file = file
        self._open: list[_Open] = []
        self._anchors: dict[str, Node | None] = {}
        self._nodes = 0

    def take(self, event: Any) -> None:
        match event:
            case yaml.ScalarEvent():  # most of them: first
                self._add(self._scalar(event), event.anchor)
            case yaml.DocumentStartEvent():
                self._anchors = {}
            case yaml.AliasEvent():
                self._add(self._aliased(event), None)
            case yaml.MappingStartEvent():
                self._begin(Mapping(self._place(event)), event)
            case yaml.SequenceStartEvent():
                self._begin(Sequence(self._place(event)), event)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                done = self._open.pop()
                self._add(done.node, done.anchor)

    def _place(self, event: Any) -> Place:
        return Place(self._file, event.start_mark.line + 1, event.start_mark.column + 1)

    def _begin(self, node: Mapping | Sequence, event: Any) -> None:
        self._check_tag(event, node.place)
        self._check_depth(len(self._open) + 1, node.place)
        if event.anchor:
            self._anchors[event.anchor] = None
        self._open.append(_Open(node, event.anchor))

    def _check_depth(self, depth: int, place: Place) -> None:
        if depth > MAX_DEPTH:
            raise place.error(f"this is nested more than {MAX_DEPTH} deep")

    def _scalar(self, event: Any) -> Scalar:
        place = self._place(event)
        self._check_tag(event, place)
        as_text = not event.implicit[0] and (event.implicit[1] or str(event.tag).endswith(":str"))
        end = event.end_mark.line + (event.end_mark.column > 0)  # a block ends where the next line begins
        lines = max(end - event.start_mark.line, 1)
        return Scalar(place, event.value if as_text else resolve_plain(event.value), event.value, lines=lines)

    def _check_tag(self, event: Any, place: Place) -> None:
        if event.tag not in (None, "!") and event.tag not in _CORE_TAGS:
            raise place.error(f"the tag {event.tag!r} is not allowed here", "write plain YAML without tags")

    def _aliased(self, event: Any) -> Node:
        if event.anchor not in self._anchors:
            raise self._place(event).error(f"nothing is anchored as &{event.anchor}")
        node = self._anchors[event.anchor]
        if node is None:
            raise self._place(event).error(f"*{event.anchor} stands inside itself")
        return node

    def _add(self, node: Node, anchor: str | None) -> None:
        """Puts a finished node where it belongs. An alias counts with all that it repeats: so bombs don't go off."""
        if anchor:
            self._anchors[anchor] = node
        if not self._open:
            self.documents.append(node)
            return
        parent = self._open[-1]
        parent.node.size += node.size
        if node.depth >= parent.node.depth:
            parent.node.depth = node.depth + 1
            self._check_depth(parent.node.depth, node.place)
        if parent.node.size > MAX_NODES:
            raise node.place.error(f"this file holds more than {MAX_NODES:,} values")
        if isinstance(parent.node, Sequence):
            parent.node.items.append(node)
        elif parent.key is None:
            parent.key = _key(node)
        else:
            _put(parent.node, parent.key, node)
            parent.key = None


def _key(node: Node) -> Scalar:
    if isinstance(node, Scalar):
        return node
    raise node.place.error("a key must be text")


def _put(mapping: Mapping, key: Scalar, value: Node) -> None:
    if key.text == "<<":
        _merge(mapping, key, value)
        return
    if mapping.key_places.get(key.text) is not None:
        first = mapping.key_places[key.text].line
        raise key.place.error(f"{key.text!r} is given twice; first in line {first}", "keep one of them")
    mapping.entries[key.text] = value
    mapping.key_places[key.text] = key.place


def _merge(mapping: Mapping, key: Scalar, value: Node) -> None:
    """`<<: *defaults`: what the mapping says itself wins; keys merged before it are overwritten."""
    sources = value.items if isinstance(value, Sequence) else [value]
    for source in sources:
        if not isinstance(source, Mapping):
            raise key.place.error("`<<` merges mappings only")
        for name, node in source.entries.items():
            mapping.entries.setdefault(name, node)
