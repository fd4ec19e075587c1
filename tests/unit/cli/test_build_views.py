"""What `roadbed builds` shows, and what it takes."""

from __future__ import annotations

from typing import Any, cast

import pytest

from roadbed.cli import build
from roadbed.cli.origins import origin_line
from roadbed.cli.style import PLAIN
from roadbed.client.models import Build, Origin
from roadbed.delivery.builds import domain
from roadbed.kit.errors import InvalidInput

DIGEST = "0f3c9a1b22de" + "0" * 52


def _build(**other: Any) -> Build:
    origin = {
        "kind": "git",
        "revision": "1a2b3c4d" * 5,
        "ref": "v1",
        "dirty": False,
        "url": "https://example.org/o.git",
    }
    part = {"language": "node", "version": "20.1.0", "layer": "ab" * 32, "manager": ["pnpm", "9.15.9"]}
    whole = {
        "digest": DIGEST,
        "source": "cd" * 32,
        "recipe": {"parts": [part], "commands": [["pnpm", "run", "build"]], "secrets": ["TOKEN"]},
        "origin": origin,
        "owner": "group:default/payments",
        "created_at": "2026-01-01T00:00:00Z",
        "created_by": "user:ada",
        "used_at": "2026-01-02T00:00:00Z",
        "duration_s": 2.5,
        "size": 1_200_000,
        "lock": None,
        "used_by": ["orders@prod v4", "orders@dev v7"],
    }
    return cast(Build, whole | other)


def test_a_list_says_where_each_came_from_and_who_needs_it() -> None:
    lines = build._listed({"items": [_build(), _build(used_by=[])]}, PLAIN).splitlines()
    assert lines[0].split() == ["BUILD", "OF", "SOURCE", "MADE", "SIZE", "OWNER", "USED", "BY"]
    assert lines[1].startswith("0f3c9a1b22de   node 20.1.0   1a2b3c4 (v1) of https://example.org/o.git   2026-01-01")
    assert lines[1].endswith("1.2 MB   payments   orders@prod v4 and 1 more")
    assert lines[2].endswith("–")


@pytest.mark.parametrize(
    ("origin", "shown"),
    [
        ({"kind": "folder", "revision": None, "ref": None, "dirty": False, "url": None}, "folder"),
        ({"kind": "folder", "revision": "1a2b3c4d5e", "ref": None, "dirty": True, "url": None}, "1a2b3c4, changed"),
        ({"kind": "revision", "revision": "1a2b3c4d5e", "ref": "main", "dirty": False, "url": None}, "1a2b3c4 (main)"),
        (
            {"kind": "folder", "revision": "1a2b3c4d5e", "ref": "v1", "dirty": True, "url": None},
            "1a2b3c4 (v1), changed",
        ),
        ({"kind": "git", "revision": "1a2b3c4d5e", "ref": "1a2b3", "dirty": False, "url": "x:y"}, "1a2b3c4 of x:y"),
    ],
)
def test_a_dirty_tree_is_said_to_be_one(origin: dict[str, Any], shown: str) -> None:
    assert origin_line(cast(Origin, origin)) == shown
    known = domain.Origin.from_dict(origin).said
    assert known == (shown.partition(" of ")[0] if origin["revision"] else None)


def test_one_says_how_it_was_made() -> None:
    text = build._shown(_build(lock="ms==2.1.3\n\x1b[31m"), PLAIN)
    for part in (
        "node 20.1.0, by pnpm 9.15.9",
        "$ pnpm run build",
        "shown of the secrets TOKEN those that were set",
        "  ms==2.1.3",
        "user:ada",
    ):
        assert part in text
    assert "\x1b" not in text


def test_a_pruning_shows_the_disk_before_and_after() -> None:
    before = {"sources": 1000, "layers": 5_000_000, "artifacts": 0, "cache": 0, "total": 5_001_000}
    after = {**before, "layers": 0, "total": 1000}
    result = {"before": before, "after": after, "builds": ["a"], "layers": 1, "freed": 5_000_000, "dry_run": True}
    text = build._pruned(result, PLAIN)
    assert "AFTERWARDS" in text
    assert text.endswith("1 build and 1 layer would be removed: 5.0 MB freed")


@pytest.mark.parametrize(
    ("kept", "says"),
    [
        ((0, 0, 0, 0), "There is no build."),
        ((2, 0, 0, 1), "3 builds stay: 2 that a release needs, 1 that was used in the last hour"),
        ((0, 0, 0, 1), "1 build stays: 1 that was used in the last hour"),
        (
            (0, 5, 2, 0),
            "7 builds stay: 5 kept as the last used of the others (--keep),"
            " 2 that were used too lately for --older-than",
        ),
    ],
)
def test_a_pruning_that_removes_nothing_says_why(kept: tuple[int, ...], says: str) -> None:
    counts = dict(zip(("needed", "newest", "recent", "last_hour"), kept, strict=True))
    use = dict.fromkeys(("sources", "layers", "artifacts", "cache", "total"), 0)
    result = {"before": use, "after": use, "builds": [], "layers": 0, "freed": 0, "dry_run": False, "kept": counts}
    assert build._pruned(result, PLAIN).splitlines()[-1] == says


@pytest.mark.parametrize(("age", "days"), [("12h", 0.5), ("30d", 30), ("2w", 14), (None, None)])
def test_ages_are_numbers_with_units(age: str | None, days: float | None) -> None:
    assert build._days(age) == days


@pytest.mark.parametrize("age", ["soon", "30", "-1d", "1d2h", "99999999d"])
def test_what_is_no_age_is_said(age: str) -> None:
    with pytest.raises(InvalidInput, match="is no age"):
        build._days(age)
