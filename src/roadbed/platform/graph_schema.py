"""Writes the JSON Schema of the graph document: `python -m roadbed.platform.graph_schema [PATH]`."""

from __future__ import annotations

import inspect
from typing import Any

import msgspec

from roadbed.kit import json_schemas
from roadbed.sdk import graph
from roadbed.sdk.document import GraphDocument

_PROPERTY = {"$ref": "#/$defs/Property"}


def _expression(word: str, value: dict[str, Any], description: str) -> dict[str, Any]:
    return json_schemas.closed({word: value}, word, description=description)


def _pair(*titles: str) -> dict[str, Any]:
    parts = [{"type": "string", "title": title} for title in titles]
    return {"type": "array", "prefixItems": parts, "minItems": len(parts), "maxItems": len(parts)}


def _property() -> dict[str, Any]:
    """Written by hand: an expression is told from a map by its only key."""
    values: list[dict[str, Any]] = [
        _expression("$ref", _pair("urn", "output"), "An output, known after apply; it keeps its type."),
        _expression("$secret", {"type": "string"}, "A secret that the platform holds under that name."),
        _expression("$import", _pair("stack", "export"), "What another stack exports under that name."),
        _expression("$join", {"type": "array", "items": _PROPERTY}, "Text put together from its parts."),
        _expression(
            "$call",
            {
                "type": "array",
                "prefixItems": [{"type": "string", "title": "function"}],
                "items": _PROPERTY,
                "minItems": 1,
            },
            "What a deferred function makes of its arguments.",
        ),
        _expression(
            "$literal",
            {"type": "object", "additionalProperties": _PROPERTY},
            "A map whose own keys begin with `$`.",
        ),
        {
            "type": "object",
            "propertyNames": {"not": {"pattern": r"^\$"}},
            "additionalProperties": _PROPERTY,
        },
        {"type": "array", "items": _PROPERTY},
        {"type": ["string", "number", "boolean", "null"]},
    ]
    description = f"JSON, of {graph.MAX_BYTES:,} bytes at most, with expressions in it."
    return {"title": "Property", "description": description, "anyOf": values}


def schema() -> dict[str, Any]:
    """JSON Schema 2020-12."""
    made = msgspec.json.schema(GraphDocument)
    definitions = made["$defs"]
    free = {"type": "object", "additionalProperties": _PROPERTY}
    definitions["ResourceDocument"]["properties"].update(properties=free, id=_PROPERTY)
    definitions["GraphDocument"]["properties"]["exports"] = free
    for definition in definitions.values():
        definition["description"] = inspect.cleandoc(definition.get("description", ""))
    definitions["Property"] = _property()
    return {
        **json_schemas.head("graph", graph.VERSION),
        "title": f"Graph document, version {graph.VERSION}",
        **made,
    }


def text() -> str:
    return json_schemas.text(schema())


if __name__ == "__main__":
    json_schemas.write(text(), "graph.schema.json")
