"""Commands that a package manager starts: `uv run X`, `poetry run X`, `yarn start`.

A build installs what the manager would look for and brings X onto the PATH, but of the managers themselves only the one
that wrote a Node tree's lock file. So X is what is run, and that is said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from roadbed.detection.domain import Process
from roadbed.detection.evidence import shown
from roadbed.kit.errors import Problem

_BEGINS = r"(?P<before>(?:^|&&|\|\||[;|(])\s*(?:(?:exec|env|\w+=[^\s'\"]*)\s+)*)"
_UV = (
    r"uv run(?:\s+--(?:no-sync|frozen|locked|no-dev|no-project|all-extras|all-groups|active|quiet)\b"
    r"|\s+--(?:extra|group|package)[= ]\S+)*(?:\s+--)?(?=\s+[^-\s]|\s+-m\s)"
)
_PYTHON = re.compile(rf"{_BEGINS}(?P<runner>{_UV}|(?:poetry|pipenv|pdm|rye) run)\s+(?P<word>\S+)")
_NODE = re.compile(rf"{_BEGINS}(?P<runner>(?:yarn|pnpm|bun)(?:\s+(?:run|exec))?)\s+(?P<word>[\w:.@/-]+)")
_LEFT = re.compile(rf"{_BEGINS}(?P<word>uvx?|poetry|pipenv|pdm|rye|hatch|conda|yarn|pnpm|bunx?|deno)(?=\s|$)")
_OWN_WORDS = frozenset((
    "install", "i", "ci", "add", "dlx", "workspace", "workspaces", "create", "set", "config", "cache", "global", "link",
    "audit", "why", "pm", "x", "update", "upgrade", "import", "dedupe", "plugin", "publish", "deploy", "rebuild",
))  # fmt: skip
"""What yarn, pnpm and bun do by themselves."""


@dataclass(frozen=True, slots=True)
class Scripts:
    """What managers find by name: `python` lines by the name of a project's own command, `node` names of scripts.

    `brought` are managers that a build brings along.
    """

    python: Mapping[str, str] = field(default_factory=dict)
    node: frozenset[str] = frozenset()
    brought: frozenset[str] = frozenset()


def of_entry_point(target: str) -> str | None:
    """What runs `module:function` of a project that is not installed itself. None for what names nothing."""
    module, _, function = target.partition(":")
    if not re.fullmatch(r"[\w.]+", module) or not re.fullmatch(r"[\w.]+", function):
        return None
    top = function.partition(".")[0]
    return f'python -c "import sys; from {module} import {top}; sys.exit({function}())"'


def without_runners(
    processes: Iterable[Process], scripts_in: Callable[[str], Scripts]
) -> tuple[dict[str, Process], list[Problem]]:
    """The processes with what their commands really start, and what is to be said of it. `scripts_in` gives those of a
    folder.
    """
    found: dict[str, Process] = {}
    notes: list[Problem] = []
    for process in processes:
        lines = {name: str(getattr(process, name) or "") for name in ("command", "release", "build")}
        if not any(_LEFT.search(line) for line in lines.values()):
            found[process.name] = process
            continue
        scripts = scripts_in(process.folder)
        plain = {name: started(line, scripts) for name, line in lines.items()}
        changed: dict[str, Any] = {name: line for name, line in plain.items() if line != lines[name]}
        found[process.name] = replace(process, **changed)
        for name, line in changed.items():
            place = (process.release_place if name == "release" else None) or process.place
            message = f"{process.name!r}: {shown(lines[name])!r} is run as {shown(line)!r}"
            notes.append(place.problem(message, "a build installs the packages; the manager itself is not there"))
        for line in plain.values():
            notes += not_there(process, line, scripts.brought)
    return found, list(dict.fromkeys(notes))


def started(line: str, scripts: Scripts) -> str:
    """A line for a shell without the managers that a build does not bring along."""
    without = _PYTHON.sub(lambda match: match["before"] + _python(match["word"], match["runner"], scripts), line)
    return _NODE.sub(lambda match: _node(match, scripts), without)


def _python(word: str, runner: str, scripts: Scripts) -> str:
    if word in scripts.python:
        return scripts.python[word]
    file = word.endswith(".py") or (word == "-m" and runner.startswith("uv"))
    return f"python {word}" if file else word


def _node(match: re.Match[str], scripts: Scripts) -> str:
    manager, _, how = re.sub(r"\s+", " ", match["runner"]).partition(" ")
    word = match["word"]
    if manager in scripts.brought or (not how and word in _OWN_WORDS) or word.startswith("-"):
        return match[0]
    if word in scripts.node and how != "exec":
        return f"{match['before']}npm {'start' if word == 'start' else f'run {word}'}"
    only_bun = manager == "bun" and ("." in word or not how)
    return match[0] if only_bun or how == "run" else f"{match['before']}{word}"


def not_there(process: Process, line: str, brought: frozenset[str]) -> list[Problem]:
    """What a line starts and no build brings along. What only installs is left to the build."""
    words = dict.fromkeys(match["word"] for match in _LEFT.finditer(line) if match["word"] not in brought)
    return [
        process.place.problem(
            f"{process.name!r} starts {word!r}, which no build here brings along: {shown(line)}",
            "name the program that it starts",
        )
        for word in words
        if not re.search(rf"{word} (install|sync|ci|i)\b|{word}\s*(&&|$)", line)
    ]
