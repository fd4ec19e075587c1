"""Waivers by property: what acts, on what, and how one comes to its end."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadbed.kit.errors import Conflict, InvalidInput, Refused
from roadbed.policy.domain import Verdict
from roadbed.waivers.domain import Subject, Waiver, check_wish, decided, revoked, waived

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PEOPLE = st.sampled_from(["user:ada", "user:bob", "user:carl"])
URN = "orders@prod/web#runtime:Service"
SUBJECTS = st.sampled_from([Subject.parse(text) for text in (URN, "orders@prod", "orders", "mail@prod", "orders@dev")])
MOMENTS = st.integers(-50, 50).map(lambda hours: NOW + timedelta(hours=hours))


def waiver(subject: Subject, until: datetime, policy: str = "closed") -> Waiver:
    return Waiver("wv_1", policy, subject, None, "production", "a good reason", until, "user:ada", NOW)


@given(st.lists(st.tuples(st.sampled_from(["approve", "refuse", "revoke"]), PEOPLE, MOMENTS), max_size=6), MOMENTS)
def test_whatever_people_do_nobody_decides_for_themselves_and_nothing_acts_after_its_end(
    steps: list[tuple[str, str, datetime]], until: datetime
) -> None:
    one = waiver(Subject.parse(URN), until)
    for what, by, at in sorted(steps, key=lambda step: step[2]):
        with suppress(Conflict, Refused):
            if what == "revoke":
                one = revoked(one, by, comment="", now=at)
            else:
                one = decided(one, by, approve=what == "approve", comment="", now=at)
        assert not (one.in_force(at) and one.decided_by in (None, "user:ada"))
        assert not (one.in_force(at) and at >= until)
    if one.decision in ("refused", "revoked"):
        with pytest.raises(Conflict):
            decided(one, "user:bob", approve=True, comment="", now=NOW)


@given(st.lists(st.tuples(SUBJECTS, MOMENTS, st.booleans()), max_size=5), MOMENTS)
def test_a_verdict_is_waived_just_if_one_covers_it_that_is_in_force(
    asked: list[tuple[Subject, datetime, bool]], now: datetime
) -> None:
    waivers = [
        replace(waiver(subject, until), id=f"wv_{number}", decision="approved" if approved else "waiting")
        for number, (subject, until, approved) in enumerate(asked)
    ]
    verdict = Verdict("closed", "mandatory", URN, "m", "r", waived_by="wv_old")
    (found,) = waived("orders@prod", [verdict], waivers, now)
    acting = [one for one in waivers if one.in_force(now) and one.subject.covers("orders@prod", URN)]
    assert (found.waived_by is not None) == bool(acting) == (not found.refuses)
    if acting:
        assert found.waived_until == max(one.until for one in acting)
    assert waived("orders@prod", [found], waivers, now) == (found,), "it settles at once"


@pytest.mark.parametrize(
    ("subject", "stack", "resource", "covers"),
    [
        (URN, "orders@prod", URN, True),
        (URN, "orders@prod", "", False),
        (URN, "orders@prod", URN.replace("web", "web2"), False),
        ("orders@prod", "orders@prod", "", True),
        ("orders@prod", "orders@prod", URN, True),
        ("orders@prod", "orders@dev", "", False),
        ("orders", "orders@dev", URN, True),
        ("orders", "orders-2@dev", URN, False),
    ],
)
def test_what_it_covers(subject: str, stack: str, resource: str, covers: bool) -> None:
    assert Subject.parse(subject).covers(stack, resource) is covers


@pytest.mark.parametrize("text", ["", "Orders", "orders@", "@prod", "orders@prod@x", "a/b#c", "x" * 100])
def test_what_is_no_subject(text: str) -> None:
    with pytest.raises(InvalidInput):
        Subject.parse(text)


@given(st.integers(-10, 400))
def test_an_end_is_in_the_future_and_not_too_far(days: int) -> None:
    longest = timedelta(days=180)
    if 0 < days <= 180:
        check_wish("a good reason", NOW + timedelta(days=days), NOW, longest)
    else:
        with pytest.raises(InvalidInput):
            check_wish("a good reason", NOW + timedelta(days=days), NOW, longest)
