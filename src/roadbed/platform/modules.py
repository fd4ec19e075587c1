"""Modules of the platform repo: programs that declare what the platform team runs for all."""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from roadbed.kit.errors import InvalidInput, NotFound
from roadbed.kit.names import LABEL
from roadbed.workload.parsing import parse_document
from roadbed.workload.reader import LABEL_RULE, Fields, Reader, nearest

LIBRARY = "lib"
"""The folder beside them whose files all of them may import: `from lib.names import zone`. It is no module."""
PROGRAM, DESCRIPTOR = "roadbed.py", "roadbed.yaml"
API_VERSION, KIND = "roadbed.dev/v1", "Module"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Module:
    """`modules/NAME/roadbed.py`. `environments` are those that it is for, None for all."""

    name: str
    folder: Path
    owner: str | None = None
    description: str = ""
    environments: tuple[str, ...] | None = None

    @property
    def program(self) -> str:
        """As people call it, from the root of the platform repo."""
        return f"modules/{self.name}/{PROGRAM}"

    def is_for(self, environment: str) -> bool:
        return self.environments is None or environment in self.environments


class Modules:
    """Those below a folder. One whose descriptor can't be read doesn't hide the others."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def library(self) -> Path | None:
        folder = self._folder / LIBRARY
        return folder if folder.is_dir() else None

    def all(self, environments: Collection[str]) -> list[Module]:
        """In the order of their names. `environments` are those that there are."""
        found = []
        for name in self._names():
            try:
                found.append(self._read(name, environments))
            except InvalidInput as problem:
                log.warning("the module %s is left out: %s", name, problem)
        return found

    def get(self, name: str, environments: Collection[str]) -> Module:
        """Raises NotFound with the nearest name, InvalidInput for what is wrong in its descriptor."""
        names = self._names()
        if name == LIBRARY:
            hint = "call the module something else"
            raise NotFound(f"modules/{LIBRARY}/ is what modules share, and no module", hint=hint)
        if name not in names:
            hint = nearest(name, names) or f"add modules/{name}/{PROGRAM} to the platform repo"
            raise NotFound(f"there is no module {name!r}", hint=hint)
        return self._read(name, environments)

    def _names(self) -> list[str]:
        found = {file.parent.name for file in self._folder.glob(f"*/{PROGRAM}") if file.is_file()}
        return sorted(found - {LIBRARY})

    def _read(self, name: str, environments: Collection[str]) -> Module:
        folder = self._folder / name
        if not LABEL.fullmatch(name):
            raise InvalidInput(f"{name!r} can't be a module's name", hint=f"use {LABEL_RULE}", file=f"modules/{name}")
        file = f"modules/{name}/{DESCRIPTOR}"
        try:
            text = (folder / DESCRIPTOR).read_text(encoding="utf-8")
        except FileNotFoundError:
            return Module(name, folder)
        except UnicodeDecodeError:
            raise InvalidInput("this is not UTF-8 text", file=file) from None
        return read_module(text, folder=folder, file=file, environments=environments)


def read_module(text: str, *, folder: Path, file: str, environments: Collection[str]) -> Module:
    """A module's descriptor. Raises InvalidInput with everything that is wrong in it."""
    reader = Reader()
    known = ("apiVersion", "kind", "metadata", "environments")
    fields = reader.section(parse_document(text, file), "", known, ("apiVersion", "kind"))
    fields.choice("apiVersion", (API_VERSION,), API_VERSION)
    fields.choice("kind", (KIND,), KIND)
    metadata = fields.section("metadata", ("name", "owner", "description"))
    module = Module(
        name=folder.name,
        folder=folder,
        owner=metadata.optional_text("owner") if metadata else None,
        description=metadata.text("description") if metadata else "",
        environments=_environments(reader, fields, environments),
    )
    if metadata and metadata.label("name", folder.name) != folder.name:
        reader.report(metadata.place("name"), f"metadata.name must be {folder.name!r}, as the folder is called")
    reader.findings.raise_if_any(file)
    return module


def _environments(reader: Reader, fields: Fields, known: Collection[str]) -> tuple[str, ...] | None:
    """A list of names, or `all`."""
    node = fields.get("environments")
    if node is None or getattr(node, "value", None) == "all":
        return None
    names = []
    for item, path in reader.sequence(node, "environments"):
        name = reader.text(item, path)
        if name and name not in known:
            reader.report(item.place, f"{path}: there is no environment {name!r}", nearest(name, known))
        names.append(name)
    return tuple(names)
