"""Python: an environment at /layers/python, made by uv from whichever lock or list the tree has."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from roadbed.delivery.builds.domain import Machine, Tool
from roadbed.delivery.builds.recipes.parts import APP, UV, Part, Step, Tree, sha256
from roadbed.delivery.builds.recipes.requirements import (
    from_pipfile_lock,
    from_poetry,
    has_hashes,
    names_local_code,
    requirement_files,
)
from roadbed.delivery.builds.recipes.versions import Asked, asked_python, choose_python
from roadbed.kit.errors import InvalidInput

LAYER, LOCK = "/layers/python", "/lock"
LOCKED = f"{LOCK}/requirements.txt"
POETRY = ("poetry==2.2.1", "poetry-plugin-export==1.9.0")
"""What reads a poetry.lock: Poetry itself, so that its lock means here what it means to it."""

VENV_TIMEOUT_S = 60.0
_REQUIREMENTS = ("requirements.txt", "requirements/production.txt", "requirements/prod.txt", "requirements/base.txt")
_COMPILE = (UV, "pip", "compile", "--quiet", "--no-header", "--python", f"{LAYER}/bin/python", "-o", LOCKED)
_TOML_PLACE = re.compile(r" \(at line (\d+), column (\d+)\)$")
_WORK = {"python": LAYER, "lock": LOCK}
_CODE_DEPTH = 3


def python(tree: Tree, machine: Machine) -> Part | None:
    """None for a tree without Python. Raises InvalidInput for one that can't be built with what the machine has."""
    project = _document(tree, "pyproject.toml")
    tool = _table(project, "tool")
    if "poetry" in tool:
        return _poetry(tree, machine, project)
    if "project" in project:
        return _project(tree, machine, project)
    if "Pipfile.lock" in tree.paths or "Pipfile" in tree.paths:
        return _pipenv(tree, machine)
    if path := next((name for name in _REQUIREMENTS if name in tree.paths), None):
        return _requirements(tree, machine, path)
    for name in ("setup.py", "setup.cfg"):
        if name in tree.paths:
            return _setuptools(tree, machine, name)
    if "pyproject.toml" in tree.paths or _has_code(tree):
        return python_alone(tree, machine)
    return None


def python_alone(tree: Tree, machine: Machine) -> Part:
    """Without a package."""
    return _part(tree, machine, "none", {}, ())


def imported(tree: Tree, machine: Machine, requirements: Sequence[str]) -> Part:
    """For a tree that lists no packages: those that its code was understood to import."""
    text = "".join(f"{line}\n" for line in requirements)
    return _compiled_text(tree, machine, "what the code imports", text, None)


def _has_code(tree: Tree) -> bool:
    return any(path.endswith(".py") and path.count("/") < _CODE_DEPTH for path in tree.paths)


def _project(tree: Tree, machine: Machine, document: Mapping[str, Any]) -> Part:
    project, uv = _table(document, "project"), _table(_table(document, "tool"), "uv")
    wanted = project.get("requires-python")
    asked = Asked(_checked(wanted), "pyproject.toml") if wanted is not None else None
    inputs = {"dependencies": project.get("dependencies", []), "requires-python": wanted, "uv": uv}
    local = json.dumps([uv.get("sources"), uv.get("workspace")], default=str)
    needs_tree = '"path"' in local or '"workspace"' in local or bool(uv.get("workspace"))
    if "uv.lock" not in tree.paths:
        if not project.get("dependencies") and "requirements.txt" in tree.paths:
            return _requirements(tree, machine, "requirements.txt", asked)
        return _compiled(tree, machine, "pyproject.toml", inputs, asked, needs_tree=needs_tree)
    inputs["lock"] = sha256(tree.read("uv.lock"))
    sync = (UV, "sync", "--frozen", "--no-install-project", "--no-dev", "--no-editable", "--compile-bytecode")
    export = (UV, "export", "--frozen", "--no-emit-project", "--no-dev", "--quiet", "-o", LOCKED)
    steps = (
        Step("Installing the dependencies of uv.lock", sync),
        Step("Keeping the list of what was installed", export, 60),
    )
    return _part(tree, machine, "uv.lock", inputs, steps, asked, needs_tree=needs_tree)


def _poetry(tree: Tree, machine: Machine, document: Mapping[str, Any]) -> Part:
    poetry, project = _table(_table(document, "tool"), "poetry"), _table(document, "project")
    dependencies = _table(poetry, "dependencies")
    wanted = project.get("requires-python") or dependencies.get("python")
    asked = Asked(_checked(wanted), "pyproject.toml") if wanted is not None else None
    lock = tree.read("poetry.lock")
    inputs = {"dependencies": dependencies, "project": project.get("dependencies"), "lock": sha256(lock)}
    needs_tree = any(isinstance(one, dict) and "path" in one for one in dependencies.values())
    if lock is None:
        return _compiled_text(
            tree, machine, "pyproject.toml", from_poetry(dependencies, project), asked, needs_tree=needs_tree
        )
    tool = (UV, "tool", "run", "--quiet", "--from", POETRY[0], "--with", POETRY[1], "--python", f"{LAYER}/bin/python")
    export = ("poetry", "export", "--directory", APP, "--format", "requirements.txt", "--output", LOCKED)
    steps = (
        Step("Reading poetry.lock", (*tool, *export), 300),
        *_installing("Installing the dependencies of poetry.lock", LOCKED),
    )
    return _part(tree, machine, "poetry.lock", inputs, steps, asked, needs_tree=needs_tree)


def _pipenv(tree: Tree, machine: Machine) -> Part:
    requires = _table(_document(tree, "Pipfile"), "requires")
    version = requires.get("python_full_version") or requires.get("python_version")
    asked = Asked(f"=={version}.*", "Pipfile", binds=False) if isinstance(version, str) else None
    lock = tree.read("Pipfile.lock")
    if lock is None:
        packages = _table(_document(tree, "Pipfile"), "packages", "Pipfile")
        return _compiled_text(tree, machine, "Pipfile", from_poetry(packages, {}), asked)
    text = from_pipfile_lock(lock)
    return _part(
        tree,
        machine,
        "Pipfile.lock",
        {},
        _installing("Installing the dependencies of Pipfile.lock", LOCKED),
        asked,
        files={"lock/requirements.txt": text.encode()},
        needs_tree="./" in text,
    )


def _requirements(tree: Tree, machine: Machine, path: str, asked: Asked | None = None) -> Part:
    files = requirement_files(tree, path)
    inputs = {name: sha256(content) for name, content in files.items()}
    needs_tree = names_local_code(files)
    if not has_hashes(files):
        return _compiled(tree, machine, path, inputs, asked, needs_tree=needs_tree)
    steps = (
        Step("Keeping the list of what is installed", ("cp", f"{APP}/{path}", LOCKED), 60),
        *_installing(f"Installing what {path} pins", f"{APP}/{path}"),
    )
    return _part(tree, machine, path, inputs, steps, asked, needs_tree=needs_tree)


def _setuptools(tree: Tree, machine: Machine, name: str) -> Part:
    """Asked of the project itself, in a copy: setuptools writes beside what it reads. It asks for a `setup.py`."""
    copy = Step("Laying out the project", ("cp", "-dR", f"{APP}/.", f"{LOCK}/project"), 300)
    compile_ = (*_COMPILE, f"{LOCK}/project/{name}")
    steps = (
        copy,
        Step(f"Choosing versions for {name}: there is no lock file", compile_, 300),
        *_installing("Installing them", LOCKED),
    )
    alone = name == "setup.cfg" and "pyproject.toml" not in tree.paths
    files = {"lock/project/setup.py": b"from setuptools import setup\n\nsetup()\n"} if alone else {}
    return _part(tree, machine, name, {}, steps, files=files, needs_tree=True, unlocked=name)


def _compiled_text(
    tree: Tree, machine: Machine, path: str, text: str, asked: Asked | None, *, needs_tree: bool = False
) -> Part:
    """From another manager's list, in the words of requirements."""
    steps = (
        Step(f"Choosing versions for {path}: there is no lock file", (*_COMPILE, f"{LOCK}/requirements.in"), 300),
        *_installing("Installing them", LOCKED),
    )
    files = {"lock/requirements.in": text.encode()}
    return _part(tree, machine, path, {}, steps, asked, files=files, needs_tree=needs_tree, unlocked=path)


def _compiled(
    tree: Tree,
    machine: Machine,
    path: str,
    inputs: Mapping[str, Any],
    asked: Asked | None = None,
    *,
    needs_tree: bool = False,
) -> Part:
    """From a list without a lock: versions are chosen, kept, and installed as they were kept."""
    steps = (
        Step(f"Choosing versions for {path}: there is no lock file", (*_COMPILE, f"{APP}/{path}"), 300),
        *_installing("Installing them", LOCKED),
    )
    return _part(tree, machine, path, inputs, steps, asked, needs_tree=needs_tree, unlocked=path)


def _installing(does: str, file: str) -> tuple[Step, ...]:
    sync = (UV, "pip", "sync", "--allow-empty-requirements", "--python", f"{LAYER}/bin/python", "--compile-bytecode")
    return (Step(does, (*sync, file)),)


def _part(
    tree: Tree,
    machine: Machine,
    dependencies: str,
    inputs: Mapping[str, Any],
    steps: tuple[Step, ...],
    asked: Asked | None = None,
    *,
    files: Mapping[str, bytes] | None = None,
    needs_tree: bool = False,
    unlocked: str | None = None,
) -> Part:
    pins = {name: content for name in ("runtime.txt", ".python-version") if (content := tree.read(name))}
    interpreter, said = choose_python(asked_python(asked, pins), machine)
    return Part(
        language="python",
        version=interpreter.version,
        inputs={
            "dependencies": dependencies,
            "inputs": inputs,
            "python": interpreter.program,
            "platform": machine.platform,
            "uv": machine.uv_version,
        },
        steps=(environment_step(machine, interpreter, LAYER), *steps),
        work=_WORK,
        keep={"python": LAYER},
        files=files or {},
        needs_tree=needs_tree,
        lock="lock/requirements.txt",
        unlocked=unlocked,
        path=(f"{LAYER}/bin",),
        environment=_environment(tree),
        tools=(interpreter.prefix,),
        commands=_commands(tree),
        notes=said,
    )


def environment_step(machine: Machine, interpreter: Tool, place: str) -> Step:
    """Makes an environment. One that is not run from a sandbox must bear being somewhere else."""
    moved = () if machine.sandboxed else ("--relocatable",)
    venv = (UV, "venv", "--no-project", "--allow-existing", *moved, "--python", interpreter.program, place)
    return Step(f"Making an environment with Python {interpreter.version}", venv, VENV_TIMEOUT_S)


def _environment(tree: Tree) -> dict[str, str]:
    has_src = any(path.startswith("src/") for path in tree.paths)
    return {
        "VIRTUAL_ENV": LAYER,
        "PYTHONPATH": f"{APP}/src:{APP}" if has_src else APP,
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _commands(tree: Tree) -> tuple[Step, ...]:
    """Django's static files are collected where its settings say where to."""
    if "manage.py" not in tree.paths:
        return ()
    settings = (path for path in tree.paths if path.endswith(".py") and "settings" in path)
    if not any(b"STATIC_ROOT" in (tree.read(path) or b"") for path in settings):
        return ()
    arguments = ("python", "manage.py", "collectstatic", "--noinput")
    return (Step("Collecting Django's static files", arguments, 300, optional=True),)


def _checked(wanted: object) -> str:
    if not isinstance(wanted, str):
        raise InvalidInput(f"this is not a range of Python versions: {wanted!r}", file="pyproject.toml")
    return wanted


def _document(tree: Tree, path: str) -> dict[str, Any]:
    content = tree.read(path)
    if content is None:
        return {}
    try:
        document = tomllib.loads(content.decode())
    except (ValueError, RecursionError) as error:
        raise _not_toml(error, path) from None
    for name in ("project", "tool", "requires"):
        _table(document, name, path)
    return document


def _table(document: Mapping[str, Any], name: str, path: str = "pyproject.toml") -> dict[str, Any]:
    found = document.get(name, {})
    if not isinstance(found, dict):
        raise InvalidInput(f"`{name}` must be a table", file=path)
    return found


def _not_toml(error: Exception, path: str) -> InvalidInput:
    """`tomllib` tells the place at the end of its sentence, and nowhere else."""
    said, line, column = str(error), None, None
    if place := _TOML_PLACE.search(said):
        said, line, column = said[: place.start()], int(place[1]), int(place[2])
    return InvalidInput(f"this is not valid TOML: {said}", file=path, line=line, column=column)
