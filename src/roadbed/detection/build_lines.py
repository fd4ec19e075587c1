"""What builds a tree, beside what installs its packages."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import replace

from roadbed.detection.code import Code
from roadbed.detection.combine import Combined
from roadbed.detection.domain import Process
from roadbed.detection.evidence import shown
from roadbed.detection.tree import Tree, below
from roadbed.kit.errors import Problem

_INSTALLS = re.compile(
    r"poetry install\b|uv (sync|pip install)\b|pipenv (install|sync)\b|go mod download\b"
    r"|npm( --prefix[ =]\S+)? (ci|install|i)\b|(yarn|pnpm|bun)( install| i)?( --\S+)*$|bundle (install|config)\b"
    r"|corepack enable\b|apt(-get)? "
)
_PIP = re.compile(r"(?:python3? -m )?pip3? install\b(.*)")
_OF_PIP_ITSELF = frozenset(("pip", "setuptools", "wheel", ".", "-e", "--upgrade", "-U"))
MIGRATES = re.compile(
    r"(python3? )?(\./)?manage\.py migrate\b|alembic (-\S+ )*upgrade\b|(python3? -m )?flask (-\S+ \S+ )*db upgrade\b"
    r"|(npx |npm run |yarn |pnpm )?(prisma migrate deploy|knex migrate:latest|sequelize db:migrate)\b"
    r"|\S*rails db:migrate\b"
)
_SCRIPT = re.compile(r"(?:(?:ba)?sh\s+(?:-\w+\s+)*)?(?:\./)?([\w./-]+)")
_ASIDE = re.compile(r"\s*(#.*|set\s.*|echo\s.*|:)?")
_PLAIN = re.compile(
    r"(?!(if|for|while|until|case|function|export|source|\.|local|trap|exit|return|then|else|fi|do|done|eval)(\s|$))"
    r"[^$`(){}<>|\\&;!#*?]+"
)


def build_lines(processes: Mapping[str, Process], combined: Combined, code: Code) -> tuple[str, ...]:
    """What a file says of it; else the code. What only installs packages is done anyway."""
    said = [
        (process.folder, line)
        for process in processes.values()
        if process.build and (line := without_installing(process.build, process.command or ""))
    ]
    lines = [f"cd {shlex.quote(inside)} && {line}" if (inside := below(folder)) else line for folder, line in said]
    own = _stated(combined)
    return tuple(dict.fromkeys(lines if own else (*lines, *code.build)))


def fetches(lines: Iterable[str], combined: Combined) -> bool:
    """Whether what builds was written for a platform where it has the network."""
    return bool(tuple(lines)) and _stated(combined)


def _stated(combined: Combined) -> bool:
    return combined.main is not None and any(process.build for process in combined.processes.values())


def without_installing(line: str, runs: str = "") -> str:
    """The parts of a build command that do more than to install what is installed anyway: what the root lists, and the
    folders that what `runs` goes to.
    """
    parts = [part for part in _parts(line) if not _repeats(part, runs)]
    while parts and (entered := re.match(r"cd\s+(\S+)", parts[-1])):
        parts.pop()
        if not _goes_to(runs, entered[1]) and (installs := [part for part in _parts(line) if _is_install(part)]):
            parts += [entered[0], installs[0]]
    return " && ".join(parts)


def _parts(line: str) -> list[str]:
    return [part for part in re.split(r"\s*(?:&&|;|\n)\s*", line.strip()) if part]


def _is_install(part: str) -> bool:
    return bool(_INSTALLS.match(part) or _PIP.match(part))


def _repeats(part: str, runs: str) -> bool:
    if (pip := _PIP.match(part)) is not None:
        return _lists_known(pip[1].split(), runs)
    if not _INSTALLS.match(part):
        return False
    named = re.search(r"--prefix[ =](\S+)", part)
    return named is None or _goes_to(runs, named[1])


def _lists_known(words: list[str], runs: str) -> bool:
    """Of a line of pip: options, and lists that a build follows without being told."""
    waiting = iter(words)
    for word in waiting:
        if word in ("-r", "--requirement"):
            path = posixpath.normpath(next(waiting, ""))
            if posixpath.basename(path) != "requirements.txt" and not path.startswith("requirements/"):
                return False
            folder = posixpath.dirname(path)
            if folder not in ("", "requirements") and not _goes_to(runs, folder):
                return False
        elif not word.startswith("-") and word not in _OF_PIP_ITSELF:
            return False
    return True


def _goes_to(runs: str, folder: str) -> bool:
    return bool(re.search(rf"(?:\bcd\s+|--prefix[ =])(?:\./)?{re.escape(posixpath.normpath(folder))}(?:/|\s|$)", runs))


def migrations_apart(tree: Tree, processes: Mapping[str, Process]) -> tuple[dict[str, Process], list[Problem]]:
    """The processes with what migrates in their build as their release: no database is there while one builds.

    A script that a build names is read like a line, where it only lists commands.
    """
    found: dict[str, Process] = {}
    notes: list[Problem] = []
    for process in processes.values():
        parts = [one for part in _parts(process.build or "") for one in _opened(tree, process.folder, part)]
        migrating = [part for part in parts if MIGRATES.match(part)]
        rest = " && ".join(part for part in parts if part not in migrating)
        if not migrating:
            found[process.name] = replace(process, build=rest or process.build)
            continue
        line = " && ".join(migrating)
        found[process.name] = replace(process, build=rest or None, release=process.release or line)
        message = (
            f"{process.name!r}: {shown(line)!r} of its build runs before traffic moves: no database is there to build"
        )
        notes.append(process.place.problem(message))
    return found, notes


def _opened(tree: Tree, folder: str, part: str) -> list[str]:
    match = _SCRIPT.fullmatch(part.strip())
    text = tree.text(posixpath.normpath(posixpath.join(below(folder), match[1]))) if match else None
    if text is None or (not text.startswith("#!") and not part.endswith(".sh")) or "python" in text.partition("\n")[0]:
        return [part]
    lines = [line for line in text.splitlines() if not _ASIDE.fullmatch(line)]
    inside = [one for line in lines for one in _parts(line)]
    return inside if inside and all(_PLAIN.fullmatch(one) for one in inside) else [part]
