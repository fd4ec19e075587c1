"""`$NAME` and its kin in the values of a compose file, and the `.env` file that gives them values. Pure.

Source of the rules: the Compose specification's chapter on interpolation, and its syntax of `.env` files.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

MAX_DEPTH = 8
"""How far a default within a default is followed."""
LONGEST = 1_000
"""Characters between the braces of a form. What is longer is none."""

_NAME = re.compile(r"[A-Za-z_]\w*")
_LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*[=:]\s*(.*?)\s*")
_QUOTED = re.compile(r"""(?:"((?:[^"\\]|\\.)*)"|'([^']*)')\s*(?:#.*)?""")
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t"}


@dataclass(frozen=True, slots=True)
class Interpolated:
    """`missing` maps names that nothing gives a value to what is said of them: `${NAME:?said}`.

    `used` are all that were asked for.
    """

    text: str
    missing: Mapping[str, str]
    used: frozenset[str] = frozenset()


def interpolate(text: str, values: Mapping[str, str], *, keep: bool = False) -> Interpolated:
    """What is no form of a variable stays as it is. What has no value is empty, or stays as `${NAME}` with `keep`."""
    reading = _Reading(values, keep)
    return Interpolated(reading.read(text, 0), reading.missing, frozenset(reading.used))


class _Reading:
    def __init__(self, values: Mapping[str, str], keep: bool) -> None:
        self.missing: dict[str, str] = {}
        self.used: set[str] = set()
        self._values, self._keep = values, keep

    def read(self, text: str, depth: int) -> str:
        found: list[str] = []
        at = 0
        while (dollar := text.find("$", at)) >= 0:
            found.append(text[at:dollar])
            value, at = self._form(text, dollar + 1, depth)
            found.append(value)
        return "".join((*found, text[at:]))

    def _form(self, text: str, at: int, depth: int) -> tuple[str, int]:
        """What stands for the form behind a dollar, and where the text goes on."""
        if text.startswith("$", at):
            return "$", at + 1
        if match := _NAME.match(text, at):
            return self._value(match[0], "", "", depth), match.end()
        match = _NAME.match(text, at + 1) if text.startswith("{", at) and depth < MAX_DEPTH else None
        end = _closing(text, at) if match is not None else None
        if end is None or match is None:
            return "$", at
        rest = text[match.end() : end]
        sign = re.match(r":?[-+?]", rest)
        if rest and sign is None:
            return "$", at
        operator = sign[0] if sign else ""
        return self._value(match[0], operator, rest[len(operator) :], depth), end + 1

    def _value(self, name: str, operator: str, word: str, depth: int) -> str:
        self.used.add(name)
        value = self._values.get(name)
        is_set = value is not None and (bool(value) or not operator.startswith(":"))
        if operator.endswith("+"):
            return self.read(word, depth + 1) if is_set else ""
        if is_set:
            return value or ""
        if operator.endswith("-"):
            return self.read(word, depth + 1)
        self.missing[name] = self.read(word, depth + 1) if operator else ""
        return f"${{{name}}}" if self._keep else ""


def _closing(text: str, at: int) -> int | None:
    """Where the brace that opens at `at` is closed."""
    depth = 0
    for place in range(at, min(len(text), at + LONGEST)):
        if text[place] == "{" and (place == at or text[place - 1] == "$"):
            depth += 1
        elif text[place] == "}":
            depth -= 1
        if depth == 0:
            return place if place > at else None
    return None


def read_env(text: str, known: Mapping[str, str] | None = None) -> dict[str, str]:
    """Of `NAME=value` lines. What is no such line says nothing. `known` are values that a line may refer to."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        if (match := _LINE.fullmatch(line)) is None:
            continue
        name, written = match.groups()
        quoted = _QUOTED.fullmatch(written)
        if quoted is not None and quoted[2] is not None:
            found[name] = quoted[2]
            continue
        plain = _unescaped(quoted[1]) if quoted is not None else re.sub(r"(?:^|\s+)#.*$", "", written)
        found[name] = interpolate(plain, {**(known or {}), **found}).text
    return found


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda match: _ESCAPED.get(match[1], match[1]), text)
