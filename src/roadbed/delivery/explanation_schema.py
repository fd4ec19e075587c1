"""Writes `docs/reference/explanation.schema.json`: `python -m roadbed.delivery.explanation_schema`."""

from __future__ import annotations

import json
from pathlib import Path

import roadbed
from roadbed.delivery.schemas import ExplanationOut

PAGE = Path(roadbed.__file__).parents[2] / "docs" / "reference" / "explanation.schema.json"


def text() -> str:
    """The JSON Schema of what `roadbed explain -o json` prints, and the API answers with."""
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://roadbed.dev/schemas/explanation-1.json",
    }
    schema = ExplanationOut.model_json_schema(mode="serialization")
    return json.dumps({**head, **schema, "title": "Explanation, version 1"}, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PAGE.write_text(text(), encoding="utf-8")
