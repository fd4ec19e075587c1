"""How building blocks are shown."""

from __future__ import annotations

from typing import Any, cast

from roadbed.cli.platform_view import foreseen, published, tried
from roadbed.cli.style import Style
from roadbed.client.blocks import BlockCase, Impact, PublishedVersion

PLAIN = Style()


def case(**said: Any) -> BlockCase:
    made = {"block": "mysql", "example": "small", "state": "same", "file": "golden/small.json"}
    return cast(BlockCase, {**made, "planned": "", "kept": "", "message": "", "hint": "", "place": "", **said})


def impact(**said: Any) -> Impact:
    made: dict[str, Any] = {
        "name": "mysql",
        "version": "1.1.0",
        "owner": None,
        "before": {"dev": "1.0.0"},
        "differences": [],
    }
    more = {"breaks": False, "loses_data": False, "using": 1, "stacks": [], "refused": None}
    return cast(Impact, {**made, **more, **said})


def test_an_example_that_fails_stands_with_its_line() -> None:
    failed = case(state="failed", place="provisioners/mysql/block.py:9", message="KeyError: 'a'")
    assert tried({"items": [case(), case(state="new"), failed]}, PLAIN).splitlines() == [
        "✓ mysql/small",
        "+ mysql/small is not kept yet",
        "✗ mysql/small: provisioners/mysql/block.py:9: KeyError: 'a'",
    ]


def test_a_stack_that_could_not_be_planned_any_more_says_why() -> None:
    problem = {"message": "KeyError: 'a'", "hint": None, "file": "provisioners/mysql/block.py", "line": 9, "column": 0}
    stack: dict[str, Any] = {"stack": "shop@dev", "environment": "dev", "owner": None, "loses_data": False, "steps": []}
    found = impact(stacks=[{**stack, "problems": [problem]}], refused={**problem, "message": "no", "hint": "mend it"})
    assert foreseen({"items": [found]}, PLAIN).splitlines() == [
        "mysql 1.1.0",
        "  dev: 1.0.0 → 1.1.0",
        "  1 stack there asks for it; 1 would change:",
        "    shop@dev could not be planned any more:",
        "      provisioners/mysql/block.py:9: KeyError: 'a'",
        "  would be refused: provisioners/mysql/block.py:9: no",
        "    → mend it",
    ]


def test_what_is_published_says_which_stacks_it_keeps_from_being_planned() -> None:
    stacks = [{"stack": "shop@dev", "problems": []}, {"stack": "orders@dev", "problems": [{}]}]
    done = {"name": "mysql", "version": "2.0.0", "environments": ["dev"], "impact": impact(stacks=stacks)}
    assert published(cast(PublishedVersion, done), PLAIN).splitlines() == [
        "✓ mysql 2.0.0 is used in dev from now on.",
        "1 stack will change with the next deployment or apply.",
        "To do it now: roadbed apply shop@dev",
        "1 stack can't be planned until changed: orders@dev",
    ]
