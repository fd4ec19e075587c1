"""Writes `docs/reference/plan.schema.json`: `python -m roadbed.engine.plan_schema`."""

from __future__ import annotations

from pathlib import Path

import roadbed
from roadbed.engine.schemas import PLAN_VERSION, PlanOut
from roadbed.kit import json_schemas

PAGE = Path(roadbed.__file__).parents[2] / "docs" / "reference" / "plan.schema.json"


def text() -> str:
    """The JSON Schema of the plan document as the API answers with it."""
    schema = PlanOut.model_json_schema(mode="serialization")
    title = {"title": f"Plan document, version {PLAN_VERSION}"}
    return json_schemas.text({**json_schemas.head("plan", PLAN_VERSION), **schema, **title})


if __name__ == "__main__":
    PAGE.write_text(text(), encoding="utf-8")
