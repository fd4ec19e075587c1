"""Loads packs of policies: each file by itself, so that one that can't be read hides none of the others."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from roadbed.sdk import policies
from roadbed.sdk.hosted.places import Places
from roadbed.sdk.hosted.programs import refuse_nul

DESCRIPTOR = "pack.yaml"


def load_packs(packs: Sequence[Mapping[str, Any]], places: Places) -> list[dict[str, Any]]:
    """Runs the files of every pack, and answers what went wrong in them: `{"pack", "message", "hint", …}`.

    A pack is `{"name", "folder"}`, or `{"name", "module"}` for one that is installed. The one called `local` is made
    of loose files: its folders that are packs of their own are left out.
    """
    problems = []
    for pack in packs:
        token = policies.loading.set(pack["name"])
        try:
            for load in _files(pack):
                try:
                    load()
                except MemoryError:
                    raise
                except (Exception, SystemExit) as error:
                    problems.append({"pack": pack["name"], **places.error(error)})
        finally:
            policies.loading.reset(token)
    return problems


def _files(pack: Mapping[str, Any]) -> Iterator[Callable[[], object]]:
    if "module" in pack:
        yield from _modules(pack["module"])
    elif pack["name"] == "local":
        yield from _loose(Path(pack["folder"]))
    else:
        yield from _folder(pack["name"], Path(pack["folder"]))


def _loose(folder: Path) -> Iterator[Callable[[], object]]:
    packs = {file.parent for file in folder.glob(f"*/{DESCRIPTOR}")}
    for file in sorted(folder.rglob("*.py")):
        if packs.isdisjoint(file.parents):
            yield partial(_run, file)


def _run(file: Path) -> None:
    """Runs one file as a module of its own. Policies see plain values, so they are compiled as Python does it."""
    refuse_nul(file)
    name = f"policies_{'_'.join(file.with_suffix('').parts[-2:])}"
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None  # noqa: S101 - it is a Python file
    assert spec.loader is not None  # noqa: S101
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)


def _folder(name: str, folder: Path) -> Iterator[Callable[[], object]]:
    """As a package, so that its files may import each other: `from .sizes import large`."""
    package = ModuleType(f"policies_{name.replace('-', '_')}")
    package.__path__ = [str(folder)]
    sys.modules[package.__name__] = package
    for file in sorted(folder.rglob("*.py")):
        if file.stem != "__init__":
            module = ".".join((package.__name__, *file.relative_to(folder).with_suffix("").parts))
            yield partial(_import, file, module)


def _import(file: Path, module: str) -> None:
    refuse_nul(file)
    importlib.import_module(module)


def _modules(name: str) -> Iterator[Callable[[], object]]:
    """A module, and what is below it if that is a package."""
    yield partial(importlib.import_module, name)
    found = sys.modules.get(name)
    for below in pkgutil.walk_packages(getattr(found, "__path__", ()), f"{name}."):
        yield partial(importlib.import_module, below.name)
