"""Checks declared properties against their types, before anything is planned. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator

from roadbed.engine.domain import Graph, Node
from roadbed.engine.values import is_expression
from roadbed.kit.errors import Findings, Problem
from roadbed.providers.driver import ResourceType


def check(graph: Graph, types: Mapping[str, ResourceType]) -> None:
    """Raises InvalidInput with every unknown type, unknown or missing property, and value of the wrong shape."""
    findings = Findings()
    for node in graph.nodes:
        for message, hint in _findings(node, types):
            source = node.source
            findings.add(Problem(message, hint, source.file if source else None, source.line if source else None))
    findings.raise_if_any(f"the graph of {graph.stack}")


def _findings(node: Node, types: Mapping[str, ResourceType]) -> Iterator[tuple[str, str | None]]:
    declared = types.get(node.type)
    if declared is None:
        yield f"{node.type} is not a resource type", _nearest(node.type, types)
        return
    for name in node.properties.keys() - declared.properties.keys():
        yield f"{node.type} has no property {name!r}", _nearest(name, declared.properties)
    for name, rule in declared.properties.items():
        if name in node.properties:
            yield from _wrong(node, name, rule.schema)
        elif rule.required:
            yield f"{node.urn} needs the property {name!r}", rule.description or None


def _wrong(node: Node, name: str, schema: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    """What a value known now breaks of its schema. One that holds references is checked by its provider."""
    value = node.properties[name]
    if _holds_expression(value):
        return
    for error in Draft202012Validator(dict(schema)).iter_errors(value):
        place = ".".join(str(part) for part in (name, *error.absolute_path))
        yield f"{place} of {node.urn}: {error.message}", None


def _holds_expression(value: Any) -> bool:
    match value:
        case Mapping():
            return is_expression(value) or any(_holds_expression(item) for item in value.values())
        case list():
            return any(_holds_expression(item) for item in value)
        case _:
            return False


def _nearest(word: str, known: Mapping[str, Any]) -> str | None:
    near = difflib.get_close_matches(word, known, 1)
    return f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(sorted(known))}"
