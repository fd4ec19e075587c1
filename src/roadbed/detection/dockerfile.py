"""What a Dockerfile starts, its last `CMD`, and the languages that it begins from. What else
it says of a container is `dockerfile_image`'s."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass

from roadbed.detection.tree import Tree
from roadbed.workload.document import Place

_START = re.compile(r"(?i)^\s*(CMD|ENTRYPOINT|FROM)\s+(.*)$")

_BASE = re.compile(
    r"(?i)^\s*FROM\s+(?:--\S+\s+)*(?:docker\.io/)?(?:library/)?(python|node|golang|ruby):(\d+(?:\.\d+){0,2})"
)
_STAGE = re.compile(r"(?i)^\s*FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?")


@dataclass(frozen=True, slots=True)
class Base:
    """An image of a language."""

    language: str
    version: str
    place: Place


def read_bases(tree: Tree, path: str = "Dockerfile") -> list[Base]:
    """Each once, however many stages begin from it."""
    found: dict[tuple[str, str], Base] = {}
    for number, line in lines_of(tree.text(path) or ""):
        if match := _BASE.match(line):
            name = match[1].lower()
            language, version = ("go", f">={match[2]}") if name == "golang" else (name, match[2])
            found.setdefault((language, version), Base(language, version, Place(path, number, 1)))
    return list(found.values())


def last_image(tree: Tree, path: str = "Dockerfile") -> str | None:
    """What the last stage begins from, through the stages that it is made of."""
    stages: dict[str, str] = {}
    image = None
    for _, line in lines_of(tree.text(path) or ""):
        if match := _STAGE.match(line):
            image = stages.get(match[1].lower(), match[1])
            if match[2]:
                stages[match[2].lower()] = image
    return image


def read_start(tree: Tree, path: str = "Dockerfile") -> tuple[str, Place] | None:
    """A line for a shell, and where it stands. None where its base image says what runs."""
    found: dict[str, tuple[str, int]] = {}
    for number, line in lines_of(tree.text(path) or ""):
        if (match := _START.match(line)) is None:
            continue
        if match[1].upper() == "FROM":
            found = {}
        elif (command := _command(match[2])) is not None:
            found[match[1].upper()] = (command, number)
    if not found:
        return None
    words = [found[name][0] for name in ("ENTRYPOINT", "CMD") if name in found]
    return " ".join(words), Place(path, found.get("CMD", found.get("ENTRYPOINT", ("", 1)))[1], 1)


def lines_of(text: str) -> list[tuple[int, str]]:
    """Lines with those that continue them, each with the number of its first."""
    found: list[tuple[int, str]] = []
    begun: tuple[int, str] | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        if begun and line.lstrip().startswith("#"):
            continue
        first, before = begun or (number, "")
        whole = before + line
        begun = (first, whole[:-1] + " ") if whole.rstrip().endswith("\\") else None
        if begun is None:
            found.append((first, whole))
    return found


def _command(written: str) -> str | None:
    text = written.strip()
    if not text.startswith("["):
        return text or None
    words = words_of(text)
    if words is None:
        return None
    return words[2] if words[:2] in (["sh", "-c"], ["/bin/sh", "-c"]) and len(words) == 3 else shlex.join(words)


def words_of(written: str) -> list[str] | None:
    """Of `["a", "b"]`; None for what is a line for a shell, or nothing."""
    try:
        words = json.loads(written)
    except (ValueError, RecursionError):
        return None
    return words if isinstance(words, list) and words and all(isinstance(word, str) for word in words) else None
