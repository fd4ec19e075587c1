"""Parts for packages that a folder below the root lists, where what is run or built begins with `cd FOLDER`. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from roadbed.delivery.builds.domain import Machine
from roadbed.delivery.builds.recipes.node import LOCKS, MODULES, node
from roadbed.delivery.builds.recipes.parts import APP, Part, Step, Tree
from roadbed.delivery.builds.recipes.python import python
from roadbed.detection.entered import entered
from roadbed.kit.errors import InvalidInput

_LISTS = {
    "python": ("requirements.txt", "pyproject.toml", "Pipfile", "setup.py", "setup.cfg"),
    "node": ("package.json",),
}
_COMPILED = {"go.mod": "Go modules", "Gemfile": "gems"}


@dataclass(frozen=True)
class Below:
    """A folder of a tree as a tree."""

    whole: Tree
    folder: str

    @cached_property
    def paths(self) -> Collection[str]:
        start = f"{self.folder}/"
        return frozenset(path.removeprefix(start) for path in self.whole.paths if path.startswith(start))

    def read(self, path: str) -> bytes | None:
        return self.whole.read(f"{self.folder}/{path}")


def with_folders(parts: list[Part], tree: Tree, machine: Machine, commands: Iterable[str]) -> list[Part]:
    """`parts` are those of the root, `commands` the words of all that is run or built.

    Raises InvalidInput where one build can't install what several folders list.
    """
    moved = [
        _moved(part, folder)
        for folder in entered(tree.paths, commands)
        for part in _parts(Below(tree, folder), tree, machine)
        if not _is_covered(part, parts, tree, Below(tree, folder))
    ]
    found = _one_each(moved)
    there = {part.language for part in found}
    kept = [part for part in parts if part.language not in there or part.inputs.get("dependencies") != "none"]
    return kept + found


def _parts(below: Below, tree: Tree, machine: Machine) -> Iterator[Part]:
    """Of the languages whose packages it lists."""
    for file, what in _COMPILED.items():
        if file in below.paths and file not in tree.paths:
            message = f"{below.folder}/{file} lists {what}, which are installed for the root of a tree only"
            raise _alone(below.folder, message)
    for language, read in (("python", python), ("node", node)):
        listed = any(file in below.paths for file in _LISTS[language])
        if listed and (part := read(below, machine)) is not None:
            yield part


def _is_covered(part: Part, parts: list[Part], tree: Tree, below: Below) -> bool:
    """What the root lists is for its folders, too: a workspace's packages are, and every Python package.

    One environment has one version of a package; each folder of Node has packages of its own.
    """
    root = next((one for one in parts if one.language == part.language), None)
    if root is None or root.inputs.get("dependencies") == "none":
        return False
    if part.language == "python":
        return True
    workspaces = b'"workspaces"' in (tree.read("package.json") or b"") or "pnpm-workspace.yaml" in tree.paths
    return workspaces and not any(lock in below.paths for lock in LOCKS)


def _moved(part: Part, folder: str) -> Part:
    place = f"{APP}/{folder}"
    moved = {MODULES: f"{place}/node_modules"}
    return replace(
        part,
        folder=folder,
        keep={name: moved.get(target, target) for name, target in part.keep.items()},
        path=tuple(path.replace(MODULES, moved[MODULES], 1) for path in part.path),
        environment={
            name: value.replace(APP, place) if name == "PYTHONPATH" else value
            for name, value in part.environment.items()
        },
        commands=tuple(_in_folder(step, folder) for step in part.commands),
        unlocked=f"{folder}/{part.unlocked}" if part.unlocked else None,
        notes=tuple(f"{folder}: {note}" for note in part.notes),
    )


def _in_folder(step: Step, folder: str) -> Step:
    line = f"cd {shlex.quote(folder)} && exec {shlex.join(step.arguments)}"
    return replace(step, does=f"{step.does} (in {folder})", arguments=("sh", "-c", line))


def _one_each(parts: list[Part]) -> list[Part]:
    """Where layers are mounted at one place, there is one of them: several folders may list the same."""
    found: list[Part] = []
    for part in parts:
        other = next((one for one in found if set(one.keep.values()) & set(part.keep.values())), None)
        if other is None:
            found.append(part)
        elif part.language == "python" and other.inputs == part.inputs and not part.needs_tree:
            both = f"{other.environment['PYTHONPATH']}:{part.environment['PYTHONPATH']}"
            merged = replace(other, environment={**other.environment, "PYTHONPATH": both})
            found[found.index(other)] = replace(merged, commands=(*other.commands, *part.commands))
        elif part.inputs.get("manager", ()) == other.inputs.get("manager"):
            found.append(part)
        else:
            message = f"{other.folder} and {part.folder} list different packages of {part.language.capitalize()}"
            raise _alone(part.folder, f"{message}, and one build has one set of them")
    return found


def _alone(folder: str, message: str) -> InvalidInput:
    return InvalidInput(message, hint=f"deploy the folder as an application of its own: roadbed deploy {folder}")
