"""How the progress of an apply reads, from its journal."""

from __future__ import annotations

from typing import Any

from fakes.stacks_api import entry, plan, step
from roadbed.cli.apply_progress import ApplyProgress
from roadbed.cli.text import width


def of(*steps: Any) -> ApplyProgress:
    found: Any = plan(*steps)
    return ApplyProgress.of(found)


def take(progress: ApplyProgress, *entries: Any, now: float = 0.0) -> list[str]:
    return list(progress.take(entries, now))


def test_each_of_few_is_told_when_it_ends() -> None:
    progress = of(step("vpc", "create"), step("main/subnet", "update"))
    assert take(progress, entry(1, "vpc", "intent")) == []
    assert take(progress, entry(2, "vpc", "succeeded"), now=1.5) == ["✓ vpc  core:Data  created  1.5s"]
    assert progress.counted() == "1/2"
    assert progress.told() == "1 done, 0 failed, 1 not begun"


def test_of_many_only_failures_are_told() -> None:
    progress = of(*(step(f"item-{number}", "create") for number in range(1000)))
    assert take(progress, entry(1, "item-0", "intent"), entry(2, "item-0", "succeeded")) == []
    (told,) = take(progress, entry(3, "item-1", "intent"), entry(4, "item-1", "failed", error="no\x1b[2J room"))
    assert told == "✗ item-1  core:Data  creating failed  0.0s\n  no[2J room"
    assert progress.counted() == "1/1,000, 1 failed"


def test_a_replacement_is_two() -> None:
    progress = of(step("db", "replace"))
    assert progress.total == 2
    take(progress, entry(1, "db", "intent"), entry(2, "db", "succeeded"), entry(3, "db", "intent", "delete"))
    assert progress.counted() == "1/2"
    assert [running.do for running in progress.running.values()] == ["delete"]


def test_waiting_for_what_uses_it_counts_for_nothing() -> None:
    progress = of(step("db", "create"))
    assert take(progress, entry(1, "db", "intent", "settle"), entry(2, "db", "succeeded", "settle")) == []
    assert progress.counted() == "0/1"


def test_an_entry_told_again_after_a_crash_begins_nothing_anew() -> None:
    progress = of(step("db", "create"))
    take(progress, entry(1, "db", "intent"))
    take(progress, entry(2, "db", "intent"), now=5)
    assert take(progress, entry(3, "db", "succeeded"), now=7) == ["✓ db  core:Data  created  7.0s"]


def test_the_living_block() -> None:
    progress = of(step("vpc", "create"), step("main/subnet", "create"), step("main/dns", "delete"))
    entries = [entry(1, "main/subnet", "intent"), entry(2, "main/dns", "intent", "delete"), entry(3, "vpc", "intent")]
    take(progress, *entries)
    assert progress.block("Applying plan 4", 3.0, 1.0, 80, 10) == [
        "⠋ Applying plan 4  0/3  2.0s",
        "  vpc  core:Data  creating  3.0s",
        "  main",
        "    dns  core:Data  deleting  3.0s",
        "    subnet  core:Data  creating  3.0s",
    ]


def test_the_living_block_never_outgrows_the_terminal() -> None:
    progress = of(*(step(f"team-{number}/a-rather-long-name-of-a-thing", "create") for number in range(100)))
    take(progress, *(entry(number, f"team-{number}/a-rather-long-name-of-a-thing", "intent") for number in range(100)))
    block = progress.block("Applying plan 4 of network@dev", 0.0, 0.0, 40, 8)
    assert len(block) <= 8
    assert all(width(line) <= 40 for line in block)
    assert block[-1] == "  … and 97 more"
