"""What policies put right is planned, checked and judged anew; what they say stands in the stored plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from fakes.access import OWNER
from fakes.policies import FakePolicies
from fakes.provider import FakeWorld
from integration.engine.bench import INFO, make_engine
from roadbed.engine.domain import Plan
from roadbed.engine.errors import PolicyRefused
from roadbed.engine.service import PlanRequest, refuse_if_forbidden
from roadbed.kit.errors import InvalidInput
from roadbed.policy.domain import Judgement, Place, Rewritten, Verdict
from roadbed.storage.database import Database
from unit.engine.building import document, resource, urn

A = urn("a")


def rewriting(**properties: Any) -> Judgement:
    change = Rewritten("right", "ours", A, "it is wrong", "we want it so", properties)
    return Judgement(rewritten=(change,), properties={A: properties})


async def plan(database: Database, *answers: Judgement, declared: Mapping[str, Any] | None = None) -> Plan:
    engine = make_engine(database, FakeWorld(), judging=FakePolicies(*answers))
    asked = PlanRequest(INFO, document(resource("a", declared or {"value": 1})))
    async with database.call(OWNER) as call:
        made = await engine.plan(call, asked)
        return await engine.get_plan(call, INFO, made.number)


async def test_the_plan_is_made_of_what_was_put_right_and_shows_it(database: Database) -> None:
    made = await plan(database, rewriting(value=2), Judgement((Verdict("p", "advisory", A, "m", "r"),)))
    (step,) = made.steps
    assert step.after == {"value": 2}
    (shown,) = made.remediations
    assert (shown.policy, shown.pack, shown.resource, shown.message) == ("right", "ours", A, "it is wrong")
    assert [(change.path, change.before, change.after) for change in shown.changes] == [("value", 1, 2)]
    assert [verdict.policy for verdict in made.verdicts] == ["p"]


async def test_what_was_put_right_is_held_against_its_type(database: Database) -> None:
    with pytest.raises(InvalidInput, match="what the policies right put right can't be planned") as caught:
        await plan(database, rewriting(valeu=2), Judgement())
    assert caught.value.hint == "mend the policy"


async def test_what_is_put_right_again_and_again_is_refused(database: Database) -> None:
    with pytest.raises(InvalidInput, match="never come to an end"):
        await plan(database, rewriting(value=2), rewriting(value=3))


async def test_a_refusal_says_where_and_what_to_do(database: Database) -> None:
    place = Place("roadbed.py", 7)
    made = await plan(database, Judgement((Verdict("p", "mandatory", A, "it is open", "close it", source=place),)))
    with pytest.raises(PolicyRefused) as caught:
        refuse_if_forbidden(made)
    assert str(caught.value) == "roadbed.py:7: p: it is open"
    waiver = "or ask for a waiver: roadbed waiver request p --for shop@dev --why REASON --days 30"
    assert caught.value.hint == f"close it\n{waiver}"


async def test_several_refusals_keep_what_to_do_each(database: Database) -> None:
    found = [Verdict(name, "mandatory", A, f"{name} is open", f"close {name}") for name in ("p", "q")]
    made = await plan(database, Judgement(tuple(found)))
    with pytest.raises(PolicyRefused, match="breaks 2 mandatory policies") as caught:
        refuse_if_forbidden(made)
    assert [problem.hint for problem in caught.value.problems] == ["close p", "close q"]
    assert "roadbed waiver request POLICY --for shop@dev" in str(caught.value.hint)


async def test_what_was_waived_once_counts_for_nothing(database: Database) -> None:
    made = await plan(database, Judgement((Verdict("p", "mandatory", A, "m", "r", waived_by="w1"),)))
    with pytest.raises(PolicyRefused):
        refuse_if_forbidden(made)
    assert made.verdicts[0].waived_by is None
