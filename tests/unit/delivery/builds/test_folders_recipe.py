"""Packages that folders below the root list."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from recipe_trees import MACHINE, Files
from roadbed.delivery.builds.recipes.choose import Recipe, Wishes, choose
from roadbed.kit.errors import InvalidInput

PACKAGE = b'{"dependencies": {"ms": "2.1.3"}, "scripts": {"build": "vite build"}}'
BACKEND = {"backend/main.py": b"", "backend/requirements.txt": b"fastapi"}
FRONTEND = {"frontend/package.json": PACKAGE, "frontend/package-lock.json": b"{}"}


def _recipe(files: Mapping[str, bytes], *runs: str, commands: tuple[tuple[str, ...], ...] | None = None) -> Recipe:
    return choose("s1", Files(files), MACHINE, Wishes(runs=runs, commands=commands))


def test_a_python_and_a_node_folder() -> None:
    recipe = _recipe(
        {**BACKEND, **FRONTEND},
        "cd backend && exec uvicorn main:app",
        "roadbed-static frontend/dist",
        commands=(("sh", "-c", "cd frontend && npm run build"),),
    )
    assert [(part.language, part.folder) for part in recipe.parts] == [
        ("python", "backend"),
        ("node", "frontend"),
        ("static", ""),
    ]
    python, node, _ = recipe.parts
    assert python.environment["PYTHONPATH"] == "/app/backend"
    assert node.keep["app/node_modules"] == "/app/frontend/node_modules"
    assert "/app/frontend/node_modules/.bin" in node.path
    assert [one.get("folder") for one in recipe.to_dict()["parts"]] == ["backend", "frontend", None]


def test_a_folder_has_the_layer_that_a_root_with_the_same_has() -> None:
    below = _recipe(BACKEND, "cd backend && exec uvicorn main:app")
    root = _recipe({path.removeprefix("backend/"): content for path, content in BACKEND.items()})
    assert below.layers == root.layers
    local = _recipe({**BACKEND, "backend/requirements.txt": b"-e ./lib"}, "cd backend && x")
    assert local.layers != _recipe({"main.py": b"", "requirements.txt": b"-e ./lib"}).layers


def test_its_own_commands_run_in_it() -> None:
    (command,) = _recipe(FRONTEND, "cd frontend && npm start").commands
    assert command.arguments == ("sh", "-c", "cd frontend && exec npm run build")


@pytest.mark.parametrize(
    ("files", "runs", "folders"),
    [
        (BACKEND, "cd ./backend && exec x", ["backend"]),
        (BACKEND, "cd /app/backend; x", ["backend"]),
        (BACKEND, "sh -c 'a && cd backend && b'", ["backend"]),
        (BACKEND, "cd ../backend && x", [""]),
        (BACKEND, "cd gone && x", [""]),
        ({**BACKEND, "requirements.txt": b"h11"}, "cd backend && x", [""]),
        ({**FRONTEND, "package.json": PACKAGE}, "cd frontend && npm start", ["", "frontend"]),
        (
            {"web/package.json": PACKAGE, "package.json": b'{"workspaces": ["web"]}'},
            "cd web && npm start",
            [""],
        ),
        (
            {**BACKEND, **{p.replace("backend", "jobs"): c for p, c in BACKEND.items()}},
            "cd jobs && a; cd backend && b",
            ["jobs"],
        ),
    ],
)
def test_which_folders_are_installed(files: dict[str, bytes], runs: str, folders: list[str]) -> None:
    assert [part.folder for part in _recipe(files, runs).parts] == folders


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({**BACKEND, "jobs/requirements.txt": b"h11"}, "backend and jobs list different packages of Python"),
        ({"jobs/go.mod": b"module x"}, "jobs/go.mod lists Go modules"),
    ],
)
def test_what_one_build_cannot_install_is_refused(files: dict[str, bytes], says: str) -> None:
    with pytest.raises(InvalidInput, match=says) as told:
        _recipe(files, "cd backend && a", "cd jobs && b")
    assert told.value.problem.hint == "deploy the folder as an application of its own: roadbed deploy jobs"
