"""Writes the JSON Schema of `environments.yaml`: `python -m roadbed.platform.environments_schema [PATH]`.

It is made of what the reader goes by.
"""

from __future__ import annotations

from typing import Any

from roadbed.kit import json_schemas
from roadbed.kit.json_schemas import closed
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
        "drift": closed({"every": _DURATION, "action": {"enum": list(DRIFT_ACTIONS)}}, "every"),
        "approvals": closed({"count": asked, "role": {"enum": list(ROLES)}, "remind": _DURATION}, "count", "role"),
        "variables": variables,
    }
    return closed(fields, "kind")


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
        **json_schemas.head("environments"),
        "title": "environments.yaml: where applications run",
        **closed(fields, *fields),
        "$defs": {"Environment": _environment()},
    }


def text() -> str:
    return json_schemas.text(schema())


if __name__ == "__main__":
    json_schemas.write(text(), "environments.schema.json")
