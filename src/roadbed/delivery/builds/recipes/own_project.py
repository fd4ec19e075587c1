"""What installing the project itself would give: its console scripts, its metadata and its entry points.

They are made of what its files state, and lead to the code where it lies: a change of code installs nothing. Pure.
"""

from __future__ import annotations

import ast
import configparser
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from roadbed.delivery.builds.recipes.parts import Part, Tree

LAYER = "/layers/project"
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?")
_VERSION = re.compile(r"\d[\w.+!]{0,50}")
_SCRIPT = re.compile(r"\w[\w.-]{0,98}")
_TARGET = re.compile(r"(?P<module>[A-Za-z_][\w.]*)\s*:\s*(?P<top>[A-Za-z_]\w*)(?P<rest>(?:\.\w+)*)\s*(?:\[[^\]]*\])?")
_WHOLE = re.compile(r"[^\n\r=\[\]]{1,200}")
UNKNOWN_VERSION = "0"
"""Where its files leave the version to be found out by whatever builds a wheel."""


@dataclass(frozen=True, slots=True)
class OwnProject:
    """`entry_points` are by their group, each by its name."""

    name: str
    version: str
    entry_points: Mapping[str, Mapping[str, str]]

    @property
    def scripts(self) -> dict[str, str]:
        groups = (self.entry_points.get(group, {}) for group in ("console_scripts", "gui_scripts"))
        return {name: target for group in groups for name, target in group.items()}


def own_project(tree: Tree) -> OwnProject | None:
    """None for a tree that `pip install .` would install nothing of."""
    document = _toml(tree.read("pyproject.toml"))
    project, poetry = _table(document, "project"), _table(_table(document, "tool"), "poetry")
    points: dict[str, Any] = {**_table(project, "entry-points"), **_table(poetry, "plugins")}
    points["console_scripts"] = {**_of_poetry(_table(poetry, "scripts")), **_table(project, "scripts")}
    points["gui_scripts"] = _table(project, "gui-scripts")
    stated = {"name": project.get("name") or poetry.get("name"), "version": project.get("version")}
    stated["version"] = stated["version"] or poetry.get("version")
    if stated["name"] is None:
        stated, points = _of_setuptools(tree)
    elif "build-system" not in document and not any(points.values()):
        return None
    return _checked(stated, points)


def own_part(project: OwnProject) -> Part:
    """A layer of what it gives, which nothing else is in: it changes without anything being installed anew."""
    title = re.sub(r"[-_.]+", "_", project.name).lower()
    info = f"project/lib/{title}-{project.version}.dist-info"
    files = {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {project.name}\nVersion: {project.version}\n",
        f"{info}/entry_points.txt": _entry_points(project.entry_points),
        f"{info}/RECORD": "",
        **{f"project/bin/{name}": script for name, to in project.scripts.items() if (script := _script(to))},
    }
    return Part(
        language="project",
        version=project.version,
        inputs={},
        steps=(),
        work={"project": LAYER},
        keep={"project": LAYER},
        files={path: text.encode() for path, text in files.items()},
        path=(f"{LAYER}/bin",),
    )


def _script(target: str) -> str | None:
    if (match := _TARGET.fullmatch(target.strip())) is None:
        return None
    call = f"{match['top']}{match['rest']}()"
    return f"#!/usr/bin/env python3\nimport sys\n\nfrom {match['module']} import {match['top']}\n\nsys.exit({call})\n"


def _entry_points(groups: Mapping[str, Mapping[str, str]]) -> str:
    sections = (
        "\n".join((f"[{group}]", *(f"{name} = {to}" for name, to in one.items()))) for group, one in groups.items()
    )
    return "\n\n".join(sections) + "\n"


def _checked(stated: Mapping[str, object], points: Mapping[str, object]) -> OwnProject | None:
    """With what may stand in a name of a file or in a line; the rest is nobody's command."""
    name, version = stated.get("name"), stated.get("version")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        return None
    known = isinstance(version, str) and _VERSION.fullmatch(version)
    groups = {group: _lines(group, one) for group, one in points.items() if _WHOLE.fullmatch(group)}
    return OwnProject(
        name, str(version) if known else UNKNOWN_VERSION, {group: one for group, one in groups.items() if one}
    )


def _lines(group: str, written: object) -> dict[str, str]:
    pattern = _SCRIPT if group in ("console_scripts", "gui_scripts") else _WHOLE
    found = written.items() if isinstance(written, dict) else ()
    return {
        name: to
        for name, to in found
        if isinstance(name, str) and isinstance(to, str) and pattern.fullmatch(name) and _is_line(to)
    }


def _is_line(text: str) -> bool:
    return text.isprintable() and len(text) <= 500


def _of_poetry(scripts: Mapping[str, Any]) -> dict[str, Any]:
    """One that is no more than a name may be a table."""
    return {
        name: one.get("reference") or one.get("callable") if isinstance(one, dict) else one
        for name, one in scripts.items()
        if not isinstance(one, dict) or one.get("type", "console") == "console"
    }


def _of_setuptools(tree: Tree) -> tuple[dict[str, object], dict[str, Any]]:
    """`setup.cfg`, and of a `setup.py` what stands there as it is: it is never run."""
    stated, points = _of_setup_py(_text(tree.read("setup.py")))
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(_text(tree.read("setup.cfg")))
    except configparser.Error:
        return stated, points
    for key in ("name", "version"):
        if given := parser.get("metadata", key, fallback=None):
            stated[key] = given.strip()
    if parser.has_section("options.entry_points"):
        points |= {group: _pairs(text.splitlines()) for group, text in parser.items("options.entry_points")}
    return stated, points


def _of_setup_py(text: str) -> tuple[dict[str, object], dict[str, Any]]:
    try:
        calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}, {}
    setup = next((call for call in calls if getattr(call.func, "attr", getattr(call.func, "id", "")) == "setup"), None)
    known = {word.arg: _literal(word.value) for word in setup.keywords if word.arg} if setup else {}
    points = known.get("entry_points")
    groups = points if isinstance(points, dict) else {}
    return (
        {key: known.get(key) for key in ("name", "version")},
        {str(group): _pairs(lines) for group, lines in groups.items() if isinstance(lines, list)},
    )


def _literal(node: ast.expr) -> object:
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return None


def _pairs(lines: Iterable[object]) -> dict[str, str]:
    pairs = (str(line).partition("=") for line in lines if "=" in str(line))
    return {name.strip(): to.strip() for name, _, to in pairs}


def _toml(content: bytes | None) -> dict[str, Any]:
    """Empty for one that can't be read: whoever installs what it lists says so."""
    try:
        return tomllib.loads(_text(content))
    except (ValueError, RecursionError):
        return {}


def _text(content: bytes | None) -> str:
    return (content or b"").decode(errors="replace")


def _table(document: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = document.get(name)
    return found if isinstance(found, dict) else {}
