"""The semantics of every option and of what they do together: each file of `tests/cases/engine` is a test.

`expect` of a case:

    steps: name → action, or what is expected of the step; one that is not named has nothing to do
    rewrites: name → what the row becomes; if given, there are no others
    effects: all that is done, if given
    order: chains of effects (`delete old a < create a`), each waiting for the one before
    free: pairs of effects (`create a, create b`), neither waiting for the other
    error: instead of all these: part of the `message`, the place `at` which, all `problems`, part of the `hint`
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from roadbed.engine.domain import Plan
from roadbed.kit.errors import InvalidInput
from unit.engine.judging import Order, plan, rewritten, told
from unit.engine.notation import Case, cases

CASES = cases()


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_case(case: Case) -> None:
    if (wrong := case.expect.get("error")) is not None:
        with pytest.raises(InvalidInput) as refused:
            plan(case)
        assert _refusal(refused.value, wrong) == wrong, case.says
        return
    made = plan(case)
    assert _steps(case, made) == case.expect["steps"], case.says
    if "rewrites" in case.expect:
        assert _rewrites(case, made) == case.expect["rewrites"], case.says
    order = Order.of(case, made)
    if "effects" in case.expect:
        assert order.doing == sorted(case.expect["effects"]), case.says
    assert order.broken(case.expect.get("order", ())) == [], f"{case.says}\n{order.before}"
    assert order.bound(case.expect.get("free", ())) == [], f"{case.says}\n{order.before}"


def test_there_are_enough_cases_and_each_says_its_rule_once() -> None:
    assert len(CASES) >= 120
    assert len({case.says for case in CASES}) == len(CASES)


def _steps(case: Case, made: Plan) -> dict[str, Any]:
    """The plan's steps as far as they are expected, and those that nobody expects."""
    expected = case.expect["steps"]
    found = {case.short(step.key): step for step in made.steps}
    unexpected = {name: step.action for name, step in found.items() if name not in expected and step.action != "none"}
    return unexpected | {
        name: told(case, found[name], wanted) if name in found else None for name, wanted in expected.items()
    }


def _rewrites(case: Case, made: Plan) -> dict[str, Any]:
    expected = case.expect["rewrites"]
    found = {case.short(rewrite.was): rewrite for rewrite in made.rewrites}
    return {name: rewritten(case, rewrite, expected.get(name, {})) for name, rewrite in found.items()}


def _refusal(error: InvalidInput, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The refusal as far as it is expected: what is wanted where that stands in it, otherwise what it says."""
    problems = [error.problem, *error.problems]
    messages = [problem.message for problem in problems]
    found: dict[str, Any] = {
        "message": wanted.get("message") if any(wanted.get("message", "") in text for text in messages) else messages,
        "at": wanted.get("at") if wanted.get("at") in [problem.place for problem in problems] else error.problem.place,
        "hint": wanted.get("hint") if wanted.get("hint", "") in (error.hint or "") else error.hint,
        "problems": [part for part in wanted.get("problems", ()) if any(part in text for text in messages)],
    }
    return {key: found[key] for key in wanted}
