"""What an application is called that no Score file and no roadbed.yaml names, and what says so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from roadbed.detection.code import Code
from roadbed.detection.domain import Reading
from roadbed.detection.evidence import first_line, shown
from roadbed.detection.tree import Tree
from roadbed.kit.names import as_name

NAMELESS = "app"
_OF_PACKAGES = ("pyproject.toml", "setup.cfg", "package.json", "go.mod")


@dataclass(frozen=True, slots=True)
class Named:
    """`by` is what a person reads: `package.json:1`, or that it is the folder's; empty where nothing says a name."""

    name: str
    by: str = ""


def name_of(tree: Tree, readings: Iterable[Reading], code: Code, folder: str | None) -> Named:
    """By the first file that has a usable name, else the folder's; else a stand-in, which is nobody's choice."""
    for written, files in _written(readings, code):
        if written and (name := as_name(written)) is not None:
            return Named(name, _place(tree, written, files))
    return Named(folder, "the folder's name") if folder else Named(NAMELESS)


def _written(readings: Iterable[Reading], code: Code) -> Iterator[tuple[str | None, tuple[str, ...]]]:
    yield from ((reading.name, (reading.file,)) for reading in readings)
    yield code.name, _OF_PACKAGES


def _place(tree: Tree, written: str, files: Iterable[str]) -> str:
    """Of a format whose fields have no places, too: the line that has the field and the name."""
    line = re.compile(rf"\b(?:name|app|module)\b.*{re.escape(written)}")
    places = (first_line(tree, file, line) for file in files if file in tree)
    return next((f"{shown(place.file)}:{place.line}" for place in places if place), next(iter(files)))
