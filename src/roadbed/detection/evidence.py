"""What stands at the places that guesses are made from."""

from __future__ import annotations

import re
from collections.abc import Iterable

from roadbed.detection.domain import Evidence
from roadbed.detection.tree import Tree
from roadbed.workload.document import Place

LONGEST = 100
"""Characters of a line that are shown."""


def evidence(tree: Tree, *places: Place) -> tuple[Evidence, ...]:
    """Each place once, with its line."""
    return tuple(Evidence(place, shown(_line(tree.text(place.file) or "", place.line))) for place in unique(places))


def unique(places: Iterable[Place]) -> tuple[Place, ...]:
    """The first of those that stand in the same line."""
    found: dict[tuple[str, int], Place] = {}
    for place in places:
        found.setdefault((place.file, place.line), place)
    return tuple(found.values())


def printable(text: str) -> str:
    """Without anything that could drive a terminal or end a comment."""
    return "".join(character if character.isprintable() else " " for character in text)


def shown(text: str) -> str:
    """On one line, printable, and cut."""
    line = " ".join(printable(text).split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def because(evidence: Evidence) -> str:
    """`app.py:3: app = FastAPI()`."""
    where = f"{shown(evidence.place.file)}:{evidence.place.line}"
    return f"{where}: {evidence.says}" if evidence.says else where


def first_line(tree: Tree, path: str, pattern: re.Pattern[str]) -> Place | None:
    """Where a pattern is found first."""
    for number, line in enumerate((tree.text(path) or "").splitlines(), start=1):
        if pattern.search(line):
            return Place(path, number, 1)
    return None


def _line(text: str, number: int) -> str:
    lines = text.splitlines()
    return lines[number - 1] if 0 < number <= len(lines) else ""
