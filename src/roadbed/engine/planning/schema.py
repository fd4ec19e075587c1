"""Checks properties against their types: as declared before anything is planned, resolved before a provider gets them.

Pure. A component is of no provider's type: what it holds is checked by itself.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Literal, NamedTuple

import msgspec
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from roadbed.engine.domain import Graph, Node
from roadbed.engine.expressions.values import is_expression, references
from roadbed.engine.planning.graph import export_problem, problem
from roadbed.kit.errors import Findings
from roadbed.providers.driver import ResourceType
from roadbed.sdk.options import Options

Finding = tuple[str, str | None]


class Wrong(NamedTuple):
    """What properties break of their type. `place` is a property, or what is in one, dotted; `value` needs no hint."""

    kind: Literal["unknown", "missing", "value"]
    place: str
    message: str
    hint: str | None = None


COMPONENT = ResourceType("component", "A resource that holds others.", properties={}, replacement="create_first")


def type_of(types: Mapping[str, ResourceType], type: str, kind: str) -> ResourceType:
    return COMPONENT if kind == "component" else types[type]


def check(graph: Graph, types: Mapping[str, ResourceType]) -> None:
    """Raises InvalidInput with every unknown type, property or output, missing property, and wrong value."""
    findings = Findings()
    outputs = {node.urn: _outputs(node, types) for node in graph.nodes}
    for node in graph.nodes:
        for message, hint in _wrong_references(node.urn, [node.properties, node.id], outputs):
            findings.add(problem(node, message, hint))
        if node.kind != "component":
            for message, hint in _findings(node, types):
                findings.add(problem(node, message, _hint(node, hint)))
    for name, value in graph.exports.items():
        for message, hint in _wrong_references(f"the export {name!r}", value, outputs):
            findings.add(export_problem(graph, name, message, hint))
    findings.raise_if_any(f"the graph of {graph.stack}")


def _hint(node: Node, hint: str | None) -> str | None:
    """With the line of the provisioner, which whoever asked for something else doesn't see."""
    if (made := node.declared_by) is None:
        return hint
    return "; ".join(filter(None, (hint, f"it is made in {made.file}:{made.line}")))


def _wrong_references(user: str, value: Any, outputs: Mapping[str, Mapping[str, Any]]) -> Iterator[Finding]:
    """The outputs that it asks for and that nobody offers."""
    for urn, output in references(value):
        if not _offers(outputs[urn], output):
            yield f"{user} asks for {output!r} of {urn}, which has no such output", nearest(output, outputs[urn])


def _offers(outputs: Mapping[str, Any], output: str) -> bool:
    """Whether there may be something at a dotted path: what is in a type's output is known only after apply."""
    return output in outputs or output.partition(".")[0] in outputs


class _Anything(dict[str, Any]):
    """The outputs of a type that isn't known: that is said of the type itself, once."""

    def __contains__(self, output: object) -> bool:
        return True


def _outputs(node: Node, types: Mapping[str, ResourceType]) -> Mapping[str, Any]:
    if node.kind == "component":
        found: Mapping[str, Any] = node.properties.get("outputs") or {}
        return found
    declared = types.get(node.type)
    return {**declared.outputs, **declared.secret_outputs} if declared else _Anything()


def _findings(node: Node, types: Mapping[str, ResourceType]) -> Iterator[Finding]:
    declared = types.get(node.type)
    if declared is None:
        yield f"{node.type} is not a resource type", nearest(node.type, types)
        return
    for wrong in wrong_declared(declared, node.properties):
        match wrong.kind:
            case "unknown":
                yield wrong.message, _option_meant(wrong.place, declared) or wrong.hint
            case "missing":
                if node.kind == "managed":
                    yield f"{node.urn} needs the property {wrong.place!r}", wrong.hint
            case "value":
                yield f"{wrong.place} of {node.urn}: {wrong.message}", wrong.hint


def wrong_declared(type: ResourceType, properties: Mapping[str, Any]) -> Iterator[Wrong]:
    """What properties as they are declared break of their type. What holds references is checked when it is known."""
    for name in properties.keys() - type.properties.keys():
        yield Wrong("unknown", name, f"{type.name} has no property {name!r}", nearest(name, type.properties))
    for name, rule in type.properties.items():
        if name not in properties:
            if rule.required:
                yield Wrong("missing", name, f"{type.name} needs the property {name!r}", rule.description or None)
        elif rule.schema and not _holds_expression(properties[name]):
            for error in _validator(msgspec.json.encode(rule.schema)).iter_errors(properties[name]):
                place = ".".join(str(part) for part in (name, *error.absolute_path))
                yield Wrong("value", place, *_in_words(error))


def _in_words(error: ValidationError) -> Finding:
    """A pattern says nothing to most people: the schema's title says what it is for, its description the rule."""
    rule = error.schema if isinstance(error.schema, Mapping) else {}
    if error.validator == "pattern" and "title" in rule:
        return f"{error.instance!r} is not {rule['title']}", rule.get("description")
    return error.message, None


def wrong_resolved(type: ResourceType, properties: Mapping[str, Any], secrets: frozenset[str]) -> Iterator[str]:
    """What resolved values break, in words that show none of them where secrets stand."""
    for name, rule in type.properties.items():
        if name not in properties or not rule.schema:
            continue
        for error in _validator(msgspec.json.encode(rule.schema)).iter_errors(properties[name]):
            place = ".".join(str(part) for part in (name, *error.absolute_path))
            hidden = any(path == place or path.startswith(f"{place}.") for path in secrets)
            yield f"{place}: {f'it breaks {error.validator!r} of its schema' if hidden else _in_words(error)[0]}"


@lru_cache(maxsize=4096)
def _validator(schema: bytes) -> Draft202012Validator:
    """By the schema's text, which is cheap to make beside a validator."""
    return Draft202012Validator(msgspec.json.decode(schema))


def _holds_expression(value: Any) -> bool:
    match value:
        case str() | int() | float() | None:
            return False
        case Mapping():
            return is_expression(value) or any(_holds_expression(item) for item in value.values())
        case list():
            return any(_holds_expression(item) for item in value)
        case _:
            return False


def _option_meant(word: str, type: ResourceType) -> str | None:
    near = difflib.get_close_matches(word, [*type.properties, *Options.__annotations__], 1)
    return f"did you mean the option {near[0]!r}?" if near and near[0] not in type.properties else None


def nearest(word: str, known: Mapping[str, Any]) -> str | None:
    """A hint: which of what is known was meant, or all that there is."""
    near = difflib.get_close_matches(word, known, 1)
    return f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(sorted(known)) or 'none'}"
