"""Writes `docs/reference/plan.schema.json`: `python -m roadbed.engine.plan_schema`."""

from __future__ import annotations

import json
from pathlib import Path

import roadbed
from roadbed.engine.schemas import PLAN_VERSION, PlanOut

PAGE = Path(roadbed.__file__).parents[2] / "docs" / "reference" / "plan.schema.json"


def text() -> str:
    """The JSON Schema of the plan document as the API answers with it."""
    schema = PlanOut.model_json_schema(mode="serialization")
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"https://roadbed.dev/schemas/plan-{PLAN_VERSION}.json",
    }
    title = {"title": f"Plan document, version {PLAN_VERSION}"}
    return json.dumps({**head, **schema, **title}, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PAGE.write_text(text(), encoding="utf-8")
