"""Files of other platforms in a tree, in the order in which they are believed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from roadbed.detection.app_json import read_app_json
from roadbed.detection.compose import read_compose
from roadbed.detection.domain import Reading
from roadbed.detection.fly import read_fly
from roadbed.detection.procfile import read_procfile
from roadbed.detection.railway import read_railway
from roadbed.detection.render import read_render
from roadbed.detection.tree import Tree
from roadbed.kit.errors import InvalidInput, Problem

Read: TypeAlias = Callable[[str, str], Reading]

READERS: tuple[tuple[str, Read], ...] = (
    ("Procfile", read_procfile),
    ("app.json", read_app_json),
    ("railway.json", read_railway),
    ("railway.toml", read_railway),
    ("render.yaml", read_render),
    ("render.yml", read_render),
    ("fly.toml", read_fly),
    ("compose.yaml", read_compose),
    ("compose.yml", read_compose),
    ("docker-compose.yaml", read_compose),
    ("docker-compose.yml", read_compose),
)
"""A Procfile says the least and means it; a compose file is often made for development only."""

FAMILY = ("Procfile", "app.json")
"""These are one platform's: what one of them says is not said otherwise by the other."""


def read_files(tree: Tree) -> tuple[list[Reading], list[Problem]]:
    """What they say, and what can't be read and is passed over, because a file before it says what runs.

    Raises InvalidInput where no such file is.
    """
    readings: list[Reading] = []
    notes: list[Problem] = []
    for file, read in READERS:
        if (text := tree.text(file)) is None:
            if file in tree:
                notes.append(Problem("this is no text that can be read here, and is passed over", file=file))
            continue
        try:
            readings.append(read(text, file))
        except InvalidInput as error:
            if not any(runs(reading) for reading in readings):
                raise
            place = error.problem
            notes.append(Problem(f"it is passed over: {place.message}", place.hint, file, place.line, place.column))
    return readings, notes


def runs(reading: Reading) -> bool:
    """Whether it says by itself what is started."""
    return any(process.command or process.publish for process in reading.processes.values())
