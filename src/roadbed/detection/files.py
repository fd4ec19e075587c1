"""Files of other platforms in a tree, in the order in which they are believed."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import cast

from roadbed.detection.domain import Reading
from roadbed.detection.tree import Tree
from roadbed.kit.errors import InvalidInput, Problem

READERS = {
    "Procfile": "procfile",
    "app.json": "app_json",
    "railway.json": "railway",
    "railway.toml": "railway",
    "render.yaml": "render",
    "render.yml": "render",
    "fly.toml": "fly",
    "compose.yaml": "compose",
    "compose.yml": "compose",
    "docker-compose.yaml": "compose",
    "docker-compose.yml": "compose",
}
"""By file, the module that reads it: `procfile` by its `read_procfile`. It is loaded when a tree has the file.

A Procfile says the least and means it; a compose file is often made for development only.
"""

_READS_BESIDE = ("compose",)
"""Those whose values stand in files beside them, too."""

FAMILY = ("Procfile", "app.json")
"""These are one platform's: what one of them says is not said otherwise by the other."""


def read_files(tree: Tree) -> tuple[list[Reading], list[Problem]]:
    """What they say, and what can't be read and is passed over, because a file before it says what runs.

    Raises InvalidInput where no such file is, and for the Procfile's own family, which is believed together.
    """
    readings: list[Reading] = []
    notes: list[Problem] = []
    for file in READERS:
        if (text := tree.text(file)) is None:
            if file in tree:
                notes.append(Problem("this is no text that can be read here, and is passed over", file=file))
            continue
        try:
            readings.append(_read(tree, file, text))
        except InvalidInput as error:
            if file in FAMILY or not any(runs(reading) for reading in readings):
                raise
            notes += _passed_over(error, file)
    return readings, notes


def _passed_over(error: InvalidInput, file: str) -> Iterator[Problem]:
    """Each of its problems."""
    for one in error.problems or (error.problem,):
        yield Problem(f"it is passed over: {one.message}", one.hint, file, one.line, one.column)


def _read(tree: Tree, file: str, text: str) -> Reading:
    name = READERS[file]
    read = getattr(import_module(f"roadbed.detection.{name}"), f"read_{name}")
    return cast(Reading, read(text, file, tree) if name in _READS_BESIDE else read(text, file))


def runs(reading: Reading) -> bool:
    """Whether it says by itself what is started: what runs by the clock only stands beside that."""
    return any((one.command or one.publish) and one.schedule is None for one in reading.processes.values())
