"""Projects that lie in folders of one tree, each with packages of its own."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from roadbed.detection.code import read_code
from roadbed.detection.combine import combine
from roadbed.detection.evidence import shown
from roadbed.detection.files import read_files
from roadbed.detection.tree import Below, Tree, Without, matching
from roadbed.kit.errors import InvalidInput, Problem
from roadbed.workload.domain import Workload
from roadbed.workload.files import API_VERSION, APPLICATION_FILES, KIND, SCORE_FILES

PACKAGES = ("requirements.txt", "pyproject.toml", "Pipfile", "manage.py", "package.json", "go.mod", "Gemfile")
_PROJECTS = re.compile(r"(?:apps|services|packages)/[^/]+|[^/.][^/]*")
_LOOKED_AT = 5_000
_FILES = 100
_SCORE = re.compile(r"^apiVersion:\s*[\"']?score\.dev/", re.MULTILINE)
_NAME = re.compile(r"^metadata:\s*(?:\{\s*|\n(?:[ \t]+.*\n)*?[ \t]+)name:\s*[\"']?([a-z0-9-]+)", re.MULTILINE)
_HEAD = f"`apiVersion: {API_VERSION}`, `kind: {KIND}`"
NOT_BUILT = {
    "environment.yml": "conda",
    "deno.json": "Deno",
    "Cargo.toml": "Rust",
    "composer.json": "PHP",
    "pom.xml": "Java",
    "build.gradle": "Java",
    "mix.exs": "Elixir",
}
"""What lists packages of what no build makes."""
_EXAMPLE = "add a Procfile (`web: command`), or a score.yaml: `roadbed init` writes one where it understands a tree"


def without_projects(tree: Tree, entered: Collection[str] = ()) -> Tree:
    """Less the folders that manage packages of their own, where the root manages none: their code is not its code.
    Those that are `entered` by what runs are.
    """
    if any(file in tree for file in PACKAGES):
        return tree
    apart = [folder for folder in _folders(tree) if any(f"{folder}/{file}" in tree for file in PACKAGES)]
    left = tuple(f"{folder}/" for folder in apart if folder not in entered)
    return Without(tree, left) if left else tree


def nothing(tree: Tree) -> InvalidInput:
    """Where only folders below hold something that runs, they are named: each is an application of its own."""
    if score := score_files(tree):
        return unlisted_score(tree, score)
    projects = [folder for folder in list(_folders(tree))[:50] if _is_project(Below(tree, folder))]
    if projects:
        known = ", ".join(shown(folder) for folder in projects[:8])
        return InvalidInput(
            f"nothing here says what runs; there {'is a project' if len(projects) == 1 else 'are projects'} in {known}",
            hint=f"deploy each for itself: roadbed deploy {shown(projects[0])}",
        )
    if "Procfile" in tree:
        return InvalidInput("it names no process", hint="a line a process: `web: command`", file="Procfile")
    if any(path.endswith(".py") for path in tree.paths):
        from roadbed.detection.python_code import unreadable

        if (wrong := unreadable(tree)) is not None:
            return wrong
    message = "there is no Score file here, and nothing else that says what runs"
    if other := next((file for file in NOT_BUILT if file in tree), None):
        message = f"there is no Score file here, and {other} is of {NOT_BUILT[other]}, which nothing here can build"
    return InvalidInput(message, hint=_EXAMPLE)


def score_files(tree: Tree, depth: int = 3) -> list[str]:
    """Score files that are not called `score.yaml`, or lie in folders, and that no `roadbed.yaml` speaks of: which of
    them are meant, they don't say.
    """
    said = "".join(tree.text(file) or "" for file in APPLICATION_FILES)
    paths = list(matching(tree, "*.y*ml", depth=depth))[:_FILES]
    unnamed = [path for path in paths if path not in SCORE_FILES and path not in said]
    return [path for path in unnamed if _SCORE.search(tree.text(path) or "")]


def unnamed_score(tree: Tree, read: Collection[str]) -> Problem | None:
    """What is said of Score files beside those that were `read`, where `roadbed.yaml` does not speak of them either."""
    paths = [path for path in score_files(tree) if path not in read]
    if not paths:
        return None
    known = ", ".join(shown(path) for path in paths[:8])
    what = (
        "is a Score file that nothing names, and is"
        if len(paths) == 1
        else "are Score files that nothing names, and are"
    )
    message = f"{known} {what} not deployed: roadbed.yaml lists several (workloads.NAME.score)"
    return Problem(message, file=paths[0], line=1)


def unnamed_but_meant(tree: Tree, workloads: Iterable[Workload]) -> Iterator[Problem]:
    """Workloads that a resource speaks of, and that only a Score file has which nothing names."""
    known = list(workloads)
    spoken = [
        (resource.param_places.get("workload", resource.place), str(resource.params["workload"]))
        for workload in known
        for resource in workload.resources.values()
        if "workload" in resource.params
    ]
    there = {workload.name for workload in known}
    if not any(name not in there for _, name in spoken):
        return
    paths = [path for path in score_files(tree) if path not in {workload.file for workload in known}]
    unnamed = dict(_named(tree, paths))
    for place, name in spoken:
        if name not in there and name in unnamed:
            entries = {**{one.name: one.file for one in known}, name: unnamed[name]}
            listed = ", ".join(f"{one}: {{score: {shown(path)}}}" for one, path in entries.items())
            message = f"the workload {name!r} is of {shown(unnamed[name])}, which nothing names"
            hint = f"list both in a roadbed.yaml ({_HEAD}): `metadata: {{name: …}}`, `workloads: {{{listed}}}`"
            yield place.problem(message, hint)


def unlisted_score(tree: Tree, paths: list[str]) -> InvalidInput:
    known = ", ".join(shown(path) for path in paths[:8])
    entries = ", ".join(f"{name}: {{score: {shown(path)}}}" for name, path in _named(tree, paths[:8]))
    name = "`metadata: {name: …}`, " if len(paths) > 1 else ""
    return InvalidInput(
        f"there is no score.yaml at the root, and nothing says which Score files to take: {known}",
        hint=f"list them in a roadbed.yaml ({_HEAD}): {name}`workloads: {{{entries}}}`",
    )


def _named(tree: Tree, paths: list[str]) -> Iterator[tuple[str, str]]:
    """Each workload's name, as its file says it."""
    for path in paths:
        match = _NAME.search(tree.text(path) or "")
        yield match[1] if match else path.rpartition("/")[2].partition(".")[0], path


def _folders(tree: Tree) -> dict[str, None]:
    """Where projects of their own would lie."""
    folders = (path.rpartition("/")[0] for path in tree.paths[:_LOOKED_AT] if "/" in path)
    return dict.fromkeys(match[0] for folder in dict.fromkeys(folders) if (match := _PROJECTS.match(folder)))


def _is_project(tree: Tree) -> bool:
    try:
        return bool(combine(read_files(tree)[0]).main or read_code(tree).reading)
    except InvalidInput:
        return True
