"""Writes the JSON Schema of `quotas.yaml`: `python -m roadbed.quotas.quotas_schema [PATH]`.

It is made of what the reader goes by. What it can't say (whether a team, an environment or a type is there) the reader
does.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

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


def _object(fields: dict[str, Any], *required: str) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": list(required), "additionalProperties": False}


def _most(of: str) -> dict[str, Any]:
    return {"anyOf": [_AMOUNTS.get(of, _COUNT), {"const": UNLIMITED}]}


def _limits() -> dict[str, Any]:
    counted = {"type": "object", "additionalProperties": _most("")}
    return {**{name: _most(name) for name in MEASURES}, "resources": counted, BUDGET: _most(COST)}


def _scoped() -> dict[str, Any]:
    """Limits, and others below for a kind of environment or one of them. Nothing says nothing."""
    below = _or_nothing({"$ref": "#/$defs/Limits"})
    kinds = _object(dict.fromkeys(KINDS, below))
    environments = {"type": "object", "additionalProperties": below}
    return _or_nothing(_object({**_limits(), "kinds": kinds, "environments": environments}))


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
        "unsaid": _object({name: _AMOUNTS[name] for name in UNSAID}),
        "default": scoped,
        "teams": {"type": "object", "additionalProperties": scoped},
    }  # fmt: skip
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://roadbed.dev/schemas/quotas-1.json",
        "title": "quotas.yaml: what teams may have and spend",
        **_object(fields, "apiVersion", "kind"),
        "$defs": {"Limits": _object(_limits()), "Scoped": _scoped()},
    }


def text() -> str:
    return json.dumps(schema(), indent=2) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1] if len(sys.argv) > 1 else "docs/reference/quotas.schema.json").write_text(text(), encoding="utf-8")
