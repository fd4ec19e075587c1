"""Scheduled jobs: what comes due, what becomes of runs, by table and by living through any days."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadbed.runtimes.scheduled.domain import MOST_AT_ONCE, MOST_COUNTED, Definition, Due, Run, Schedule, due, pause
from roadbed.runtimes.scheduled.reconcile import (
    Action,
    Consider,
    End,
    Ended,
    Leave,
    Remove,
    Retry,
    Start,
    Stop,
    displaced,
    in_the_way,
    reconcile,
)

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def schedule(since: datetime = NOON, **fields: Any) -> Schedule:
    standing = {name: fields.pop(name) for name in ("removed", "suspended_by") if name in fields}
    definition = Definition(**{"cron": "0 * * * *", "timezone": "UTC", "timeout_s": 600, **fields})
    return Schedule("orders@dev/report", None, 1, definition, 1, since, **standing)


def run(number: int = 1, state: Any = "running", **fields: Any) -> Run:
    started = NOON if state != "waiting" else None
    given = {"attempt": 1, "started_at": started, "due_at": NOON, **fields}
    return Run(f"run{number}", "orders@dev/report", number, 1, 1, state, NOON, given.pop("begin_at", NOON), **given)


@pytest.mark.parametrize(
    ("since", "now", "fields", "expected"),
    [
        (NOON, NOON + timedelta(minutes=59), {}, Due()),
        (NOON, NOON + HOUR, {}, Due(NOON + HOUR)),
        (NOON, NOON + 1.5 * HOUR, {}, Due(NOON + HOUR)),
        (NOON, NOON + 3.5 * HOUR, {}, Due(NOON + 3 * HOUR, 2, NOON + 2 * HOUR)),
        (NOON, NOON + 1.5 * HOUR, {"starting_deadline_s": 60}, Due(None, 1, NOON + HOUR)),
        (NOON, NOON + 3.5 * HOUR, {"starting_deadline_s": 60}, Due(None, 3, NOON + 3 * HOUR)),
        (NOON, NOON + HOUR + timedelta(seconds=60), {"starting_deadline_s": 60}, Due(NOON + HOUR)),
        (NOON, NOON + HOUR, {"suspended": True}, Due()),
        (NOON, NOON + HOUR, {"suspended_by": "dana"}, Due()),
        (NOON, NOON - HOUR, {}, Due()),  # the clock went back
    ],
)
def test_what_has_come_due(since: datetime, now: datetime, fields: dict[str, Any], expected: Due) -> None:
    assert due(schedule(since, **fields), now) == expected


def test_after_a_long_time_no_more_are_counted_than_matter() -> None:
    found = due(schedule(cron="* * * * *"), NOON + timedelta(days=365))
    assert (found.at, found.missed) == (NOON + timedelta(days=365), MOST_COUNTED)


TEN_PAST = NOON + timedelta(minutes=10)
ONE = NOON + HOUR

TABLE: dict[str, tuple[Schedule, list[Run], dict[str, Ended], datetime, list[Action]]] = {
    "nothing to do": (schedule(), [], {}, NOON + timedelta(minutes=5), []),
    "its time comes": (schedule(), [], {}, ONE, [Consider(ONE)]),
    "forbid leaves the next one out": (
        schedule(timeout_s=7200),
        [run()],
        {},
        ONE,
        [Leave(ONE, "skipped", "run 1 had not ended"), Consider(None)],
    ),
    "allow begins it beside": (schedule(overlap="allow", timeout_s=7200), [run()], {}, ONE, [Consider(ONE)]),
    "allow has a limit": (
        schedule(overlap="allow", timeout_s=7200),
        [run(n) for n in range(1, MOST_AT_ONCE + 1)],
        {},
        ONE,
        [Leave(ONE, "skipped", "10 runs had not ended"), Consider(None)],
    ),
    "replace ends the other": (
        schedule(overlap="replace", timeout_s=7200),
        [run()],
        {},
        ONE,
        [Stop(run(), "replaced"), Consider(ONE)],
    ),
    "replace ends one that waits at once": (
        schedule(overlap="replace"),
        [run(state="waiting", begin_at=ONE + HOUR)],
        {},
        ONE,
        [
            End(run(state="waiting", begin_at=ONE + HOUR), "stopped", None, "the next run took its place"),
            Consider(ONE),
        ],
    ),
    "late ones are told of": (
        schedule(),
        [],
        {},
        NOON + 3.5 * HOUR,
        [
            Leave(NOON + 2 * HOUR, "missed", "nobody could begin this one and 1 before it in time"),
            Consider(NOON + 3 * HOUR),
        ],
    ),
    "a waiting one begins": (schedule(), [run(state="waiting")], {}, NOON, [Start(run(state="waiting"))]),
    "one that replaces waits for the other's end": (
        schedule(overlap="replace"),
        [run(1, "stopping", cause="replaced"), run(2, "waiting")],
        {},
        NOON,
        [],
    ),
    "it ended well": (schedule(), [run()], {"run1": Ended(0, "")}, TEN_PAST, [End(run(), "succeeded", 0, None)]),
    "it failed": (schedule(), [run()], {"run1": Ended(3, "why")}, TEN_PAST, [End(run(), "failed", 3, "why")]),
    "it is tried again": (
        schedule(retries=2),
        [run(attempt=2)],
        {"run1": Ended(3, "why")},
        TEN_PAST,
        [Retry(run(attempt=2), TEN_PAST + timedelta(seconds=20), Ended(3, "why"))],
    ),
    "but not for ever": (
        schedule(retries=2),
        [run(attempt=3)],
        {"run1": Ended(3, "why")},
        TEN_PAST,
        [End(run(attempt=3), "failed", 3, "why")],
    ),
    "it takes too long": (schedule(), [run()], {}, TEN_PAST, [Stop(run(), "timeout")]),
    "what took too long failed": (
        schedule(),
        [run(state="stopping", cause="timeout")],
        {"run1": Ended(143, "stopped")},
        TEN_PAST,
        [End(run(state="stopping", cause="timeout"), "failed", 143, "the time limit of 600 s passed")],
    ),
    "one that ended well while it was told to has": (
        schedule(),
        [run(state="stopping", cause="timeout")],
        {"run1": Ended(0, "")},
        TEN_PAST,
        [End(run(state="stopping", cause="timeout"), "succeeded", 0, None)],
    ),
    "what was replaced was stopped": (
        schedule(retries=5),
        [run(state="stopping", cause="replaced")],
        {"run1": Ended(143, "")},
        TEN_PAST,
        [End(run(state="stopping", cause="replaced"), "stopped", 143, "the next run took its place")],
    ),
    "a removed job ends what runs": (schedule(removed=True), [run()], {}, ONE, [Stop(run(), "removed")]),
    "and is forgotten then": (schedule(removed=True), [], {}, ONE, [Remove()]),
    "not before": (schedule(removed=True), [run(state="stopping", cause="removed")], {}, ONE, []),
}


@pytest.mark.parametrize("case", TABLE)
def test_what_is_done_next(case: str) -> None:
    what, active, ended, now, expected = TABLE[case]
    assert list(reconcile(what, active, ended, now).actions) == expected


def test_when_to_look_again() -> None:
    assert reconcile(schedule(), [], {}, NOON).wake_at == ONE
    assert reconcile(schedule(timeout_s=60), [run()], {}, NOON).wake_at == NOON + timedelta(seconds=60)
    later = run(state="waiting", begin_at=TEN_PAST)
    assert reconcile(schedule(), [later], {}, NOON).wake_at == TEN_PAST
    assert reconcile(schedule(suspended=True), [], {}, NOON).wake_at is None


def test_pauses_double_up_to_five_minutes() -> None:
    assert [pause(n).total_seconds() for n in (1, 2, 3, 6, 99)] == [10, 20, 40, 300, 300]


class World:
    """A job and its runs as the keeper records them, with a driver whose runs take as long as it likes."""

    def __init__(self, what: Schedule) -> None:
        self.schedule, self.runs = what, dict[int, Run]()

    def turn(self, now: datetime, ended: dict[str, Ended]) -> None:
        for _ in range(50):
            active = [one for one in self.runs.values() if one.active]
            decision = reconcile(self.schedule, active, ended, now)
            if not decision.actions:
                assert decision.wake_at is None or decision.wake_at > now
                return
            for action in decision.actions:
                self._record(action, now)
            there = {one.id for one in self.runs.values() if one.state in {"running", "stopping"}}
            ended = {id_: one for id_, one in ended.items() if id_ in there}
        raise AssertionError("it never comes to rest")

    def _record(self, action: Action, now: datetime) -> None:
        match action:
            case Consider(begin):
                self.schedule = replace(self.schedule, considered_until=now)
                if begin is not None:
                    self._add(begin, now, "waiting")
            case Leave(at, state, _):
                self._add(at, now, state)
            case Start(one):
                self._save(replace(one, state="running", attempt=one.attempt + 1, started_at=now, cause=None))
            case Stop(one, cause):
                self._save(replace(one, state="stopping", cause=cause))
            case Retry(one, at, _):
                self._save(replace(one, state="waiting", begin_at=at))
            case End(one, state, code, _):
                self._save(replace(one, state=state, code=code))

    def _add(self, at: datetime, now: datetime, state: Any) -> None:
        number = len(self.runs) + 1
        self._save(Run(f"run{number}", self.schedule.key, number, 1, 1, state, now, now, due_at=at))

    def _save(self, one: Run) -> None:
        self.runs[one.number] = one


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["forbid", "allow", "replace"]),
    st.integers(0, 2),
    st.lists(st.tuples(st.integers(1, 400), st.sets(st.integers(0, 12)), st.integers(0, 2)), max_size=25),
)
def test_living_through_any_days(overlap: Any, retries: int, days: list[tuple[int, set[int], int]]) -> None:
    """`days`: so many minutes later, which of the running ones have ended, and with which code."""
    world = World(schedule(cron="*/20 * * * *", overlap=overlap, retries=retries, timeout_s=1800))
    now = NOON
    for minutes, which, code in days:
        now += timedelta(minutes=minutes)
        running = [one for one in world.runs.values() if one.state in {"running", "stopping"}]
        world.turn(now, {one.id: Ended(code, "") for index, one in enumerate(running) if index in which})
        active = [one for one in world.runs.values() if one.active]
        begun = [one for one in active if one.state != "waiting"]
        assert len(begun) <= (MOST_AT_ONCE if overlap == "allow" else 1)
        assert len(active) <= {"forbid": 1, "allow": MOST_AT_ONCE}.get(overlap, 2 + len(begun))
        assert all(one.attempt <= retries + 1 for one in world.runs.values())
        times = [one.due_at for one in world.runs.values()]
        assert len(times) == len(set(times))  # no time makes two runs


def test_what_is_in_the_way_of_a_run_that_somebody_asks_for() -> None:
    assert in_the_way(schedule(), [run(3)]) == "run 3 had not ended"
    assert in_the_way(schedule(overlap="replace"), [run()]) is None
    assert displaced(schedule(overlap="replace"), [run()]) == (Stop(run(), "replaced"),)
    assert displaced(schedule(overlap="allow"), [run()]) == ()
