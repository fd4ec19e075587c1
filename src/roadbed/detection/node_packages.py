"""Reads a Node tree's `package.json`: who manages its packages, what it runs, what it is built into."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from roadbed.detection.foreign import ForeignReader
from roadbed.detection.json_text import parse_json
from roadbed.detection.node_code import MAIN, own_server, port_of
from roadbed.detection.node_pages import PREVIEW, pages, served
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
_SERVERS = ("express", "fastify", "koa", "@hapi/hapi", "hono", "@nestjs/core", "polka", "restify")
_BUILDS = ("heroku-postbuild", "build")


@dataclass(frozen=True, slots=True)
class NodePackages:
    """`start` is a line for a shell, None where nothing runs: then `publish` is what is served. `place` says why.

    `node` is the range of versions that is asked for; `locked` the lock file, None where there is none; `port` the
    number that what is started listens on, where it stands in its code; `script` what `npm start` starts.
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
    port: int | None = None
    script: str | None = None

    @property
    def brought(self) -> frozenset[str]:
        """The managers that a build of it brings along, beside npm."""
        return frozenset({self.manager} & {"yarn", "pnpm"})


def read_node(tree: Tree) -> NodePackages | None:
    """None without a `package.json`, and a server that does without.

    Raises InvalidInput with everything that is wrong in what is read of it.
    """
    text = tree.text(FILE)
    if text is None:
        return _alone(tree)
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
    started = _start(tree, commands, scripts, names, root.text("main") if "main" in root else "", root.node)
    built = next((name for name in _BUILDS if commands.get(name)), None)
    engines = root.mapping("engines")
    made = pages(tree, names) if started is None else None
    if made is not None and made.wrong is not None:
        reader.findings.add(made.wrong)
    reader.findings.raise_if_any(FILE)
    return NodePackages(
        manager,
        started[1] if started else made.place if made else root.node.place,
        name=root.optional_text("name"),
        node=engines.optional_text("node"),
        locked=locked,
        scripts=scripts,
        names=names,
        start=started[0] if started else None,
        script=commands.get("start"),
        port=port_of(tree, " ".join((started[0], commands.get("start", "")))) if started else None,
        build=f"npm run {built}" if built else None,
        publish=made.publish if made and built else None,
    )


def _alone(tree: Tree) -> NodePackages | None:
    """A server that needs no package."""
    if (own := own_server(tree)) is None:
        return None
    path, place = own
    return NodePackages("npm", place, start=f"node {path}", port=port_of(tree, path))


class _PackageReader(ForeignReader):
    """Whatever else stands in the file is somebody else's."""


def _start(
    tree: Tree,
    commands: Mapping[str, str],
    scripts: Mapping[str, Place],
    names: Mapping[str, Place],
    main: str,
    root: Node,
) -> tuple[str, Place] | None:
    """A script of its own says it best; then what its framework is started with; then its main file.

    Scripts are run by npm, which comes with Node, whoever installed the packages.
    """
    server = next((name for name in _SERVERS if name in names), None)
    previews = server is None and "build" in commands and PREVIEW.match(commands.get("start", ""))
    if commands.get("start") and not previews:
        return "npm start", scripts["start"]
    if (own := served(names, scripts)) is not None and own.command is not None:
        return own.command, own.place
    for path in _main_files(tree, main):
        if server is not None or pages(tree, names) is None:
            return f"node {path}", names[server] if server else root.place
    return None


def _main_files(tree: Tree, main: str) -> Iterator[str]:
    given = main.removeprefix("./")
    yield from (path for path in (given, f"{given}.js", f"{given}/index.js") if given and path in tree)
    yield from (path for path in MAIN if path in tree)
