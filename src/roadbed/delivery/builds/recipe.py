"""source files → recipe. Pure: decides how a tree is built, and under which digests."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from roadbed.delivery.builds.domain import Machine
from roadbed.kit.errors import InvalidInput

Dependencies: TypeAlias = Literal["uv.lock", "pyproject.toml", "requirements.txt", "none"]

FILES = ("pyproject.toml", "uv.lock", "requirements.txt")
_FORMAT = "roadbed-build-1"
_TOML_PLACE = re.compile(r" \(at line (\d+), column (\d+)\)$")


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to build. `dependencies` names the file that lists them; `layer` is the digest of what installs them.

    `needs_tree`: installing reads more of the source tree than these files, for packages that lie in it.
    """

    dependencies: Dependencies
    python: str
    layer: str
    needs_tree: bool = False

    def artifact(self, source: str) -> str:
        """The digest of what this recipe makes of a source."""
        return _digest({"source": source, "layer": self.layer, "dependencies": self.dependencies})

    def to_dict(self) -> dict[str, Any]:
        return {"language": "python", "python": self.python, "dependencies": self.dependencies, "layer": self.layer}


def choose(source: str, files: Mapping[str, bytes], has_python: bool, machine: Machine) -> Recipe:
    """`files` are those of FILES that the tree has, `has_python` says whether any Python file lies in it.

    Raises InvalidInput for a tree that nothing here can build, or that wants another Python than the machine has.
    """
    if "pyproject.toml" in files:
        return _from_project(source, files, machine)
    if "requirements.txt" in files:
        text = files["requirements.txt"]
        needs_tree = any(line.lstrip().startswith((b"-", b".", b"/")) or b"file:" in line for line in text.splitlines())
        return _recipe("requirements.txt", {"requirements": _text(text)}, source, machine, needs_tree=needs_tree)
    if has_python:
        return _recipe("none", {}, source, machine)
    raise InvalidInput(
        "there is nothing here that can be built",
        hint="add a pyproject.toml or requirements.txt for Python; other languages are not built here yet",
    )


def _from_project(source: str, files: Mapping[str, bytes], machine: Machine) -> Recipe:
    project, uv = _project(files["pyproject.toml"])
    _check_python(project.get("requires-python"), machine)
    locked = "uv.lock" in files
    inputs = {
        "dependencies": project.get("dependencies", []),
        "requires-python": project.get("requires-python"),
        "uv": uv,
        "lock": hashlib.sha256(files["uv.lock"]).hexdigest() if locked else None,
    }
    local = json.dumps([uv.get("sources"), uv.get("workspace")])
    needs_tree = '"path"' in local or '"workspace"' in local or bool(uv.get("workspace"))
    return _recipe("uv.lock" if locked else "pyproject.toml", inputs, source, machine, needs_tree=needs_tree)


def _project(content: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    """The tables `project` and `tool.uv`."""
    try:
        document = tomllib.loads(content.decode())
    except (ValueError, RecursionError) as error:
        raise _not_toml(error) from None
    project, tool = document.get("project", {}), document.get("tool", {})
    uv = tool.get("uv", {}) if isinstance(tool, dict) else {}
    if not isinstance(project, dict) or not isinstance(uv, dict):
        raise InvalidInput("`project` and `tool.uv` must be tables", file="pyproject.toml")
    return project, uv


def _not_toml(error: Exception) -> InvalidInput:
    """`tomllib` tells the place at the end of its sentence, and nowhere else."""
    said, line, column = str(error), None, None
    if place := _TOML_PLACE.search(said):
        said, line, column = said[: place.start()], int(place[1]), int(place[2])
    return InvalidInput(f"this is not valid TOML: {said}", file="pyproject.toml", line=line, column=column)


def _check_python(wanted: Any, machine: Machine) -> None:
    if wanted is None:
        return
    try:
        fits = SpecifierSet(wanted).contains(machine.version, prereleases=True)
    except (InvalidSpecifier, TypeError, AttributeError):
        raise InvalidInput(f"requires-python is not a version range: {wanted!r}", file="pyproject.toml") from None
    if not fits:
        raise InvalidInput(
            f"the project needs Python {wanted}, and this machine builds with {machine.version}",
            hint="widen requires-python, or run the platform with a Python that fits",
            file="pyproject.toml",
        )


def _recipe(
    dependencies: Dependencies, inputs: Mapping[str, Any], source: str, machine: Machine, *, needs_tree: bool = False
) -> Recipe:
    layer = _digest(
        {
            "inputs": inputs,
            "tree": source if needs_tree else None,
            "dependencies": dependencies,
            "python": [machine.python, machine.version],
            "platform": machine.platform,
            "uv": machine.uv_version,
        }
    )
    return Recipe(dependencies, machine.version, layer, needs_tree)


def _digest(value: Mapping[str, Any]) -> str:
    text = json.dumps({"format": _FORMAT, **value}, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _text(content: bytes) -> str:
    return content.decode(errors="replace")
