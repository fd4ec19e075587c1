"""A stored plan is what was decided: whatever of it is edited, it is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace as altered
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from roadbed.engine.bodies import Body, Head, changed_since, read_plan, write_plan
from roadbed.engine.domain import Change, Note, Options, Plan, PlanOptions, Remediation, Rewrite, Source, Step
from roadbed.engine.errors import PlanChanged
from roadbed.engine.planning.planner import Draft, digest
from roadbed.estimates.domain import Estimate, Figure, PlanCost, ResourceCost
from roadbed.estimates.totals import totals
from roadbed.policy.domain import Verdict
from roadbed.sdk.usage import Amount, Gap
from unit.engine.building import STACK, urn

AT = datetime(2026, 1, 2, 3, 4, 5, 678, UTC)
IMPORTS = (("network@dev", "vpc"),)

Edit = Callable[[dict[str, Any]], object]


def made(covered: tuple[tuple[str, str], ...] | None = IMPORTS) -> Plan:
    """A plan with something in every field. `covered` are the imports that its digest covers."""
    step = Step(urn("a"), "test:Thing", "a", "create", "infrastructure", {"value": 1}, {"value": 1})
    rewrite = Rewrite(urn("b"), urn("b"), frozenset(), Options(protect=True), Source("roadbed.py", 7))
    drafted = Draft((step,), (rewrite,), (Change("x", None, 1),), covered)
    verdicts = (Verdict("no-a", "mandatory", urn("a"), "there is an a", "take it away"),)
    notes = () if covered is None else (Note("is not in force here", Source("roadbed.yaml", 9)),)
    mended = () if covered is None else (Remediation("tag", "local", urn("a"), "it has no team", "", drafted.exports),)
    resources = (ResourceCost(urn("a"), None, Estimate(Figure(Amount.of("1.5", "2.5"), (Gap("cpu", "unsaid"),)))),)
    cost = None if covered is None else PlanCost("EUR", totals(resources), resources, "ESP", "the tables")
    exports, options = {"x": {"$ref": [urn("a"), "id"]}}, PlanOptions(keep=frozenset({urn("c")}))
    return Plan(
        stack=STACK,
        number=3,
        base=2,
        digest=digest(STACK, 2, drafted, verdicts, exports, options, notes, mended, cost),
        steps=drafted.steps,
        verdicts=verdicts,
        created_at=AT,
        created_by="olga",
        rewrites=drafted.rewrites,
        exports=exports,
        imports=IMPORTS,
        options=options,
        export_changes=drafted.exports,
        notes=notes,
        remediations=mended,
        cost=cost,
    )


def head(plan: Plan) -> Head:
    return Head(plan.stack, plan.number, plan.base, plan.digest, plan.created_at, plan.created_by)


def is_refused(head: Head, body: str) -> bool:
    try:
        return changed_since(read_plan(head, body))
    except PlanChanged:
        return True


def test_read_back_it_is_as_it_was_made() -> None:
    plan = made()
    assert read_plan(head(plan), write_plan(plan)) == plan
    assert not is_refused(head(plan), write_plan(plan))


def test_the_time_is_the_same_in_every_zone() -> None:
    plan = made()
    elsewhere = altered(plan, created_at=AT.astimezone(timezone(timedelta(hours=5))))
    assert not is_refused(head(elsewhere), write_plan(plan))


COLUMNS: dict[str, Any] = {
    "stack": "other@dev",
    "number": 4,
    "base": 1,
    "digest": "0" * 64,
    "created_at": AT + timedelta(microseconds=1),
    "created_by": "otto",
}
FIELDS: dict[str, Edit] = {
    "steps": lambda body: body["steps"][0].update(properties={"value": 2}),
    "verdicts": lambda body: body.pop("verdicts"),
    "rewrites": lambda body: body.pop("rewrites"),
    "exports": lambda body: body.pop("exports"),
    "imports": lambda body: body.update(imports=[]),
    "options": lambda body: body.pop("options"),
    "export_changes": lambda body: body.pop("export_changes"),
    "notes": lambda body: body.pop("notes"),
    "remediations": lambda body: body.pop("remediations"),
    "cost": lambda body: body["cost"].update(currency="USD"),
    "seal": lambda body: body.pop("seal"),
}


def test_every_column_and_every_field_is_tried() -> None:
    assert COLUMNS.keys() == set(Head.__struct_fields__)
    assert FIELDS.keys() == set(Body.__struct_fields__)


@pytest.mark.parametrize("column", COLUMNS)
def test_an_edited_column_is_told(column: str) -> None:
    plan = made()
    edited = altered(plan, **{column: COLUMNS[column]})
    assert is_refused(head(edited), write_plan(plan))


@pytest.mark.parametrize("sealed", [True, False])
@pytest.mark.parametrize("field", FIELDS)
def test_an_edited_field_is_told_even_if_the_seal_is_taken_away(field: str, sealed: bool) -> None:
    plan = made()
    body = json.loads(write_plan(plan))
    FIELDS[field](body)
    if not sealed:
        body.pop("seal", None)
    assert is_refused(head(plan), json.dumps(body))


def test_a_plan_that_an_earlier_version_made_is_still_applied_and_its_edits_are_told() -> None:
    plan = made(covered=None)
    body = json.loads(write_plan(plan))
    del body["seal"]
    assert not is_refused(head(plan), json.dumps(body))
    FIELDS["steps"](body)
    assert is_refused(head(plan), json.dumps(body))


def test_the_digest_depends_on_neither_number_nor_time() -> None:
    plan = made()
    later = altered(plan, number=9, created_at=AT + timedelta(days=1), created_by="otto")
    assert not is_refused(head(later), write_plan(later))
