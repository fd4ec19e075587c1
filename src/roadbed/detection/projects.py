"""Projects that lie in folders of one tree, each with packages of its own."""

from __future__ import annotations

import re

from roadbed.detection.code import read_code
from roadbed.detection.combine import combine
from roadbed.detection.evidence import shown
from roadbed.detection.files import read_files
from roadbed.detection.tree import Below, Tree, Without
from roadbed.kit.errors import InvalidInput

PACKAGES = ("requirements.txt", "pyproject.toml", "Pipfile", "manage.py", "package.json", "go.mod", "Gemfile")
_PROJECTS = re.compile(r"(?:apps|services|packages)/[^/]+|[^/.][^/]*")
_LOOKED_AT = 5_000
_EXAMPLE = "add a Procfile (`web: command`), or a score.yaml: `roadbed init` writes one where it understands a tree"


def without_projects(tree: Tree) -> Tree:
    """Less the folders that manage packages of their own, where the root manages none: their code is not its code."""
    if any(file in tree for file in PACKAGES):
        return tree
    apart = [f"{folder}/" for folder in _folders(tree) if any(f"{folder}/{file}" in tree for file in PACKAGES)]
    return Without(tree, tuple(apart)) if apart else tree


def nothing(tree: Tree) -> InvalidInput:
    """Where only folders below hold something that runs, they are named: each is an application of its own."""
    projects = [folder for folder in list(_folders(tree))[:50] if _is_project(Below(tree, folder))]
    if projects:
        known = ", ".join(shown(folder) for folder in projects[:8])
        return InvalidInput(
            f"nothing here says what runs; there {'is a project' if len(projects) == 1 else 'are projects'} in {known}",
            hint=f"deploy each for itself: roadbed deploy {shown(projects[0])}",
        )
    return InvalidInput("there is no Score file here, and nothing else that says what runs", hint=_EXAMPLE)


def _folders(tree: Tree) -> dict[str, None]:
    """Where projects of their own would lie."""
    folders = (path.rpartition("/")[0] for path in tree.paths[:_LOOKED_AT] if "/" in path)
    return dict.fromkeys(match[0] for folder in dict.fromkeys(folders) if (match := _PROJECTS.match(folder)))


def _is_project(tree: Tree) -> bool:
    try:
        return bool(combine(read_files(tree)[0]).main or read_code(tree).reading)
    except InvalidInput:
        return True
