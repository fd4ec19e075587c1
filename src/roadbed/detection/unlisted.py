"""The packages of a Python tree that lists none: what it imports, and what serves it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from roadbed.detection.domain import Need, Process
from roadbed.detection.python_imports import PACKAGES, imported, requirement
from roadbed.detection.tree import Tree
from roadbed.kit.errors import Problem

_PYTHON = re.compile(r"(?:[A-Z_]+=\S+ )*(?:exec )?(python3?|" + "|".join(sorted(set(PACKAGES.values()))) + r")\b")


def unlisted(
    tree: Tree, processes: Mapping[str, Process], needs: Mapping[str, Need]
) -> tuple[tuple[str, ...], list[Problem]]:
    """Lines of a requirements.txt, none where no Python runs; and what is to be said."""
    programs = list(_programs(processes))
    if not programs:
        return (), []
    known, unknown = imported(tree)
    if not known:
        return (), []
    names = {*known, *(program for program in programs if program in PACKAGES.values())}
    lines = {requirement(name) for name in names}
    if "celery" in names and any(need.type == "redis" for need in needs.values()):
        lines = lines - {"celery"} | {"celery[redis]"}
    notes = [
        place.problem(f"which package {module!r} is of is not known here", "name it in a requirements.txt")
        for module, place in unknown.items()
    ]
    message = f"no file lists packages; these are taken: {', '.join(sorted(lines))}"
    said = next(iter(known.values())).problem(message, "a requirements.txt says which, and in which versions")
    return tuple(sorted(lines)), [said, *notes]


def _programs(processes: Mapping[str, Process]) -> Iterator[str]:
    """What Python programs the commands begin with."""
    for process in processes.values():
        if process.command and (match := _PYTHON.match(process.command.replace("waitress-serve", "waitress"))):
            yield match[1]
