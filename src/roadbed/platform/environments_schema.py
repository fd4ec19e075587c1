"""Writes the JSON Schema of `environments.yaml`: `python -m roadbed.platform.environments_schema [PATH]`.

It is made of what the reader goes by.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from roadbed.kit.names import LABEL
from roadbed.platform.domain import (
    API_VERSION,
    DRIFT_ACTIONS,
    DURATION,
    KIND,
    KINDS,
    LONGEST_VARIABLE,
    MOST_APPROVALS,
    MOST_VARIABLES,
    ROLES,
    RUNTIMES,
    VARIABLE,
)

_DURATION = {
    "type": "string",
    "pattern": f"^{DURATION.pattern}$",
    "description": "From 10s to 30d: a number and a unit.",
}


def _object(fields: dict[str, Any], *required: str) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": list(required), "additionalProperties": False}


def _environment() -> dict[str, Any]:
    asked = {"type": "integer", "minimum": 1, "maximum": MOST_APPROVALS}
    variables = {
        "type": "object",
        "maxProperties": MOST_VARIABLES,
        "propertyNames": {"pattern": f"^{VARIABLE.pattern}$"},
        "additionalProperties": {"type": "string", "maxLength": LONGEST_VARIABLE},
        "description": "What is different here and no secret, as text.",
    }
    fields = {
        "kind": {"enum": list(KINDS), "description": "Decides who may change what runs there."},
        "runtime": {"enum": list(RUNTIMES), "description": "What runs workloads there."},
        "description": {"type": "string", "minLength": 1},
        "drift": _object({"every": _DURATION, "action": {"enum": list(DRIFT_ACTIONS)}}, "every"),
        "approvals": _object({"count": asked, "role": {"enum": list(ROLES)}, "remind": _DURATION}, "count", "role"),
        "variables": variables,
    }
    return _object(fields, "kind")


def schema() -> dict[str, Any]:
    """JSON Schema 2020-12."""
    environments = {
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": f"^{LABEL.pattern}$"},
        "additionalProperties": {"$ref": "#/$defs/Environment"},
    }
    fields = {"apiVersion": {"const": API_VERSION}, "kind": {"const": KIND}, "environments": environments}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://roadbed.dev/schemas/environments-1.json",
        "title": "environments.yaml: where applications run",
        **_object(fields, *fields),
        "$defs": {"Environment": _environment()},
    }


def text() -> str:
    return json.dumps(schema(), indent=2) + "\n"


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/reference/environments.schema.json")
    target.write_text(text(), encoding="utf-8")
