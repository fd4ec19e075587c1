"""An apply drawn as a tree: what each state looks like, and what is folded where there is little room."""

from __future__ import annotations

from typing import Any

import pytest

from fakes.stacks_api import entry, plan, step, urn
from roadbed.cli.apply_progress import ApplyProgress
from roadbed.cli.apply_tree import Size, draw, heading
from roadbed.cli.style import Style
from roadbed.cli.text import width

ROOM = Size(100, 40)


def of(*steps: Any) -> ApplyProgress:
    found: Any = plan(*steps)
    return ApplyProgress(found)


def begin(progress: ApplyProgress, *paths: str, at: float = 0.0) -> None:
    progress.take([entry(number, path, "began") for number, path in enumerate(paths, 1)], at)  # type: ignore[misc]


def end(progress: ApplyProgress, *paths: str, at: float = 0.0, error: str | None = None) -> None:
    event = "failed" if error else "succeeded"
    ended: Any = [entry(number, path, event, error=error) for number, path in enumerate(paths, 100)]
    progress.take(ended, at)


def network() -> ApplyProgress:
    return of(
        step("vpc", "create"),
        step("main", "create", type="acme:Network", kind="component", depends_on=[urn("main/a"), urn("main/b")]),
        step("main/a", "create", depends_on=[urn("vpc")]),
        step("main/b", "create", depends_on=[urn("vpc")]),
        step("dns", "create"),
        step("main/gateway", "create", depends_on=[urn("main/a")]),
    )


def test_the_heading() -> None:
    progress = network()
    end(progress, "vpc")
    assert heading(progress, "Applying plan 4", 3.0, 2.0, ROOM) == "⠋ Applying plan 4  1/6  2.0s"


def test_each_state_in_the_tree_of_components() -> None:
    progress = network()
    begin(progress, "vpc", "dns")
    end(progress, "vpc", at=1.5)
    begin(progress, "main/a", "main/b", at=2.0)
    end(progress, "main/a", at=2.5, error="no room")
    progress.hear("core:Data main/b: waits for its turn")
    assert draw(progress, 4.0, ROOM) == [
        "✓ vpc  core:Data  created  1.5s",
        "⠋ dns  core:Data  creating  4.0s",
        "✗ main  acme:Network",
        "  ✗ a  core:Data  creating failed  0.5s",
        "      no room",
        "  ⠋ b  core:Data  creating  2.0s  waits for its turn",
        "  – gateway  core:Data  left out",
    ]


def test_what_waits_and_what_was_not_done() -> None:
    progress = of(step("a/x", "create"), step("b/y", "update"))
    assert draw(progress, 0.0, ROOM) == ["· a", "  · x  core:Data  waiting", "· b", "  · y  core:Data  waiting"]
    end(progress, "a/x")
    progress.end("cancelled")
    assert draw(progress, 0.0, ROOM) == [
        "✓ a",
        "  ✓ x  core:Data  created  0.0s",
        "– b",
        "  – y  core:Data  not done",
    ]


def test_the_halves_of_a_replacement() -> None:
    progress = of(step("db", "replace"))
    end(progress, "db")
    assert draw(progress, 0.0, ROOM) == ["· db  core:Data  created, the rest waiting"]


def large() -> ApplyProgress:
    """Three components of ten, and five beside them. In `b` one runs, and one has failed."""
    paths = [f"{part}/{number}" for part in "abc" for number in range(10)] + [f"item-{number}" for number in range(5)]
    progress = of(*(step(path, "create") for path in paths))
    end(progress, *(f"a/{number}" for number in range(10)))
    end(progress, "item-0", "b/2", "b/3")
    begin(progress, "item-1", "b/4")
    end(progress, "b/5", error="no room")
    return progress


FOLDED = [
    "⠋ item-1  core:Data  creating  0.0s",
    "… 1 done, 3 waiting",
    "✓ a  10 done",
    "✗ b  1 failed, 1 running, 2 done, 6 waiting",
    "  ⠋ 4  core:Data  creating  0.0s",
    "  ✗ 5  core:Data  creating failed  0.0s",
    "      no room",
    "· c  10 waiting",
]
GATHERED = [*FOLDED[:2], *FOLDED[3:7], "… 2 others  10 done, 10 waiting"]


@pytest.mark.parametrize(
    ("rows", "lines"),
    [
        pytest.param(39, None, id="whole"),
        pytest.param(38, FOLDED, id="folded"),
        pytest.param(8, FOLDED, id="just folded"),
        pytest.param(7, GATHERED, id="quiet branches together"),
        pytest.param(
            6,
            [
                "✗ b/5  core:Data  creating failed  0.0s  no room",
                "⠋ item-1  core:Data  creating  0.0s",
                "⠋ b/4  core:Data  creating  0.0s",
                "… 13 done, 19 waiting",
            ],
            id="only what is in sight",
        ),
        pytest.param(
            3,
            [
                "✗ b/5  core:Data  creating failed  0.0s  no room",
                "⠋ item-1  core:Data  creating  0.0s",
                "… 1 more running, 13 done, 19 waiting",
            ],
            id="some of it",
        ),
        pytest.param(1, ["… 1 more failed, 2 more running, 13 done, 19 waiting"], id="one line"),
    ],
)
def test_what_is_folded_where_there_is_little_room(rows: int, lines: list[str] | None) -> None:
    drawn = draw(large(), 0.0, Size(100, rows))
    assert len(drawn) <= rows
    assert drawn == lines if lines is not None else len(drawn) == rows


def test_where_everything_is_done() -> None:
    paths = [f"part-{part}/{number}" for part in range(20) for number in range(3)]
    progress = of(*(step(path, "create") for path in paths))
    end(progress, *paths)
    assert draw(progress, 0.0, Size(80, 10)) == ["… all 20  60 done"]


@pytest.mark.parametrize("rows", range(1, 42))
def test_it_never_outgrows_its_room(rows: int) -> None:
    for columns in (20, 33, 80):
        drawn = draw(large(), 0.0, Size(columns, rows), Style(enabled=False))
        assert len(drawn) <= rows
        assert all(width(line) <= columns for line in drawn)


def test_thousands_of_failures_leave_room_for_what_runs() -> None:
    progress = of(*(step(f"item-{number}", "create") for number in range(1000)))
    end(progress, *(f"item-{number}" for number in range(500)), error="no room")
    begin(progress, *(f"item-{number}" for number in range(600, 603)))
    drawn = draw(progress, 0.0, Size(80, 10))
    assert [line[0] for line in drawn] == ["✗"] * 6 + ["⠋"] * 3 + ["…"]
    assert drawn[-1] == "… 494 more failed, 497 waiting"


def test_names_in_wide_characters_are_cut_where_the_line_ends() -> None:
    progress = of(step("データベース" * 10, "create"))
    (line,) = draw(progress, 0.0, Size(30, 5))
    assert width(line) <= 30
