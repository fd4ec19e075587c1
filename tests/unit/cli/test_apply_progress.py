"""How the progress of an apply reads, from its journal."""

from __future__ import annotations

from typing import Any

import pytest

from fakes.stacks_api import change, entry, plan, step, urn
from roadbed.cli.apply_progress import ApplyProgress


def of(*steps: Any) -> ApplyProgress:
    found: Any = plan(*steps)
    return ApplyProgress(found)


def take(progress: ApplyProgress, *entries: Any, now: float = 0.0) -> list[str]:
    return list(progress.lines(progress.take(entries, now)))


def states(progress: ApplyProgress) -> dict[str, str]:
    return {leaf.name: leaf.state for leaf in progress.leaves}


def test_each_of_few_is_told_when_it_ends() -> None:
    progress = of(step("vpc", "create"), step("main/subnet", "update"))
    assert take(progress, entry(1, "vpc", "began")) == []
    assert take(progress, entry(2, "vpc", "succeeded"), now=1.5) == ["✓ vpc  core:Data  created  1.5s"]
    assert progress.counted() == "1/2"
    assert progress.told() == "1 done, 0 failed, 1 not begun"


def test_of_many_only_failures_are_told() -> None:
    progress = of(*(step(f"item-{number}", "create") for number in range(1000)))
    assert take(progress, entry(1, "item-0", "began"), entry(2, "item-0", "succeeded")) == []
    (told,) = take(progress, entry(3, "item-1", "began"), entry(4, "item-1", "failed", error="no\x1b[2J room"))
    assert told == "✗ item-1  core:Data  creating failed  0.0s\n  no[2J room"
    assert progress.counted() == "1/1,000, 1 failed"


def test_a_replacement_is_two() -> None:
    progress = of(step("db", "replace"))
    assert progress.total == 2
    take(progress, entry(1, "db", "began"), entry(2, "db", "succeeded"))
    assert states(progress) == {"db": "waiting"}
    take(progress, entry(3, "db", "began", "delete"))
    assert (progress.counted(), states(progress)) == ("1/2", {"db": "running"})
    take(progress, entry(4, "db", "succeeded", "delete"))
    assert (progress.counted(), states(progress)) == ("2/2", {"db": "done"})


def test_an_import_that_changes_is_two() -> None:
    assert of(step("db", "import", change("size", 1, 2))).total == 2
    assert of(step("db", "import")).total == 1


def test_waiting_for_what_uses_it_counts_for_nothing() -> None:
    progress = of(step("db", "create"))
    assert take(progress, entry(1, "db", "succeeded"), entry(2, "db", "began", "settle"))[1:] == []
    assert states(progress) == {"db": "running"}
    assert take(progress, entry(3, "db", "succeeded", "settle")) == []
    assert (progress.counted(), states(progress)) == ("1/1", {"db": "done"})


def test_what_is_taken_up_again_after_a_crash_begins_anew() -> None:
    progress = of(step("db", "create"))
    take(progress, entry(1, "db", "began"))
    take(progress, entry(2, "db", "began"), now=5)
    assert progress.running == 1
    assert take(progress, entry(3, "db", "succeeded"), now=7) == ["✓ db  core:Data  created  2.0s"]


def test_what_only_the_state_was_told_is_one_line() -> None:
    progress = of(step("db", "create"))
    rewrites = [entry(number, f"item-{number}", "succeeded", "rewrite") for number in range(10)]
    others = [entry(11, "web/db", "succeeded", "move"), entry(12, "old", "succeeded", "forget")]
    assert take(progress, *rewrites, *others) == ["✓ 1 moved, 10 recorded anew, 1 found gone and left out of the state"]
    assert (progress.counted(), progress.begun) == ("0/1", True)


def test_a_resource_that_is_moved_and_changed_is_both() -> None:
    progress = of(step("db", "update"))
    assert take(progress, entry(1, "db", "succeeded", "move")) == ["✓ 1 moved"]
    assert states(progress) == {"db": "waiting"}


def test_what_a_provider_says_belongs_to_what_runs() -> None:
    progress = of(step("main/job", "create"), step("other", "create"))
    take(progress, entry(1, "main/job", "began"))
    progress.hear("core:Data main/job: waits for the\x1b disk: sda")
    progress.hear("core:Data other: it hasn't begun")
    progress.hear("something else")
    assert [leaf.said for leaf in progress.leaves] == ["", "waits for the disk: sda"]


RUNNER = {"phase": "rollout"}


@pytest.mark.parametrize(
    ("steps", "failed", "lost"),
    [
        pytest.param(
            [step("a", "create"), step("b", "create", depends_on=[urn("a")]), step("c", "update")],
            "a",
            {"b"},
            id="what depends on it",
        ),
        pytest.param(
            [step("a", "create"), step("b", "create", depends_on=[urn("a")]),
             step("c", "create", depends_on=[urn("b")])],
            "a",
            {"b", "c"},
            id="however far",
        ),
        pytest.param(
            [step("a", "create"), step("old", "delete")], "a", {"old"}, id="deletions wait for all that is made"
        ),
        pytest.param(
            [step("a", "create"), step("web", "create", **RUNNER)], "a", {"web"}, id="rollouts for infrastructure"
        ),
        pytest.param(
            [step("web", "create", **RUNNER), step("api", "create", **RUNNER)], "web", set(), id="not for each other"
        ),
        pytest.param(
            [step("user", "delete", depends_on=[urn("used")]), step("used", "delete"), step("other", "delete")],
            "user",
            {"used"},
            id="what it uses is not deleted before it",
        ),
    ],
)  # fmt: skip
def test_what_is_left_out_after_a_failure(steps: list[Any], failed: str, lost: set[str]) -> None:
    progress = of(*steps)
    do = next(each["action"] for each in steps if each["name"] == failed)
    take(progress, entry(1, failed, "began", do), entry(2, failed, "failed", do, error="no"))
    assert {name for name, state in states(progress).items() if state == "left out"} == lost


@pytest.mark.parametrize(
    ("state", "found"),
    [("cancelled", "not done"), ("failed", "left out")],
)
def test_what_waits_in_the_end_was_not_done(state: Any, found: str) -> None:
    progress = of(step("a", "create"), step("b", "create"))
    take(progress, entry(1, "a", "failed", error="no"))
    progress.end(state)
    assert states(progress) == {"a": "failed", "b": found}
