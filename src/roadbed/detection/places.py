"""Places in files that were rendered and never written → the places of a tree that made for them. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeAlias, TypeVar

from roadbed.detection.domain import Detection
from roadbed.detection.rendered import score_paths
from roadbed.kit.errors import Problem, RoadbedError
from roadbed.workload.document import Place
from roadbed.workload.domain import Workload

T = TypeVar("T")
Where: TypeAlias = Callable[[Place], Place]
Line: TypeAlias = tuple[int, int, Place | None]
"""Its number, how far it is moved in, and what the comment above it says."""

_BECAUSE = re.compile(r"\s*# (\S.*?):(\d+)(?:: .*)?")


def in_the_tree(found: Detection, files: Mapping[str, str]) -> Where:
    """`files` are those of a detection that the tree lacks. A line is where the comment above it says; else where the
    comment within it does; else where its process, or what was read first, stands.
    """
    known = {path: _commented(text) for path, text in files.items()}
    first = Place(found.sources[0], 1, 1)
    processes = {path: process.place for path, process in score_paths(found).items()}

    def where(place: Place) -> Place:
        if place.file not in known:
            return place
        return known[place.file].get(place.line) or processes.get(place.file, first)

    return where


def _commented(text: str) -> dict[int, Place]:
    """By line."""
    lines = list(_lines(text))
    return {**_within(lines), **_above(lines)}


def _above(lines: list[Line]) -> dict[int, Place]:
    """Of a line with a comment, and of all that is moved in below it."""
    known: dict[int, Place] = {}
    around: list[tuple[int, Place | None]] = []
    for number, indent, own in lines:
        while around and around[-1][0] >= indent:
            around.pop()
        place = own or (around[-1][1] if around else None)
        around.append((indent, place))
        if place is not None:
            known[number] = place
    return known


def _within(lines: list[Line]) -> dict[int, Place]:
    """Of a line, the first of what is moved in below it."""
    known: dict[int, Place] = {}
    following: list[tuple[int, Place]] = []
    for number, indent, own in reversed(lines):
        place = own or next((one for deeper, one in following if deeper > indent), None)
        following = [one for one in following if one[0] <= indent]
        if place is not None:
            known[number] = place
            following.insert(0, (indent, place))
    return known


def _lines(text: str) -> Iterator[Line]:
    """Those with something in them. A comment that ends otherwise than in a place stands for what is not written."""
    own: Place | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        if line.lstrip().startswith("#"):
            match = _BECAUSE.fullmatch(line)
            own = (own or Place(match[1], int(match[2]), 1)) if match else None
        elif line.strip():
            yield number, len(line) - len(line.lstrip()), own
            own = None


def relocated(value: T, where: Where) -> T:
    """With every place within it, and within what it holds, as `where` says."""
    return _moved(value, where)  # type: ignore[no-any-return]


def relocate(error: RoadbedError, where: Where) -> None:
    """In the error itself, which goes on."""
    error.problem = _moved(error.problem, where)
    error.problems = _moved(error.problems, where)


def _moved(value: Any, where: Where) -> Any:
    match value:
        case Place():
            return where(value)
        case Problem(file=str(file), line=int(line)):
            place = where(Place(file, line, value.column or 1))
            same = (place.file, place.line) == (file, line)
            return value if same else replace(value, file=place.file, line=place.line, column=None)
        case dict():
            return {key: _moved(one, where) for key, one in value.items()}
        case tuple() | list():
            return type(value)(_moved(one, where) for one in value)
        case _ if is_dataclass(value) and not isinstance(value, type):
            parts = {one.name: getattr(value, one.name) for one in fields(value) if one.init}
            moved = {name: _moved(part, where) for name, part in parts.items()}
            if isinstance(value, Workload):
                moved["file"] = where(Place(value.file, value.place.line, 1)).file
            return replace(value, **{name: part for name, part in moved.items() if part is not parts[name]})
    return value
