"""A declared document becomes a graph: checked, and in the order of its dependencies. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from roadbed.engine.domain import PLAIN, Graph, Node, Options, Source
from roadbed.engine.expressions.values import imports, references
from roadbed.kit.errors import Findings, InvalidInput, Problem

VERSION = 1


def read(document: Mapping[str, Any]) -> Graph:
    """Raises InvalidInput, with all findings, for unknown references, duplicate names and cycles."""
    if document.get("version") != VERSION:
        raise InvalidInput(f"a graph of version {document.get('version')!r} can't be read", hint="emit version 1")
    nodes = [_node(resource) for resource in document["resources"]]
    exports, export_sources = document.get("exports") or {}, _export_sources(document)
    findings = Findings()
    known: dict[str, Node] = {}
    for node in nodes:
        if node.urn in known:
            findings.add(problem(node, f"{node.urn} is declared twice", "give one of them another name"))
        known[node.urn] = node
    for node in nodes:
        for urn in sorted(urn for urn in node.depends_on if urn not in known):
            findings.add(problem(node, f"{node.urn} refers to {urn}, which is not declared", _nearest(urn, known)))
    for name, value in exports.items():
        for urn in sorted({urn for urn, _ in references(value) if urn not in known}):
            message = f"the export {name!r} refers to {urn}, which is not declared"
            findings.add(_problem_at(export_sources.get(name), message, _nearest(urn, known)))
    findings.raise_if_any(f"the graph of {document['stack']}")
    return Graph(document["stack"], tuple(sort(nodes)), exports, export_sources)


def _node(resource: Mapping[str, Any]) -> Node:
    options = _options(resource.get("options"))
    depends_on = set(resource.get("depends_on", ()))
    depends_on.update(urn for urn, _ in references([resource["properties"], resource.get("id")]))
    if options.provider:
        depends_on.add(options.provider)
    return Node(
        urn=resource["urn"],
        type=resource["type"],
        name=resource["name"],
        properties=resource["properties"],
        depends_on=frozenset(depends_on),
        source=_source(resource.get("source")),
        options=options,
        kind=resource.get("kind", "managed"),
        id=resource.get("id"),
        declared_by=_source(resource.get("declared_by")),
    )


def _source(place: Mapping[str, Any] | None) -> Source | None:
    return Source(place["file"], place.get("line")) if place else None


def _export_sources(document: Mapping[str, Any]) -> dict[str, Source]:
    places = document.get("export_sources") or {}
    return {name: source for name, place in places.items() if (source := _source(place))}


def _options(given: Mapping[str, Any] | None) -> Options:
    """`import` is a word of Python's: it is `import_id` here."""
    if not given:
        return PLAIN
    words = {"import_id" if key == "import" else key: value for key, value in given.items()}
    for key in ("ignore_changes", "replace_on_changes", "aliases"):
        if key in words:
            words[key] = tuple(words[key])
    return Options(**words)


def _nearest(urn: str, known: Mapping[str, Node]) -> str | None:
    near = difflib.get_close_matches(urn, known, 1)
    return f"did you mean {near[0]}?" if near else None


def problem(node: Node, message: str, hint: str | None = None) -> Problem:
    """A finding at the place where the resource is declared."""
    return _problem_at(node.source, message, hint)


def export_problem(graph: Graph, name: str, message: str, hint: str | None = None) -> Problem:
    """A finding at the place where something is exported under that name."""
    return _problem_at(graph.export_sources.get(name), message, hint)


def _problem_at(source: Source | None, message: str, hint: str | None) -> Problem:
    return Problem(message, hint, source.file if source else None, source.line if source else None)


def graph_imports(graph: Graph) -> tuple[tuple[str, str], ...]:
    """The exports of other stacks that the graph uses, as (stack, name)."""
    found = {pair for node in graph.nodes for pair in imports([dict(node.properties), node.id])}
    return tuple(sorted(found | set(imports(dict(graph.exports)))))


def sort(nodes: Sequence[Node]) -> list[Node]:
    """Each node after what it depends on, otherwise in the order given. Raises InvalidInput showing a whole cycle."""
    by_urn = {node.urn: node for node in nodes}
    ordered: list[Node] = []
    done: set[str] = set()
    for root in nodes:
        _visit(root, by_urn, done, ordered)
    return ordered


def _visit(root: Node, by_urn: Mapping[str, Node], done: set[str], ordered: list[Node]) -> None:
    """Depth first without recursion: a chain may be longer than Python's stack."""
    if root.urn in done:
        return
    path: dict[str, None] = {root.urn: None}
    stack = [(root, iter(sorted(root.depends_on)))]
    while stack:
        node, remaining = stack[-1]
        following = next((urn for urn in remaining if urn not in done), None)
        if following is None:
            stack.pop()
            del path[node.urn]
            done.add(node.urn)
            ordered.append(node)
        elif following in path:
            raise _cycle([*path, following], by_urn)
        else:
            path[following] = None
            stack.append((by_urn[following], iter(sorted(by_urn[following].depends_on))))


def _cycle(path: list[str], by_urn: Mapping[str, Node]) -> InvalidInput:
    """The whole circle, and the place of each of its resources."""
    cycle = path[path.index(path[-1]) :]
    message = f"these resources depend on each other in a circle: {' → '.join(cycle)}"
    places = [problem(by_urn[urn], f"{urn} depends on {after}") for urn, after in pairwise(cycle)]
    hint = "take one of the references away"
    return InvalidInput(message, hint=hint, file=places[0].file, line=places[0].line, problems=places)
