"""How the JSON Schemas that Roadbed publishes are written, whatever they are of."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def head(name: str, version: int = 1) -> dict[str, str]:
    """What a schema begins with: its dialect, and what it is called by those who refer to it."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"https://roadbed.dev/schemas/{name}-{version}.json",
    }


def closed(fields: Mapping[str, Any], *required: str, description: str = "") -> dict[str, Any]:
    """An object of these fields and no others."""
    told = {"description": description} if description else {}
    names = list(required)
    return {"type": "object", **told, "properties": fields, "required": names, "additionalProperties": False}


def text(schema: Mapping[str, Any]) -> str:
    """As it stands in a file."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def write(content: str, page: str) -> None:
    """Into the file that the command line names, or else into this page of the reference."""
    target = Path(sys.argv[1] if len(sys.argv) > 1 else f"docs/reference/{page}")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(content, encoding="utf-8")
