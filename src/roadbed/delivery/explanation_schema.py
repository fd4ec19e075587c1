"""Writes `docs/reference/explanation.schema.json`: `python -m roadbed.delivery.explanation_schema`."""

from __future__ import annotations

from pathlib import Path

import roadbed
from roadbed.delivery.schemas import ExplanationOut
from roadbed.kit import json_schemas

PAGE = Path(roadbed.__file__).parents[2] / "docs" / "reference" / "explanation.schema.json"


def text() -> str:
    """The JSON Schema of what `roadbed explain -o json` prints, and the API answers with."""
    schema = ExplanationOut.model_json_schema(mode="serialization")
    return json_schemas.text({**json_schemas.head("explanation"), **schema, "title": "Explanation, version 1"})


if __name__ == "__main__":
    PAGE.write_text(text(), encoding="utf-8")
