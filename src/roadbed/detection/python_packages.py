"""Which packages a Python tree says that it needs, and who manages them.

Sources of the formats: PEP 508 and 621 (requirements, pyproject.toml), Poetry's and Pipenv's own tables, and the
setup.cfg of setuptools. `setup.py` is never run: of it only literal lists are read.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from roadbed.detection.packages import Packages
from roadbed.detection.tree import Tree
from roadbed.workload.document import Place

_NAME = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)")
_REQUIREMENTS = ("requirements.txt", "requirements/production.txt", "requirements/prod.txt", "requirements/base.txt")
_INCLUDE = re.compile(r"\s*(?:-r|--requirement)[ =]\s*(\S+)")
_DEPTH = 4


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def read_packages(tree: Tree) -> Packages:
    """What can't be read is passed over here: the build says what is wrong with it."""
    project = _toml(tree, "pyproject.toml")
    tool = _table(project, "tool")
    if "poetry" in tool:
        return _poetry(tree, project)
    if "Pipfile" in tree:
        return _pipenv(tree)
    if "project" in project:
        return _standard(tree, project)
    if requirements := [path for path in _REQUIREMENTS if path in tree]:
        return Packages("pip", dict(_requirements(tree, requirements[0])))
    if "setup.cfg" in tree or "setup.py" in tree:
        return _setuptools(tree)
    from roadbed.detection.python_imports import imported

    return Packages(names=imported(tree)[0])


def _standard(tree: Tree, document: Mapping[str, Any]) -> Packages:
    project = _table(document, "project")
    lines = _lines(tree, "pyproject.toml")
    names = {name: _place("pyproject.toml", lines, name) for name in _names(project.get("dependencies"))}
    if not names and "requirements.txt" in tree:
        names = dict(_requirements(tree, "requirements.txt"))
    return Packages(
        "uv",
        names,
        python=_text(project.get("requires-python")),
        locked="uv.lock" if "uv.lock" in tree else None,
        name=_text(project.get("name")),
        scripts={str(key): str(value) for key, value in _table(project, "scripts").items()},
    )


def _poetry(tree: Tree, document: Mapping[str, Any]) -> Packages:
    poetry = _table(_table(document, "tool"), "poetry")
    project = _table(document, "project")
    lines = _lines(tree, "pyproject.toml")
    wanted = _table(poetry, "dependencies")
    names = [normalised(name) for name in wanted if name != "python"] + list(_names(project.get("dependencies")))
    return Packages(
        "poetry",
        {name: _place("pyproject.toml", lines, name) for name in names},
        python=_text(project.get("requires-python")) or _text(wanted.get("python")),
        locked="poetry.lock" if "poetry.lock" in tree else None,
        name=_text(project.get("name")) or _text(poetry.get("name")),
        scripts={str(key): str(value) for key, value in _table(poetry, "scripts").items()},
    )


def _pipenv(tree: Tree) -> Packages:
    document, lines = _toml(tree, "Pipfile"), _lines(tree, "Pipfile")
    requires = _table(document, "requires")
    version = _text(requires.get("python_full_version")) or _text(requires.get("python_version"))
    return Packages(
        "pipenv",
        {normalised(name): _place("Pipfile", lines, name) for name in _table(document, "packages")},
        python=f"=={version}.*" if version and version.count(".") == 1 else f"=={version}" if version else None,
        locked="Pipfile.lock" if "Pipfile.lock" in tree else None,
        scripts={name: line for name, line in _table(document, "scripts").items() if _text(line)},
    )


def _setuptools(tree: Tree) -> Packages:
    import configparser

    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(tree.text("setup.cfg") or "")
    except configparser.Error:
        parser = configparser.ConfigParser(interpolation=None)
    options: Mapping[str, str] = dict(parser["options"]) if parser.has_section("options") else {}
    declared = options.get("install_requires", "").splitlines() or list(_literal_requires(tree.text("setup.py") or ""))
    file = "setup.cfg" if "setup.cfg" in tree else "setup.py"
    lines = _lines(tree, file)
    return Packages(
        "setuptools",
        {name: _place(file, lines, name) for name in _names(declared)},
        python=options.get("python_requires"),
        name=parser.get("metadata", "name", fallback=None),
    )


def _literal_requires(text: str) -> Iterator[str]:
    """`install_requires=[...]` of the call of `setup`, where it is written out."""
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(module):
        if isinstance(node, ast.keyword) and node.arg == "install_requires" and isinstance(node.value, ast.List):
            yield from (item.value for item in node.value.elts if _is_text(item))  # type: ignore[attr-defined]


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _requirements(tree: Tree, path: str, depth: int = 0) -> Iterator[tuple[str, Place]]:
    folder = path.rpartition("/")[0]
    for number, line in enumerate((tree.text(path) or "").splitlines(), start=1):
        if (include := _INCLUDE.match(line)) and depth < _DEPTH:
            other = f"{folder}/{include[1]}" if folder else include[1]
            yield from _requirements(tree, other.replace("/./", "/").removeprefix("./"), depth + 1)
        elif not line.lstrip().startswith(("#", "-")):
            yield from ((name, Place(path, number, 1)) for name in _names([line]))


def _names(requirements: object) -> Iterator[str]:
    if isinstance(requirements, Iterable) and not isinstance(requirements, str | Mapping):
        for requirement in requirements:
            if isinstance(requirement, str) and (match := _NAME.match(requirement)):
                yield normalised(match[1])


def _toml(tree: Tree, path: str) -> Mapping[str, Any]:
    if path not in tree:
        return {}
    import tomllib

    try:
        return tomllib.loads(tree.text(path) or "")
    except (ValueError, RecursionError):
        return {}


def _table(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = document.get(name)
    return found if isinstance(found, dict) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _lines(tree: Tree, path: str) -> list[str]:
    return [normalised(line) for line in (tree.text(path) or "").splitlines()]


def _place(file: str, lines: list[str], name: str) -> Place:
    """The first line that says the name."""
    word = re.compile(rf"(?<![a-z0-9-]){re.escape(normalised(name))}(?![a-z0-9-])")
    return Place(file, next((number for number, line in enumerate(lines, start=1) if word.search(line)), 1), 1)
