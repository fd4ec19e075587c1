"""Approvals by property: whose word counts, and when it is enough."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadbed.approvals.domain import Approval, ended, missing, needs_of, told, voted
from roadbed.identity.actions import included
from roadbed.kit.access import Principal, Role
from roadbed.kit.errors import Conflict, Refused
from roadbed.platform.domain import ApprovalRule
from roadbed.policy.domain import Approvals, Need, Place, Verdict

NOW = datetime(2026, 3, 1, tzinfo=UTC)
NAMES = ["ada", "bob", "carl", "dora", "ed"]
ROLES: dict[str, Role] = {"ada": "owner", "bob": "operator", "carl": "owner", "dora": "developer", "ed": "viewer"}
NEEDS = st.lists(
    st.builds(Need, st.integers(1, 3), st.sampled_from(["developer", "operator", "owner"]), st.just("x")), min_size=1
)


def holds(by: str, role: Role) -> bool:
    return role in included(ROLES[by.removeprefix("user:")])


def asked(needs: tuple[Need, ...] = (Need(1, "operator", "x"),)) -> Approval:
    return Approval(
        "apr_1", "orders@prod", 1, NOW, "0", 1, None, "production", "op_1", "deployment", "Deploy", "user:ada",
        "user:ada", NOW, needs, timedelta(hours=4),
    )  # fmt: skip


@given(NEEDS, st.lists(st.tuples(st.sampled_from(NAMES), st.booleans()), max_size=10))
def test_it_is_enough_just_when_so_many_others_with_the_role_have_approved(
    needs: list[Need], votes: list[tuple[str, bool]]
) -> None:
    one = asked(tuple(needs))
    for name, approves in votes:
        with suppress(Conflict, Refused):
            one = voted(one, Principal("user", name), approve=approves, comment="", now=NOW)
    approvers = {vote.by for vote in one.votes if vote.approves}
    assert len({vote.by for vote in one.votes}) == len(one.votes), "one vote each"
    assert "user:ada" not in {vote.by for vote in one.votes}
    enough = all(sum(holds(by, need.role) for by in approvers) >= need.count for need in needs)
    assert (not missing(needs, one.votes, holds)) is enough
    assert (one.state == "refused") == any(not vote.approves for vote in one.votes)
    if one.state == "refused":
        with pytest.raises(Conflict):
            voted(one, Principal("user", "carl"), approve=True, comment="", now=NOW)
        assert ended(one, "stale", "", NOW) is one


def test_who_made_the_plan_and_what_is_no_person_decide_nothing() -> None:
    planned = replace(asked(), planned_by="user:bob")
    with pytest.raises(Refused, match="made plan 1"):
        voted(planned, Principal("user", "bob"), approve=True, comment="", now=NOW)
    with pytest.raises(Refused, match="a person"):
        voted(planned, Principal("service", "ci"), approve=False, comment="", now=NOW)


def test_needs_come_from_the_environment_and_from_findings_that_stand() -> None:
    two = Approvals(2, "owner")
    verdicts = [
        Verdict("stands", "mandatory", "a", "m", "r", approvals=two),
        Verdict("stands", "mandatory", "b", "m", "r", approvals=two),
        Verdict("waived", "mandatory", "a", "m", "r", approvals=two, waived_by="wv_1"),
        Verdict("advice", "advisory", "a", "m", "r", approvals=two),
        Verdict("refuses", "mandatory", "a", "m", "r"),
    ]
    needs = needs_of("prod", ApprovalRule(1, "operator"), verdicts)
    assert [(need.count, need.role, need.because) for need in needs] == [
        (1, "operator", "environment prod"),
        (2, "owner", "policy stands"),
    ]
    assert told(needs) == "1 approval by an operator (environment prod) and 2 approvals by owners (policy stands)"
    assert needs_of("dev", None, verdicts[2:]) == ()


def test_a_policy_that_could_not_judge_refuses() -> None:
    assert Verdict("p", "remediate", "", "m", "r", broken=Place("p.py")).refuses
    assert not Verdict("p", "mandatory", "", "m", "r", approvals=Approvals(1, "owner")).refuses
