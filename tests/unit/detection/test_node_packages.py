from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadbed.detection.node_packages import NodePackages, read_node
from roadbed.detection.tree import TreeOfTexts
from roadbed.kit.errors import InvalidInput


def found(package: Any, *files: str) -> NodePackages:
    text = package if isinstance(package, str) else json.dumps(package, indent=1)
    node = read_node(TreeOfTexts({"package.json": text, **dict.fromkeys(files, "")}))
    assert node is not None
    return node


@pytest.mark.parametrize(
    ("package", "files", "start", "build", "publish"),
    [
        ({"scripts": {"start": "node s.js"}}, (), "npm start", None, None),
        ({"scripts": {"start": "x", "build": "y"}}, ("pnpm-lock.yaml",), "npm start", "npm run build", None),
        (
            {"dependencies": {"next": "15"}, "scripts": {"build": "next build"}},
            (),
            "npx next start -p $PORT",
            "npm run build",
            None,
        ),
        ({"dependencies": {"express": "5"}, "main": "./lib/web"}, ("lib/web.js",), "node lib/web.js", None, None),
        ({"dependencies": {"fastify": "5"}}, ("src/server.js",), "node src/server.js", None, None),
        ({}, ("index.js",), "node index.js", None, None),
        (
            {"devDependencies": {"vite": "7"}, "scripts": {"build": "vite build"}},
            ("index.html",),
            None,
            "npm run build",
            "dist",
        ),
        (
            {"devDependencies": {"vite": "7", "express": "5"}, "scripts": {"build": "b"}},
            ("server.js",),
            "node server.js",
            "npm run build",
            None,
        ),
        (
            {"dependencies": {"react-scripts": "5"}, "scripts": {"start": "react-scripts start", "build": "b"}},
            (),
            None,
            "npm run build",
            "build",
        ),
        ({"dependencies": {"left-pad": "1"}}, (), None, None, None),
    ],
)
def test_what_is_started_and_what_is_built(
    package: Any, files: tuple[str, ...], start: str | None, build: str | None, publish: str | None
) -> None:
    node = found(package, *files)
    assert (node.start, node.build, node.publish) == (start, build, publish)


@pytest.mark.parametrize(
    ("package", "files", "manager", "locked"),
    [
        ({}, (), "npm", None),
        ({}, ("yarn.lock",), "yarn", "yarn.lock"),
        ({"packageManager": "pnpm@9.1.0"}, ("package-lock.json",), "pnpm", "package-lock.json"),
        ({"packageManager": "other@1"}, (), "npm", None),
    ],
)
def test_who_manages(package: Any, files: tuple[str, ...], manager: str, locked: str | None) -> None:
    node = found(package, *files)
    assert (node.manager, node.locked) == (manager, locked)


def test_places_are_those_of_the_file() -> None:
    node = found(
        '{\n "engines": {"node": ">=20"},\n "scripts": {\n  "start": "node ."\n },\n "dependencies": {"pg": "8"}\n}'
    )
    assert (node.node, node.place.line, node.names["pg"].line) == (">=20", 4, 6)


def test_no_node_without_its_file() -> None:
    assert read_node(TreeOfTexts({"index.js": ""})) is None


@given(st.text(max_size=200))
def test_no_text_gives_anything_else(text: str) -> None:
    try:
        assert isinstance(read_node(TreeOfTexts({"package.json": text})), NodePackages)
    except InvalidInput as error:
        assert error.problem.file == "package.json"  # noqa: PT017
