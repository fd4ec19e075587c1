"""Which backups stay: never more go than the policy says, and the newest whole one never does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from roadbed.backups.domain import Backup, Retention, mismatch, superfluous
from roadbed.sdk.backups import Contents

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def backup(number: int, age_days: float, state: str = "verified") -> Backup:
    return Backup(
        id=f"bak_{number}",
        stack="orders@dev",
        urn="orders@dev/shared/db#postgres:Database",
        resource="db",
        type="postgres:Database",
        origin="orders_dev_db",
        owner=None,
        kind="development",
        reason="scheduled",
        created_at=NOW - timedelta(days=age_days),
        created_by="system:backups",
        size=1,
        checksum="",
        contents=Contents("rows", {}, 0),
        verified_at=None if state == "unverified" else NOW,
        mismatch="wrong" if state == "damaged" else None,
    )


BACKUPS = st.lists(
    st.tuples(st.floats(0, 100), st.sampled_from(["verified", "unverified", "damaged"])), max_size=30
).map(lambda found: [backup(number, age, state) for number, (age, state) in enumerate(found)])
POLICIES = st.builds(Retention, st.integers(1, 20), st.floats(0, 100))


@given(BACKUPS, POLICIES)
def test_the_newest_stay_and_those_that_are_young(backups: list[Backup], retention: Retention) -> None:
    gone = superfluous(backups, retention, NOW)
    stay = [each for each in backups if each not in gone]
    assert len(stay) >= min(retention.keep, len(backups))
    assert all(NOW - each.created_at > timedelta(days=retention.days) for each in gone)
    if gone:
        oldest_kept = sorted(stay, key=lambda each: (each.created_at, each.id), reverse=True)[: retention.keep][-1]
        assert all(each.created_at <= oldest_kept.created_at for each in gone)


@given(BACKUPS, POLICIES)
def test_the_newest_whole_one_stays_whatever_came_since(backups: list[Backup], retention: Retention) -> None:
    whole = [each for each in backups if each.state == "verified"]
    stay = [each for each in backups if each not in superfluous(backups, retention, NOW)]
    assert not whole or any(each.state == "verified" for each in stay)


@given(BACKUPS, POLICIES)
def test_pruning_twice_is_pruning_once(backups: list[Backup], retention: Retention) -> None:
    stay = [each for each in backups if each not in superfluous(backups, retention, NOW)]
    assert superfluous(stay, retention, NOW) == []


def test_what_differs_is_said_in_a_sentence() -> None:
    made, found = Contents("rows", {"a": 3, "b": 1}, 0), Contents("rows", {"a": 2, "c": 4}, 0)
    assert mismatch(made, made) is None
    assert mismatch(made, Contents("rows", {"a": 3, "b": 1, "c": 0}, 9)) is None
    assert mismatch(made, found) == "a has 2 rows and not 3; b has 0 rows and not 1; c has 4 rows and not 0"
