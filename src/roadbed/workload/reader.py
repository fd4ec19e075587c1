"""Reads a tree field by field and collects what is wrong, so that a file's problems come all at once.

Every method reports through `Findings` and gives back a value of the asked type even when it found a problem: nothing
that was built from a wrong file gets out, because the caller raises at the end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from difflib import get_close_matches
from itertools import islice
from typing import TypeVar

from roadbed.kit.errors import Findings
from roadbed.kit.names import LABEL
from roadbed.workload.document import Mapping, Node, Place, Scalar, Sequence

T = TypeVar("T")
MOST_PROBLEMS = 50
_MISSPELT = 2
"""How many letters more or less are a slip of the hand."""
_MOST_NAMED = 12
"""How many names are still read."""

LABEL_RULE = "2 to 63 lower-case letters, digits and hyphens, beginning and ending with a letter or digit"


def nearest(name: str, known: Iterable[str]) -> str | None:
    """`did you mean 'image'?`, or what is known when nothing is near: of much, what is least far."""
    candidates = sorted(known)
    if (meant := misspelt(name, candidates)) is not None:
        return _did_you_mean(meant)
    if len(candidates) > _MOST_NAMED:
        named = get_close_matches(name, candidates, n=_MOST_NAMED, cutoff=0)
        return f"known here: {', '.join(named)}, and {len(candidates) - _MOST_NAMED} more"
    return f"known here: {', '.join(candidates)}" if candidates else None


def misspelt(name: str, known: Iterable[str]) -> str | None:
    """Which of them a name is likely to be, written wrong."""
    for close in get_close_matches(name, sorted(known), n=3, cutoff=0.65):
        if abs(len(close) - len(name)) <= _MISSPELT or name in close or close in name:
            return close
    return None


def _did_you_mean(name: str) -> str:
    return f"did you mean {name!r}?"


class Fields:
    """The fields of one mapping. `path` is how a message names it: `containers.web`."""

    def __init__(self, reader: Reader, node: Mapping, path: str) -> None:
        self.reader, self.node, self.path = reader, node, path

    def __contains__(self, name: str) -> bool:
        return name in self.node.entries

    def get(self, name: str) -> Node | None:
        return self.node.entries.get(name)

    def place(self, name: str) -> Place:
        return self.node.key_places.get(name, self.node.place)

    def path_of(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def _read(self, name: str, read: Callable[[Node, str], T], default: T) -> T:
        node = self.get(name)
        return default if node is None else read(node, self.path_of(name))

    def text(self, name: str, default: str = "", *, empty: bool = False) -> str:
        return self._read(name, lambda node, path: self.reader.text(node, path, empty=empty), default)

    def optional_text(self, name: str) -> str | None:
        return self.text(name) if name in self else None

    def label(self, name: str, default: str = "") -> str:
        return self._read(name, self.reader.label, default)

    def matching(self, name: str, pattern: re.Pattern[str], rule: str) -> str | None:
        node = self.get(name)
        return None if node is None else self.reader.matching(node, self.path_of(name), pattern, rule)

    def choice(self, name: str, choices: Collection[str], default: str) -> str:
        return self._read(name, lambda node, path: self.reader.choice(node, path, choices), default)

    def integer(self, name: str, low: int, high: int, default: int = 0) -> int:
        return self._read(name, lambda node, path: self.reader.integer(node, path, low, high), default)

    def flag(self, name: str) -> bool:
        return self._read(name, self.reader.flag, False)

    def words(self, name: str) -> tuple[str, ...]:
        return self._read(name, self.reader.words, ())

    def mapping(self, name: str) -> Fields:
        """The mapping under `name` with free keys; empty when it is absent."""
        empty = Fields(self.reader, Mapping(self.node.place), self.path_of(name))
        return self._read(name, self.reader.mapping, empty)

    def section(self, name: str, known: Collection[str], required: Collection[str] = ()) -> Fields | None:
        """The mapping under `name` with these keys only, or None when it is absent."""
        return self._read(name, lambda node, path: self.reader.section(node, path, known, required), None)

    def items(self) -> list[tuple[str, Node, str]]:
        """Key, node and path of each entry."""
        return [(key, node, self.path_of(key)) for key, node in self.node.entries.items()]

    def sections(self, known: Collection[str], required: Collection[str] = ()) -> list[tuple[str, Fields]]:
        """Every entry as a mapping with these keys, its own key checked as a label."""
        found = []
        for key, node, path in self.items():
            self.reader.check_label(key, path, self.place(key))
            found.append((key, self.reader.section(node, path, known, required)))
        return found


class Reader:
    """One reading of one file. With `has`, which knows the files beside it, those that it names must be there."""

    def __init__(self, *, runs_images: bool = True, has: Callable[[str], bool] | None = None) -> None:
        self.findings = Findings()
        self.runs_images, self.has = runs_images, has

    def report(self, place: Place, message: str, hint: str | None = None) -> None:
        """Adds a problem, once however often a field is looked at."""
        problem = place.problem(message, hint)
        if problem in self.findings.problems or len(self.findings.problems) > MOST_PROBLEMS:
            return
        if len(self.findings.problems) == MOST_PROBLEMS:
            problem = place.problem(f"there are more than {MOST_PROBLEMS} problems, from here on", "mend these first")
        self.findings.add(problem)

    def mapping(self, node: Node, path: str) -> Fields:
        if not isinstance(node, Mapping):
            self.report(node.place, f"{path or 'the file'} must be a mapping, not {_kind(node)}")
            return Fields(self, Mapping(node.place), path)
        return Fields(self, node, path)

    def section(self, node: Node, path: str, known: Collection[str], required: Collection[str] = ()) -> Fields:
        """A mapping with these keys only: unknown ones are reported with the nearest name, missing ones by name.

        A required one that is misspelt is told once.
        """
        if not isinstance(node, Mapping):
            self.mapping(node, path)
            return Fields(self, Mapping(node.place), path)
        fields = Fields(self, node, path)
        unknown = islice((key for key in node.entries if key not in known), MOST_PROBLEMS + 1)
        hints = {key: nearest(key, known) for key in unknown}
        for key, hint in hints.items():
            self.report(fields.place(key), f"{fields.path_of(key)} is not a known field", hint)
        for key in required:
            if key not in node.entries and _did_you_mean(key) not in hints.values():
                self.report(node.place, f"{fields.path_of(key)} is missing", f"add `{key}:`")
        return fields

    def sequence(self, node: Node, path: str) -> list[tuple[Node, str]]:
        """Each item with its path."""
        if not isinstance(node, Sequence):
            self.report(node.place, f"{path} must be a list, not {_kind(node)}")
            return []
        return [(item, f"{path}[{index}]") for index, item in enumerate(node.items)]

    def text(self, node: Node, path: str, *, empty: bool = True) -> str:
        if isinstance(node, Scalar) and isinstance(node.value, str):
            if not node.value and not empty:
                self.report(node.place, f"{path} must not be empty")
            return node.value
        quotable = isinstance(node, Scalar) and node.value is not None
        hint = f'put it in quotes: "{node.text}"' if isinstance(node, Scalar) and quotable else None
        self.report(node.place, f"{path} must be text, not {_kind(node)}", hint)
        return ""

    def matching(self, node: Node, path: str, pattern: re.Pattern[str], rule: str) -> str:
        """A text of this pattern; `rule` says the pattern in words: "use …"."""
        count = len(self.findings.problems)
        text = self.text(node, path, empty=False)
        if len(self.findings.problems) == count and not pattern.fullmatch(text):
            self.report(node.place, f"{path} has the wrong form: {text!r}", f"use {rule}")
        return text

    def label(self, node: Node, path: str) -> str:
        return self.matching(node, path, LABEL, LABEL_RULE)

    def check_label(self, key: str, path: str, place: Place) -> None:
        if not LABEL.fullmatch(key):
            self.report(place, f"{path} has a name that is not allowed: {key!r}", f"use {LABEL_RULE}")

    def choice(self, node: Node, path: str, choices: Collection[str]) -> str:
        count = len(self.findings.problems)
        text = self.text(node, path)
        if len(self.findings.problems) == count and text not in choices:
            allowed = " or ".join(choices)
            self.report(node.place, f"{path} must be {allowed}, not {text!r}", nearest(text, choices))
        return text

    def integer(self, node: Node, path: str, low: int, high: int) -> int:
        value = node.value if isinstance(node, Scalar) else None
        if not isinstance(value, int) or isinstance(value, bool):
            self.report(node.place, f"{path} must be a whole number, not {_kind(node)}")
            return low
        if not low <= value <= high:
            self.report(node.place, f"{path} must be between {low} and {high}, not {value}")
        return value

    def flag(self, node: Node, path: str) -> bool:
        if isinstance(node, Scalar) and isinstance(node.value, bool):
            return node.value
        self.report(node.place, f"{path} must be true or false, not {_kind(node)}")
        return False

    def words(self, node: Node, path: str) -> tuple[str, ...]:
        """A list of texts: a command and its arguments."""
        return tuple(self.text(item, item_path) for item, item_path in self.sequence(node, path))


def _kind(node: Node) -> str:
    if isinstance(node, Mapping):
        return "a mapping"
    if isinstance(node, Sequence):
        return "a list"
    names: dict[type, str] = {bool: "true or false", int: "a number", float: "a number", str: "text"}
    return names.get(type(node.value), "nothing")
