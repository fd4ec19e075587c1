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
        (
            {
                "devDependencies": {"@sveltejs/kit": "2", "@sveltejs/adapter-node": "5", "vite": "7"},
                "scripts": {"build": "b"},
            },
            (),
            "node build",
            "npm run build",
            None,
        ),
        (
            {"devDependencies": {"@sveltejs/kit": "2", "@sveltejs/adapter-static": "3"}, "scripts": {"build": "b"}},
            (),
            None,
            "npm run build",
            "build",
        ),
        (
            {"devDependencies": {"@vue/cli-service": "5"}, "scripts": {"start": "vue-cli-service serve", "build": "b"}},
            ("src/main.js",),
            None,
            "npm run build",
            "dist",
        ),
        (
            {
                "dependencies": {"@angular/core": "19"},
                "scripts": {"start": "ng serve", "build": "b", "serve:ssr:shop": "c"},
            },
            (),
            "npm run serve:ssr:shop",
            "npm run build",
            None,
        ),
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


@pytest.mark.parametrize(
    ("build", "folder"),
    [
        ({"builder": "@angular-devkit/build-angular:browser", "options": {"outputPath": "dist/shop"}}, "dist/shop"),
        ({"builder": "@angular/build:application"}, "dist/shop/browser"),
        ({"builder": "@angular/build:application", "options": {"outputPath": "out"}}, "out/browser"),
        ({"builder": "x:application", "options": {"outputPath": {"base": "out", "browser": ""}}}, "out"),
    ],
)
def test_where_angular_puts_its_pages(build: Any, folder: str) -> None:
    package = {"dependencies": {"@angular/core": "19"}, "scripts": {"start": "ng serve", "build": "ng build"}}
    angular = {"projects": {"kit": {"projectType": "library"}, "shop": {"architect": {"build": build}}}}
    tree = TreeOfTexts({"package.json": json.dumps(package), "angular.json": json.dumps(angular)})
    node = read_node(tree)
    assert node is not None
    assert (node.start, node.publish) == (None, folder)


def test_svelte_kit_without_an_adapter_for_here_is_no_guess() -> None:
    with pytest.raises(InvalidInput, match="built for a platform by an adapter"):
        found({"devDependencies": {"@sveltejs/kit": "2", "@sveltejs/adapter-auto": "3"}, "scripts": {"build": "b"}})


@pytest.mark.parametrize(
    ("text", "port"),
    [
        ("app.listen(3000)", 3000),
        ("const PORT = 4000;\napp.listen(PORT, () => 1)", 4000),
        ("app.listen({ port: 3001, host: '0.0.0.0' })", 3001),
        ("serve({ fetch: app.fetch, port: 8787 })", 8787),
        ("const port = process.env.PORT || 3000;\napp.listen(port)", None),
        ("app.listen(process.env.PORT)", None),
    ],
)
def test_a_number_in_the_code_is_the_port(text: str, port: int | None) -> None:
    package = json.dumps({"scripts": {"start": "node ./server.js"}})
    node = read_node(TreeOfTexts({"package.json": package, "server.js": text}))
    assert node is not None
    assert node.port == port


@pytest.mark.parametrize(
    ("path", "text", "start"),
    [
        ("server.mjs", "import { createServer } from 'node:http';\ncreateServer().listen(3000)", "node server.mjs"),
        ("app.js", "const http = require('http')\nhttp.createServer(f)", "node app.js"),
        ("app.js", "document.title = createServer('x')", None),
        ("lib/app.js", "const http = require('http')\nhttp.createServer(f)", None),
    ],
)
def test_a_server_without_a_package_json(path: str, text: str, start: str | None) -> None:
    node = read_node(TreeOfTexts({path: text}))
    assert (node.start if node else None) == start
