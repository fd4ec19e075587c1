"""Writes the JSON Schema of `quotas.yaml`: `python -m roadbed.quotas.quotas_schema [PATH]`.

It is made of what the reader goes by. What it can't say (whether a team, an environment or a type is there) the reader
does.
"""

from __future__ import annotations

from typing import Any

from roadbed.kit import json_schemas
from roadbed.kit.json_schemas import closed
from roadbed.platform.domain import KINDS
from roadbed.quotas.domain import COST, MEASURES
from roadbed.quotas.reader import API_VERSION, BUDGET, KIND, LONGEST_ASK, UNLIMITED, UNSAID

_COUNT = {"type": "integer", "minimum": 0}
_BYTES = {
    "anyOf": [{"type": "string", "pattern": r"^\d{1,15}(\.\d{1,9})?([KMGTPE]i?|k)$"}, {"const": 0}],
    "description": "Bytes with a unit: 8Gi.",
}
_CORES = {
    "anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "pattern": r"^\d{1,9}m$"}],
    "description": "Cores: 8, 0.5 or 500m.",
}
_MONEY = {"type": "number", "minimum": 0, "description": "By the month, in the currency of prices.yaml."}
_AMOUNTS = {"cpu": _CORES, "memory": _BYTES, "storage": _BYTES, COST: _MONEY}


def _most(of: str) -> dict[str, Any]:
    return {"anyOf": [_AMOUNTS.get(of, _COUNT), {"const": UNLIMITED}]}


def _limits() -> dict[str, Any]:
    counted = {"type": "object", "additionalProperties": _most("")}
    return {**{name: _most(name) for name in MEASURES}, "resources": counted, BUDGET: _most(COST)}


def _scoped() -> dict[str, Any]:
    """Limits, and others below for a kind of environment or one of them. Nothing says nothing."""
    below = _or_nothing({"$ref": "#/$defs/Limits"})
    kinds = closed(dict.fromkeys(KINDS, below))
    environments = {"type": "object", "additionalProperties": below}
    return _or_nothing(closed({**_limits(), "kinds": kinds, "environments": environments}))


def _or_nothing(form: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [form, {"type": "null"}]}


def schema() -> dict[str, Any]:
    """JSON Schema 2020-12."""
    scoped = {"$ref": "#/$defs/Scoped"}
    fields = {
        "apiVersion": {"const": API_VERSION},
        "kind": {"const": KIND},
        "ask": {
            "type": "string", "minLength": 1, "maxLength": LONGEST_ASK, "description": "Who can raise a limit."
        },
        "unsaid": closed({name: _AMOUNTS[name] for name in UNSAID}),
        "default": scoped,
        "teams": {"type": "object", "additionalProperties": scoped},
    }  # fmt: skip
    return {
        **json_schemas.head("quotas"),
        "title": "quotas.yaml: what teams may have and spend",
        **closed(fields, "apiVersion", "kind"),
        "$defs": {"Limits": closed(_limits()), "Scoped": _scoped()},
    }


def text() -> str:
    return json_schemas.text(schema())


if __name__ == "__main__":
    json_schemas.write(text(), "quotas.schema.json")
