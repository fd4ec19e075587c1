"""Reads a Node tree's `package.json`: who manages its packages, what it runs, what it is built into."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from roadbed.detection.foreign import ForeignReader
from roadbed.detection.json_text import parse_json
from roadbed.detection.tree import Tree
from roadbed.workload.document import Mapping as Node
from roadbed.workload.document import Place

NodeManager: TypeAlias = Literal["npm", "pnpm", "yarn", "bun"]

FILE = "package.json"
LOCKS: Mapping[str, NodeManager] = {
    "pnpm-lock.yaml": "pnpm",
    "yarn.lock": "yarn",
    "bun.lock": "bun",
    "bun.lockb": "bun",
    "npm-shrinkwrap.json": "npm",
    "package-lock.json": "npm",
}
_STATIC = {
    "vite": "dist",
    "astro": "dist",
    "react-scripts": "build",
    "gatsby": "public",
    "@11ty/eleventy": "_site",
    "@docusaurus/core": "build",
    "parcel": "dist",
}
"""What builds pages that are served as they are → the folder that it puts them into, unless it is told another."""
_SERVED = {
    "next": "next start -p $PORT",
    "nuxt": "node .output/server/index.mjs",
    "@remix-run/serve": "remix-serve build/server/index.js",
}
_PREVIEW = re.compile(r"\s*(vite|react-scripts|astro|parcel|gatsby|eleventy|docusaurus|serve)\b(?!\s*build)")
"""A script that shows pages to those who write them."""
_SERVERS = ("express", "fastify", "koa", "@hapi/hapi", "hono", "@nestjs/core", "polka", "restify")
_BUILDS = ("heroku-postbuild", "build")
_MAIN = (
    "server.js",
    "index.js",
    "app.js",
    "main.js",
    "src/server.js",
    "src/index.js",
    "src/main.js",
    "server.mjs",
    "index.mjs",
)


@dataclass(frozen=True, slots=True)
class NodePackages:
    """`start` is a line for a shell, None where nothing runs: then `publish` is what is served. `place` says why.

    `node` is the range of versions that is asked for; `locked` the lock file, None where there is none.
    """

    manager: NodeManager
    place: Place
    name: str | None = None
    node: str | None = None
    locked: str | None = None
    scripts: Mapping[str, Place] = field(default_factory=dict)
    names: Mapping[str, Place] = field(default_factory=dict)
    start: str | None = None
    build: str | None = None
    publish: str | None = None


def read_node(tree: Tree) -> NodePackages | None:
    """None without a `package.json`. Raises InvalidInput with everything that is wrong in what is read of it."""
    text = tree.text(FILE)
    if text is None:
        return None
    reader = _PackageReader()
    root = reader.mapping(parse_json(text, FILE), "")
    names = {
        name: section.place(name)
        for section in (root.mapping("dependencies"), root.mapping("devDependencies"))
        for name in section.node.entries
    }
    commands = {name: reader.text(node, path) for name, node, path in root.mapping("scripts").items()}
    scripts = {name: root.mapping("scripts").place(name) for name in commands}
    locked = next((lock for lock in LOCKS if lock in tree), None)
    named = root.text("packageManager").partition("@")[0] if "packageManager" in root else ""
    manager = next((known for known in LOCKS.values() if known == named), LOCKS[locked] if locked else "npm")
    start, place = _start(tree, commands, scripts, names, root.text("main") if "main" in root else "", root.node)
    built = next((name for name in _BUILDS if commands.get(name)), None)
    engines = root.mapping("engines")
    reader.findings.raise_if_any(FILE)
    return NodePackages(
        manager,
        place,
        name=root.optional_text("name"),
        node=engines.optional_text("node"),
        locked=locked,
        scripts=scripts,
        names=names,
        start=start,
        build=f"npm run {built}" if built else None,
        publish=_publish(names) if start is None and built else None,
    )


class _PackageReader(ForeignReader):
    """Whatever else stands in the file is somebody else's."""


def _start(
    tree: Tree,
    commands: Mapping[str, str],
    scripts: Mapping[str, Place],
    names: Mapping[str, Place],
    main: str,
    root: Node,
) -> tuple[str | None, Place]:
    """A script of its own says it best; then what its framework is started with; then its main file.

    Scripts are run by npm, which comes with Node, whoever installed the packages.
    """
    server = next((name for name in _SERVERS if name in names), None)
    previews = server is None and "build" in commands and _PREVIEW.match(commands.get("start", ""))
    if commands.get("start") and not previews:
        return "npm start", scripts["start"]
    for name, command in _SERVED.items():
        if name in names:
            return f"npx {command}" if command.split()[0] not in ("node",) else command, names[name]
    for path in _main_files(tree, main):
        if server is not None or not any(name in names for name in _STATIC):
            return f"node {path}", names[server] if server else root.place
    publish = next((names[name] for name in _STATIC if name in names), root.place)
    return None, publish


def _main_files(tree: Tree, main: str) -> Iterator[str]:
    given = main.removeprefix("./")
    yield from (path for path in (given, f"{given}.js", f"{given}/index.js") if given and path in tree)
    yield from (path for path in _MAIN if path in tree)


def _publish(names: Mapping[str, Place]) -> str | None:
    return next((folder for name, folder in _STATIC.items() if name in names), None)
