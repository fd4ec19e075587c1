"""What a Dockerfile says of a running container beside its command: variables, a port, a health check."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from roadbed.detection.dockerfile import lines_of, words_of
from roadbed.detection.domain import HealthCheck, Process, Variable
from roadbed.detection.evidence import shown
from roadbed.detection.tree import Tree
from roadbed.kit.errors import Problem
from roadbed.workload.document import Place

_LINE = re.compile(r"(?i)^\s*(FROM|ENV|EXPOSE|HEALTHCHECK|WORKDIR|VOLUME)\s+(.*)$")
_FROM = re.compile(r"(?i)(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?")
_CHECK = re.compile(r"(?i)(?:--\S+\s+)*CMD\s+(.+)")
_OF_THE_IMAGE = re.compile(
    r"PATH|PYTHONPATH|VIRTUAL_ENV|HOME|HOST|PORT|PYTHON\w+|LANG|LC_\w+|DEBIAN_FRONTEND|NODE_ENV|NODE_VERSION"
    r"|(?:PIP|UV|POETRY|PIPENV|NPM|YARN|PNPM|BUNDLE|GEM|GO|CGO)_?\w*"
)
"""Variables by which an image finds its own programs, or installs packages."""
_HERE = "/app"


@dataclass(slots=True)
class Image:
    """Of one stage; it grows line by line. `folder` is where its command starts."""

    variables: dict[str, Variable] = field(default_factory=dict)
    port: int | None = None
    check: HealthCheck | None = None
    folder: str = _HERE
    left: list[Problem] = field(default_factory=list)


def with_image(process: Process, tree: Tree, path: str) -> tuple[Process, list[Problem]]:
    """A process with what the Dockerfile at `path` says of it and nothing else does, and what of that is not taken.

    Several processes may be of one image: its port and its check are for those that are reached.
    """
    image = read_image(tree, path)
    found = replace(process, variables={**image.variables, **process.variables})
    if process.public or process.listens:
        checks = process.checks or ((image.check,) if image.check else ())
        found = replace(found, port=process.port or image.port, checks=checks)
    return found, image.left


def read_image(tree: Tree, path: str) -> Image:
    """Of the last stage, with what it begins from."""
    stages: dict[str, Image] = {}
    image = Image()
    for number, line in lines_of(tree.text(path) or ""):
        if (match := _LINE.match(line)) is None:
            continue
        word, rest, place = match[1].upper(), match[2].strip(), Place(path, number, 1)
        if word == "FROM":
            image = _stage(rest, stages)
        else:
            _read(image, word, rest, place)
    return image


def _stage(rest: str, stages: dict[str, Image]) -> Image:
    match = _FROM.match(rest)
    begun = stages.get(match[1].lower()) if match else None
    image = replace(begun, variables=dict(begun.variables), left=list(begun.left)) if begun else Image()
    if match and match[2]:
        stages[match[2].lower()] = image
    return image


def _read(image: Image, word: str, rest: str, place: Place) -> None:
    if word == "ENV":
        for name, value in _assigned(rest):
            _set(image, name, value, place)
    elif word == "EXPOSE" and image.port is None:
        number = re.match(r"(\d{1,5})(?:/tcp)?(?:\s|$)", rest)
        image.port = int(number[1]) if number and 0 < int(number[1]) < 65536 else None
    elif word == "HEALTHCHECK" and (match := _CHECK.match(rest)) is not None:
        words = words_of(match[1]) or ["sh", "-c", match[1].strip()]
        image.check = HealthCheck("readiness", place, command=tuple(words))
    elif word == "WORKDIR":
        image.folder = rest
    elif word == "VOLUME":
        message = f"VOLUME {shown(rest)} says nothing here: what is written there goes with the replica"
        image.left.append(place.problem(message, "mount a volume there in a Score file"))


def _set(image: Image, name: str, value: str, place: Place) -> None:
    if _OF_THE_IMAGE.fullmatch(name):
        return
    if "$" in value:
        message = f"ENV {shown(name)} is made of other variables, and says nothing here"
        image.left.append(place.problem(message, f"give it a value: roadbed config set {shown(name)}=…"))
    elif value == image.folder or value.startswith(f"{image.folder.rstrip('/')}/"):
        image.variables[name] = Variable(name, place, value=f"{_HERE}{value[len(image.folder.rstrip('/')) :]}")
    else:
        image.variables[name] = Variable(name, place, value=value)


def _assigned(rest: str) -> Iterator[tuple[str, str]]:
    """`A=b C="d e"`, and the older `A b c`."""
    if re.match(r"\w+\s", rest):
        name, _, value = rest.partition(" ")
        yield name, value.strip()
        return
    try:
        words = shlex.split(rest)
    except ValueError:
        return
    for word in words:
        name, equals, value = word.partition("=")
        if equals:
            yield name, value
