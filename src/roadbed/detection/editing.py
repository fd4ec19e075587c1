"""Edits one resource of a `roadbed.yaml`, and nothing else of it: each other line stays as somebody wrote it.

Lines are put in and taken out at the places that the reader knows, and what comes of it is read again: an edit that
would say anything else than was asked for is refused, with the lines to write by hand.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any, cast

from roadbed.detection.yaml_text import document, scalar
from roadbed.kit.errors import InvalidInput
from roadbed.workload import document as tree
from roadbed.workload.application import read_application
from roadbed.workload.document import plain
from roadbed.workload.parsing import parse_document

RESOURCES = "resources"


def edited(text: str | None, name: str, declared: Mapping[str, Any] | None, *, file: str, application: str) -> str:
    """The file with `resources.<name>` declared so, or without it where that is None.

    `text` None: there is no file yet, and one is begun for `application`. Raises InvalidInput for a file that can't be
    read, and for one that is written in a way that can't be edited line by line.
    """
    if text is None:
        text = document(_begun(application))
    read_application(text, file=file)
    made = _edit(text, name, declared, file)
    _check(text, made, name, declared, file)
    return made


def difference(before: str | None, after: str, file: str) -> str:
    """As `diff -u` shows it; empty where nothing differs."""
    old = (before or "").splitlines(keepends=True)
    old = [line if line.endswith("\n") else f"{line}\n" for line in old]
    begins = "/dev/null" if before is None else f"a/{file}"
    return "".join(difflib.unified_diff(old, after.splitlines(keepends=True), begins, f"b/{file}"))


def written(name: str, declared: Mapping[str, Any]) -> str:
    """The lines that declare it, in a file that has nothing below `resources` yet."""
    return document({RESOURCES: {name: declared}})


def _begun(application: str) -> dict[str, Any]:
    return {"apiVersion": "roadbed.dev/v1", "kind": "Application", "metadata": {"name": application}}


def _edit(text: str, name: str, declared: Mapping[str, Any] | None, file: str) -> str:
    root = cast("tree.Mapping", parse_document(text, file))
    there = root.entries.get(RESOURCES)
    entries = there.entries if isinstance(there, tree.Mapping) else {}
    if not entries or _in_a_row(root, RESOURCES):
        others = {key: plain(node) for key, node in entries.items() if key != name}
        whole = {**others, **({name: declared} if declared is not None else {})}
        return _replaced(text, root, RESOURCES, document({RESOURCES: whole}) if whole else "")
    if declared is None and list(entries) == [name]:
        return _replaced(text, root, RESOURCES, "")
    block = cast("tree.Mapping", there)
    if declared is not None and name in entries and not _in_a_row(block, name):
        return _edit_fields(text, name, declared, file)
    return _replaced(text, block, name, "" if declared is None else _entry(name, declared))


def _edit_fields(text: str, name: str, declared: Mapping[str, Any], file: str) -> str:
    """One field after the other, so that comments beside those that stay do too."""
    for key in (*declared, *_entry_of(text, name, file).entries):
        block = _entry_of(text, name, file)
        now = plain(block.entries[key]) if key in block.entries else None
        if now != (wanted := declared.get(key)):
            text = _replaced(text, block, key, "" if wanted is None else _field(key, wanted))
    return text


def _entry_of(text: str, name: str, file: str) -> tree.Mapping:
    root = cast("tree.Mapping", parse_document(text, file))
    return cast("tree.Mapping", cast("tree.Mapping", root.entries[RESOURCES]).entries[name])


def _field(key: str, value: Any) -> str:
    return _dedented(document({RESOURCES: {"it": {key: value}}}), 2)


def _entry(name: str, declared: Mapping[str, Any]) -> str:
    return _dedented(written(name, declared), 1)


def _dedented(text: str, depth: int) -> str:
    """What stands below that many keys."""
    return "".join(line.removeprefix("  " * depth) for line in text.splitlines(keepends=True)[depth:])


def _in_a_row(root: tree.Mapping, key: str) -> bool:
    """Whether the mapping below a key begins in the key's own line, as `{…}` does."""
    return root.entries[key].place.line == root.key_places[key].line


def _replaced(text: str, block: tree.Mapping, key: str, put: str) -> str:
    """The lines of one entry of a mapping in block style, or the end of that mapping, with others in their place.

    What is taken out goes with the comment right above it.
    """
    lines = [line if line.endswith("\n") else f"{line}\n" for line in text.splitlines(keepends=True)]
    margin = " " * (min((place.column for place in block.key_places.values()), default=1) - 1)
    made = [f"{margin}{line}" for line in put.splitlines(keepends=True)]
    if (place := block.key_places.get(key)) is None:
        end = max(map(_last_line, block.entries.values()), default=len(lines))
        return "".join([*lines[:end], *made, *lines[end:]])
    begin, end = place.line - 1, max(_last_line(block.entries[key]), place.line)
    while not made and begin > block.place.line and lines[begin - 1].startswith(f"{margin}#"):
        begin -= 1
    return "".join([*lines[:begin], *made, *lines[end:]])


def _last_line(node: tree.Node) -> int:
    """The last line that holds a part of it, as far as places tell."""
    if isinstance(node, tree.Mapping):
        below = [place.line for place in node.key_places.values()]
        return max([node.place.line, *below, *map(_last_line, node.entries.values())])
    if isinstance(node, tree.Sequence):
        return max([node.place.line, *map(_last_line, node.items)])
    return node.place.line + node.lines - 1


def _check(before: str, after: str, name: str, declared: Mapping[str, Any] | None, file: str) -> None:
    """Raises InvalidInput unless the file says what was asked for, and else what it said before."""
    wanted = plain(parse_document(before, file))
    resources = {key: value for key, value in (wanted.get(RESOURCES) or {}).items() if key != name}
    wanted[RESOURCES] = {**resources, **({name: dict(declared)} if declared is not None else {})}
    try:
        said = plain(parse_document(after, file))
    except InvalidInput:
        said = {}
    if {**said, RESOURCES: said.get(RESOURCES) or {}} != wanted:
        by_hand = f"take resources.{name} out" if declared is None else f"add {scalar(name)} below `resources:`"
        raise InvalidInput(f"resources.{name} can't be edited here line by line", hint=f"{by_hand} by hand", file=file)
