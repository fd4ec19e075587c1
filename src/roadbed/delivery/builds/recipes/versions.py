"""Which version of a language is asked for, and which of those on the machine fits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from roadbed.delivery.builds.domain import Machine, Tool
from roadbed.kit.errors import InvalidInput

_PINS = ("runtime.txt", ".python-version")
_PIN = re.compile(r"(?:python-)?(\d+\.\d+)(\.\d+)?")
_PYTHONS = tuple(f"python3.{minor}" for minor in range(15, 8, -1))
_CARET = re.compile(r"([\^~])\s*(\d+(?:\.\d+)*)")


@dataclass(frozen=True, slots=True)
class Asked:
    """A range of versions and the file that says it. One that does not `bind` gives way to what the machine has."""

    range: str
    file: str
    binds: bool = True


def asked_python(declared: Asked | None, read: Mapping[str, bytes]) -> list[Asked]:
    """What the project declares, and what files beside it pin: those say what was used, not what is needed."""
    pins = (Asked(f"=={match[1]}.*", name, binds=False) for name, match in _pins(read))
    return [*([declared] if declared else []), *pins]


def _pins(read: Mapping[str, bytes]) -> Iterator[tuple[str, re.Match[str]]]:
    for name in _PINS:
        lines = read.get(name, b"").decode(errors="replace").split()
        if lines and (match := _PIN.fullmatch(lines[0])):
            yield name, match


def choose_python(asked: list[Asked], machine: Machine) -> tuple[Tool, tuple[str, ...]]:
    """The interpreter that fits best, the platform's own before others, and what there is to say of it.

    Raises InvalidInput when none on this machine is in a range that binds.
    """
    own = Tool(machine.python, machine.version, machine.python_prefix)
    binding = [(one, _specifier(one)) for one in asked if one.binds]
    pins = [(one, _specifier(one)) for one in asked if not one.binds]
    fitting = [tool for tool in _interpreters(own, machine) if all(_fits(tool, wanted) for _, wanted in binding)]
    if not fitting:
        named = binding[0][0]
        minor = re.search(r"\d+\.\d+", named.range)
        program = f"python{minor[0]}" if minor else "one"
        raise InvalidInput(
            f"the project needs Python {named.range}, and this machine builds with {machine.version}",
            hint=f"widen the range, or put a Python that fits on the platform's PATH as {program}",
            file=named.file,
        )
    chosen = next((tool for tool in fitting if all(_fits(tool, wanted) for _, wanted in pins)), fitting[0])
    lacking = [one for one, wanted in pins if not _fits(chosen, wanted)]
    return chosen, tuple(
        f"{one.file} asks for Python {one.range[2:-2]}, which this machine lacks: built with {chosen.version}"
        for one in lacking
    )


def _interpreters(own: Tool, machine: Machine) -> Iterator[Tool]:
    yield own
    for name in _PYTHONS:
        if (tool := machine.tools.get(name)) is not None and tool.version != own.version:
            yield tool


def _specifier(asked: Asked) -> SpecifierSet:
    try:
        return SpecifierSet(plain_range(asked.range))
    except InvalidSpecifier:
        raise InvalidInput(f"this is not a range of Python versions: {asked.range!r}", file=asked.file) from None


def plain_range(text: str) -> str:
    """Poetry's `^3.11` and `~3.11` in the standard's words; `3.11` alone means that very version."""
    return ",".join(filter(None, (_plain_part(part) for part in text.split(","))))


def _plain_part(text: str) -> str:
    text = text.strip()
    if match := _CARET.fullmatch(text):
        return f">={match[2]},<{_top(match[1], [int(part) for part in match[2].split('.')])}"
    if text == "*":
        return ""
    return f"=={text}" if text[:1].isdigit() else text


def _top(sign: str, numbers: list[int]) -> str:
    """Where a range ends: `^` leaves the first number that isn't 0 as it is, `~` the second."""
    kept = (
        min(1, len(numbers) - 1) if sign == "~" else next((n for n, it in enumerate(numbers) if it), len(numbers) - 1)
    )
    return ".".join(map(str, [*numbers[:kept], numbers[kept] + 1]))


def _fits(tool: Tool, wanted: SpecifierSet) -> bool:
    return wanted.contains(tool.version, prereleases=True)


_NODE_PART = re.compile(r"(>=|<=|>|<|=|\^|~)?\s*v?(\d+)(?:\.(\d+|x|\*))?(?:\.(\d+|x|\*))?")


def node_fits(version: str, wanted: str) -> bool:
    """Whether a version is in an npm range; True for a range that isn't understood: npm itself only warns of it."""
    try:
        have = Version(version)
    except InvalidVersion:
        return True
    answers = [_all_fit(have, option) for option in wanted.split("||")]
    return any(answer is not False for answer in answers)


def _all_fit(have: Version, option: str) -> bool | None:
    text = option.strip()
    if text in ("", "*", "x", "latest", "lts/*"):
        return True
    parts = list(_NODE_PART.finditer(text))
    if not parts or " - " in text:
        return None
    return all(_fits_part(have, match) for match in parts)


def _fits_part(have: Version, match: re.Match[str]) -> bool:
    numbers = [int(part) for part in match.groups()[1:] if part and part.isdigit()]
    mine = list(have.release[: len(numbers)])
    low = list(have.release) >= numbers + [0] * (3 - len(numbers))
    match match[1]:
        case ">=":
            return low
        case ">":
            return mine > numbers
        case "<":
            return list(have.release) < numbers + [0] * (3 - len(numbers))
        case "<=":
            return mine <= numbers
        case "^":
            return low and have.release[0] == numbers[0]
        case "~":
            return low and mine[: min(2, len(numbers))] == numbers[:2]
        case _:
            return mine == numbers
