"""The plan document: as its schema says, with nothing secret, and short when it is asked to be."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

from jsonschema import Draft202012Validator

from roadbed.engine import plan_schema
from roadbed.engine.domain import Change, Plan, PlanOptions, Rewrite, Source, Step
from roadbed.engine.schemas import plan_out
from roadbed.policy.domain import Verdict

SECRET = {"$secret": "f1ng3rpr1nt"}
A, B, C = (f"orders@dev/{name}#test:Thing" for name in "abc")
PLAN = Plan(
    stack="orders@dev",
    number=4,
    base=9,
    digest="0" * 64,
    steps=(
        Step(
            A,
            "test:Thing",
            "a",
            "update",
            "infrastructure",
            properties={"key": {"$secret": "DECLARED"}},
            after={"key": SECRET},
            changes=(
                Change("key", None, {"$secret": True}, secret=True),
                Change("list", [1], [SECRET, {"deep": SECRET}]),
            ),
            depends_on=frozenset({C, B}),
            source=Source("roadbed.py", 3),
        ),
        Step(B, "test:Thing", "b", "none", "infrastructure"),
    ),
    verdicts=(Verdict("no-a", "advisory", A, "an a", "write b"),),
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
    created_by="user:ada",
    rewrites=(
        Rewrite(C, C, frozenset()),
        Rewrite(C, A, frozenset()),
        Rewrite(B, B, frozenset(), properties={"key": SECRET}),
    ),
    options=PlanOptions(targets=frozenset({A}), refresh=True),
)


def test_it_is_as_its_schema_says() -> None:
    """`python -m roadbed.engine.plan_schema` writes the page."""
    assert plan_schema.PAGE.read_text(encoding="utf-8") == plan_schema.text()
    schema = json.loads(plan_schema.text())
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(json.loads(plan_out(PLAN).model_dump_json()))


def test_what_is_noted_of_a_plan_names_the_policies_that_refused_it() -> None:
    refused = Verdict("no-a", "mandatory", A, "an a", "write b")
    assert replace(PLAN, verdicts=(refused, refused)).told["refused_by"] == ["no-a"]
    assert "refused_by" not in PLAN.told  # advice refuses nothing
    assert PLAN.told["plan"] == PLAN.number


def test_it_holds_no_secret_not_even_its_fingerprint() -> None:
    text = plan_out(PLAN).model_dump_json()
    assert "f1ng3rpr1nt" not in text
    assert "DECLARED" not in text
    assert plan_out(PLAN).steps[0].changes[1].after == [{"$secret": True}, {"deep": {"$secret": True}}]


def test_what_stays_as_it_is_can_be_left_out() -> None:
    short = plan_out(PLAN, all=False)
    assert [step.name for step in short.steps] == ["a"]
    assert [(item.was, item.urn, item.refreshed) for item in short.rewrites] == [(C, A, False), (B, B, True)]
    assert (short.summary["none"], short.empty, short.version) == (1, False, 1)
    assert short.steps[0].depends_on == sorted([B, C])
