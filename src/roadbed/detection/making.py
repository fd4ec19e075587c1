"""How what is understood of a tree is built: the lines, the variables that they find set, the packages of no list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from roadbed.detection.build_lines import build_lines, fetches
from roadbed.detection.build_variables import build_variables, not_given
from roadbed.detection.domain import Need, Process, Variable
from roadbed.detection.ground import Ground
from roadbed.detection.projects import without_projects
from roadbed.detection.supply import Supplied
from roadbed.kit.errors import Problem


@dataclass(frozen=True, slots=True)
class Build:
    """`unsaid` is what pages are made with and nobody says."""

    lines: tuple[str, ...]
    variables: Mapping[str, Variable]
    network: bool
    unsaid: list[Problem]


def plan_build(ground: Ground, supplied: Supplied) -> Build:
    lines = _with_programs(ground, supplied, build_lines(supplied.processes, ground.combined, ground.code))
    given = build_variables(supplied.processes, supplied.variables) if lines else {}
    given |= _stand_ins(ground, lines, given)
    unsaid = list(not_given(supplied.processes, supplied.variables, ground.read)) if lines else []
    return Build(lines, given, fetches(lines, ground.combined), unsaid)


def _with_programs(ground: Ground, supplied: Supplied, lines: tuple[str, ...]) -> tuple[str, ...]:
    """With those that build what commands name in a Go tree: a build makes the root's program by another name."""
    if ground.code.go is None:
        return lines
    from roadbed.detection.go_code import build_of_commands

    commands = [one for process in supplied.processes.values() for one in (process.command, process.release) if one]
    return tuple(dict.fromkeys((*lines, *build_of_commands(ground.tree, ground.code.go, commands))))


def packages_of_no_list(
    ground: Ground, processes: Mapping[str, Process], needs: Mapping[str, Need]
) -> tuple[tuple[str, ...], list[Problem]]:
    """Lines of a requirements.txt, and what is to be said of them."""
    packages = ground.code.packages
    if packages.manager != "none" or not packages.names:
        return (), []
    from roadbed.detection.unlisted import unlisted

    return unlisted(without_projects(ground.tree), processes, needs)


def _stand_ins(ground: Ground, lines: tuple[str, ...], given: Mapping[str, Variable]) -> dict[str, Variable]:
    """What Django's settings must have to collect static files, where nobody gives it to the build."""
    if not any("collectstatic" in line for line in lines) or "django" not in ground.code.packages:
        return {}
    from roadbed.detection.django import stand_ins

    said = " ".join(lines)
    found = stand_ins(ground.read)
    return {name: one for name, one in found.items() if name not in given and f"{name}=" not in said}
