"""`secrets` and `configs` of a compose file: files that a service finds in its container, and what is in them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from roadbed.detection.domain import Need, Part, Placed, Variable
from roadbed.detection.interpolation import interpolate
from roadbed.detection.needs import GENERATED
from roadbed.detection.tree import Tree
from roadbed.workload.document import Mapping as Table
from roadbed.workload.document import Place
from roadbed.workload.reader import Fields
from roadbed.workload.targets import WORKDIR

Kind: TypeAlias = Literal["secrets", "configs"]

_FOLDERS: Mapping[Kind, str] = {"secrets": "/run/secrets/", "configs": "/"}
_OF_SERVER = re.compile(r"[A-Z_]+_(PASSWORD|PASS|USER|USERNAME|DB|DATABASE)_FILE")
_PARTS: Mapping[str, Part] = {"PASSWORD": "password", "PASS": "password", "USER": "username", "USERNAME": "username"}
_SECRET = re.compile(r"/run/secrets/([\w.-]+)")


@dataclass(frozen=True, slots=True)
class Known:
    """`defined` are the file's own, by kind and name; `parts` what a server takes from a secret of this name; `values`
    what `$NAME` stands for.
    """

    defined: Mapping[Kind, Mapping[str, Fields]]
    parts: Mapping[str, tuple[str, Part]]
    tree: Tree
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Use:
    """One that a service names, with its own word for where it stands."""

    kind: Kind
    name: str
    target: str
    place: Place

    @property
    def path(self) -> str:
        return posixpath.join(_FOLDERS[self.kind], self.target or self.name)


def define(root: Fields, tree: Tree, parts: Mapping[str, tuple[str, Part]], values: Mapping[str, str]) -> Known:
    defined: dict[Kind, Mapping[str, Fields]] = {}
    for kind in _FOLDERS:
        section = root.mapping(kind) if isinstance(root.get(kind), Table) else None
        found = section.items() if section else []
        defined[kind] = {name: Fields(root.reader, node, path) for name, node, path in found if isinstance(node, Table)}
    return Known(defined, parts, tree, values)


def parts_of_server(
    need: Need, environment: Iterator[tuple[str, Place, str | None]], command: str | None
) -> Iterator[tuple[str, tuple[str, Part]]]:
    """The secrets that a known server reads its own password, user and database from, by their names."""
    for name, _, written in environment:
        match, secret = _OF_SERVER.fullmatch(name), _SECRET.fullmatch(written or "")
        if match and secret:
            yield secret[1], (need.name, _PARTS.get(match[1], "name"))
    for name in _SECRET.findall(command or ""):
        yield name, (need.name, "password")


def placed(use: Use, known: Known) -> Placed | None:
    """None where nothing here says what it holds. What a server is opened with is the resource's own."""
    if use.kind == "secrets" and use.name in known.parts:
        of, part = known.parts[use.name]
        return Placed(use.place, Variable(use.name, use.place, "need", of=of, part=part))
    if (fields := known.defined[use.kind].get(use.name)) is None:
        return None
    if use.kind == "configs":
        inline = interpolate(fields.text("content"), known.values).text if "content" in fields else None
        text = inline if inline is not None else known.tree.text(_source(fields))
        return None if text is None else Placed(use.place, Variable(use.name, use.place, value=text))
    name = use.name.upper().replace("-", "_")
    made = GENERATED.fullmatch(name) and _source(fields) not in known.tree
    return Placed(use.place, Variable(name, use.place, "generated")) if made else None


def in_the_tree(use: Use, known: Known) -> str | None:
    """Where a secret lies that is a file of the source, as the container has it: it is copied to no other file."""
    fields = known.defined["secrets"].get(use.name) if use.kind == "secrets" else None
    source = _source(fields) if fields is not None else ""
    return f"{WORKDIR}/{source}" if source in known.tree else None


def _source(fields: Fields) -> str:
    return posixpath.normpath(fields.text("file")) if "file" in fields else ""
