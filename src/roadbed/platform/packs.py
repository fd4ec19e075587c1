"""Packs of policies: folders of the platform repo, and installed packages that offer themselves."""

from __future__ import annotations

import hashlib
import importlib.util
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from roadbed.kit.errors import InvalidInput
from roadbed.kit.names import LABEL
from roadbed.workload.document import decode
from roadbed.workload.parsing import parse_document
from roadbed.workload.reader import LABEL_RULE, Reader

GROUP = "roadbed.policies"
"""The group of the entry points by which installed packages offer packs: `security = "ours.policies.security"`."""
LOCAL = "local"
"""The pack of the loose files in `policies/`."""
BUILT_IN = "built-in"
"""The pack of the policies that Roadbed judges itself."""
DESCRIPTOR = "pack.yaml"

_LONGEST_VERSION = 64
_TAKEN = {LOCAL: "the loose files", BUILT_IN: "Roadbed's own policies"}
_MOST_BYTES = 10_000_000

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Installed:
    """Where an installed pack is: `module` is imported; `folder` is the package around it, and `root` around that.

    `root` is what `sys.path` needs, `revision` changes with every file of `folder`.
    """

    module: str
    folder: Path
    root: Path
    revision: str

    @property
    def shown(self) -> str:
        return str(self.folder.relative_to(self.root))


@dataclass(frozen=True, slots=True)
class Pack:
    """`folder` is where its files are. `installed` is None for what lies in the platform repo."""

    name: str
    folder: Path
    version: str = ""
    description: str = ""
    installed: Installed | None = None


def local_packs(policies: Path) -> list[Pack]:
    """Those of the platform repo: the loose files, if there are any, then each folder with a descriptor, by name.

    Raises InvalidInput with everything that is wrong in a descriptor.
    """
    folders = sorted(file.parent for file in policies.glob(f"*/{DESCRIPTOR}") if file.is_file())
    loose = any(set(folders).isdisjoint(file.parents) for file in policies.rglob("*.py"))
    packs = [Pack(LOCAL, policies, description="The loose files of policies/.")] if loose else []
    return packs + [_local(folder) for folder in folders]


def _local(folder: Path) -> Pack:
    file = f"policies/{folder.name}/{DESCRIPTOR}"
    if not LABEL.fullmatch(folder.name) or folder.name in _TAKEN:
        taken = f"; {folder.name} is what {_TAKEN[folder.name]} are called" if folder.name in _TAKEN else ""
        raise InvalidInput(f"{folder.name!r} can't be a pack's name", hint=f"use {LABEL_RULE}{taken}", file=file)
    return read_pack((folder / DESCRIPTOR).read_bytes(), file, folder=folder, name=folder.name)


def read_pack(content: bytes, file: str, *, folder: Path, name: str, installed: Installed | None = None) -> Pack:
    """A pack's descriptor. Raises InvalidInput with everything that is wrong in it."""
    reader = Reader()
    known = ("name", "version", "description")
    fields = reader.section(parse_document(decode(content, file), file), "", known, ("name", "version"))
    if fields.label("name", name) != name:
        called = "entry point" if installed else "folder"
        reader.report(fields.place("name"), f"name must be {name!r}, as the {called} is called")
    version = fields.text("version")
    if len(version) > _LONGEST_VERSION:
        reader.report(fields.place("version"), f"version is longer than {_LONGEST_VERSION} characters")
    pack = Pack(name, folder, version, fields.text("description"), installed)
    reader.findings.raise_if_any(file)
    return pack


def installed_packs(found: Iterable[EntryPoint] | None = None) -> list[Pack]:
    """Those that installed packages offer, by name. One that can't be read is left out, and logged."""
    packs: dict[str, Pack] = {}
    for entry in sorted(_offered() if found is None else found, key=lambda entry: entry.name):
        try:
            packs.setdefault(entry.name, _installed(entry))
        except (InvalidInput, OSError) as problem:
            log.warning("the pack %s (%s) is left out: %s", entry.name, entry.value, problem)
    return list(packs.values())


@cache
def _offered() -> tuple[EntryPoint, ...]:
    """What is installed stays as it is while the platform runs; looking through all of it takes a while."""
    return tuple(entry_points(group=GROUP))


def _installed(entry: EntryPoint) -> Pack:
    """Nothing of the package is imported here: what it does is done where programs run."""
    module = entry.module
    top, *below = module.split(".")
    spec = importlib.util.find_spec(top)
    if spec is None or not spec.submodule_search_locations:
        raise InvalidInput(f"there is no package {top}", hint=f"{GROUP} names a package with a {DESCRIPTOR} in it")
    root = Path(next(iter(spec.submodule_search_locations)))
    folder = root.joinpath(*below)
    around = folder.parent if below else folder
    place = Installed(module, around, root.parent, digest(around))
    shown = str(folder.relative_to(root.parent) / DESCRIPTOR)
    return read_pack((folder / DESCRIPTOR).read_bytes(), shown, folder=folder, name=entry.name, installed=place)


def digest(folder: Path) -> str:
    """Of every file below: paths and contents."""
    found, total = hashlib.sha256(), 0
    for file in _files(folder):
        content = file.read_bytes()
        total += len(content)
        if total > _MOST_BYTES:
            raise InvalidInput(f"{folder} is larger than {_MOST_BYTES // 1_000_000} MB", hint="keep data out of packs")
        for part in (str(file.relative_to(folder)).encode(), content):
            found.update(len(part).to_bytes(8, "big") + part)
    return found.hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    return (file for file in sorted(folder.rglob("*")) if file.is_file() and "__pycache__" not in file.parts)
