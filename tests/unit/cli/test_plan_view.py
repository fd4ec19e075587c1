"""How a plan is shown, by equality; and that thousands of steps stay readable."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.stacks_api import change, plan, step, urn
from roadbed.cli.plan_diff import difference, edits, focus
from roadbed.cli.plan_view import render
from roadbed.cli.style import Style
from roadbed.cli.text import width


def shown(*steps: Any, **more: Any) -> str:
    options = {name: more.pop(name) for name in ("detail", "columns") if name in more}
    found: Any = plan(*steps, **more)
    return render(found, **options)


def test_a_whole_plan() -> None:
    place = {"file": "modules/network/roadbed.py", "line": 12}
    found = shown(
        step("main", "create", type="acme:Network", kind="component", source=place),
        step(
            "main/subnet",
            "create",
            change("cidr", None, "10.0.0.0/24"),
            change("key", None, {"$secret": True}, secret=True),
        ),
        step("main/inner/dns", "delete", change("value", "x", None)),
        step("web/db", "replace", change("name", "a", "b", replaces=True), order="delete_first", interrupting=True),
        step("web/key", "replace", change("bits", 2048, 4096, replaces=True), order="create_first", may_run_twice=True),
        step("route", "update", change("host", "a", {"$unknown": True}, unknown=True), moved_from=urn("old/route")),
        step("zone", "import", change("ttl", 60, 300), id="Z1", note="an update follows"),
        step("left", "delete", deposed="a1"),
        step("kept", "retain"),
        step("image", "read", id="ami-1"),
        step("lost", "adopt"),
        unchanged=3,
        rewrites=[
            {"was": urn("a"), "urn": urn("b"), "gone": False, "refreshed": False},
            {"was": urn("c"), "urn": urn("c"), "gone": True, "refreshed": False},
            {"was": urn("d"), "urn": urn("d"), "gone": False, "refreshed": True},
            {"was": urn("e"), "urn": urn("e"), "gone": False, "refreshed": False},
            {"was": urn("old/route"), "urn": urn("route"), "gone": False, "refreshed": False},
        ],
        verdicts=[
            {"policy": "no-public", "level": "advisory", "resource": "db", "message": "is public", "remedy": "drop acl"}
        ],
        options={"refresh": True, "targets": ["x"]},
    )
    assert (
        found
        == """\
Plan 4 of network@dev, after a refresh, for 1 resource only

    ~ route  core:Data
        · moved from old/route
        host  "a" → (known after apply)
    = zone  core:Data
        · id Z1
        · an update follows
        ttl  60 → 300
    - left  core:Data
        · left over from an earlier replacement
    ^ kept  core:Data
    > image  core:Data
        · id ami-1
    & lost  core:Data

    + main  acme:Network  modules/network/roadbed.py:12
      + subnet  core:Data
          cidr  "10.0.0.0/24"
          key   (secret)
      inner
        - dns  core:Data
            value  "x"

    web
    -/+ db  core:Data
          ! interrupts what uses it
          name  "a" → "b"  (forces replacement)
    +/- key  core:Data
          ! may run twice if the platform crashes meanwhile
          bits  2048 → 4096  (forces replacement)

  Recorded anew, with nothing done to them:
    b  moved from a
    c  is gone
    d  was found changed
    e  is declared otherwise

  advisory no-public: db: is public
    → drop acl

  +/- replaced, the new one first
  -/+ replaced, the old one deleted first
  >   read only
  &   what an earlier attempt left is taken over, or it is made
  =   imported
  ^   let go: stays in the world, leaves the state
2 to create, 1 to update, 2 to replace, 2 to delete, 1 to read, 1 to adopt, \
1 to import, 1 to let go, 4 to be recorded anew; 3 unchanged."""
    )


def test_only_marks_that_need_it_are_explained() -> None:
    assert shown(step("a", "create"), step("b", "delete")) == (
        "Plan 4 of network@dev\n\n  + a  core:Data\n  - b  core:Data\n\n1 to create, 1 to delete."
    )


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"unchanged": 1}, "Nothing to change: 1 resource of network@dev as declared."),
        ({"unchanged": 5000}, "Nothing to change: 5,000 resources of network@dev as declared."),
        ({"options": {"destroy": True}}, "Nothing to delete: network@dev holds no resources."),
        (
            {"unchanged": 2, "empty": False},
            "Nothing to change: 2 resources of network@dev as declared. What the state says of some is recorded anew.",
        ),
    ],
)
def test_nothing_to_do_is_one_line(more: dict[str, Any], text: str) -> None:
    assert shown(**more) == text


def test_alike_ones_are_gathered() -> None:
    steps = [step(f"item-{number}", "create", change("value", None, number)) for number in range(5000)]
    lines = shown(*steps).splitlines()
    assert len(lines) < 30
    assert lines[-3:] == ["  + 4,990 more core:Data", "", "5,000 to create."]
    assert len(shown(*steps, detail=True).splitlines()) > 10_000


def test_what_is_unlike_the_others_is_shown() -> None:
    steps = [step(f"item-{number}", "update", change("value", 1, 2)) for number in range(100)]
    found = shown(*steps, step("odd", "update", change("other", 1, 2)), step("risky", "create", may_run_twice=True))
    assert "~ 90 more core:Data (value)" in found
    assert "~ odd  core:Data" in found
    assert "may run twice" in found


def test_alike_components_are_gathered() -> None:
    steps = [
        each
        for number in range(1000)
        for each in (
            step(f"team-{number}", "create", type="acme:Team", kind="component"),
            step(f"team-{number}/db", "create"),
        )
    ]
    found = shown(*steps)
    assert "  … and 997 more like it: + 997 core:Data, + 997 acme:Team\n" in found
    assert found.count("acme:Team\n") == 4


@pytest.mark.parametrize("columns", [80, 100])
def test_it_fits(columns: int) -> None:
    long = "registry.example.com/team/orders/service-with-a-long-name"
    found = shown(
        step(
            "main/deeply/nested/resource",
            "update",
            change("image", f"{long}:v1.2.3-{'a' * 40}", f"{long}:v1.2.4-{'a' * 40}"),
            change("command", ["python", "x" * 100], ["python", "y" * 100]),
            change("script", "a\n" + "b" * 200, "a\n" + "c" * 200),
            source={"file": "modules/a-module-with-a-long-name/roadbed.py", "line": 120},
        ),
        step("main/deeply/nested/other", "create", change("script", None, "x" * 300)),
        columns=columns,
    )
    assert max(map(width, found.splitlines())) <= columns
    assert "v1.2.3" in found
    assert "v1.2.4" in found


def test_colours() -> None:
    found: Any = plan(step("a", "create"))
    assert "\033[32;1m+\033[0m" in render(found, Style(True))


class TestDifference:
    def lines(self, before: Any, after: Any, room: int = 40, **more: bool) -> list[str]:
        found: Any = change("x", before, after, **more)
        return difference(found, "update", room)

    @pytest.mark.parametrize(
        ("before", "after", "text"),
        [
            (1, 2, "1 → 2"),
            (None, "a", '(none) → "a"'),
            (True, None, "true → (none)"),
            (["a"], ["a", "b"], '["a"] → ["a", "b"]'),
            ("a\x1b[2J", "b", '"a\\u001b[2J" → "b"'),
        ],
    )
    def test_short(self, before: Any, after: Any, text: str) -> None:
        assert self.lines(before, after) == [text]

    def test_secret(self) -> None:
        assert self.lines({"$secret": True}, {"$secret": True}, secret=True) == ["(secret changed)"]
        assert self.lines(None, {"$secret": True}, secret=True) == ["(none) → (secret)"]
        assert self.lines({"$secret": True}, None, secret=True) == ["(secret) → (none)"]

    def test_a_secret_within_a_value(self) -> None:
        assert self.lines(["a", None], ["a", None]) == ["(a secret in it changed)"]

    def test_unknown(self) -> None:
        assert self.lines("a", {"$unknown": True}, unknown=True) == ['"a" → (known after apply)']

    def test_what_an_update_that_failed_left_unknown(self) -> None:
        since = "(not known since a change failed)"
        assert self.lines({"$unknown": True}, "b", room=60) == [f'{since} → "b"']
        assert self.lines({"$unknown": True}, {"$secret": True}, room=60) == [f"{since} → (secret)"]
        both = self.lines({"$unknown": True}, {"$unknown": True}, room=60, unknown=True)
        assert both == [f"{since} → (known after apply)"]

    def test_a_list_by_element(self) -> None:
        before, after = [f"element-{number}" for number in range(6)], [f"element-{number}" for number in range(7)]
        after[2] = "other"
        assert self.lines(before, after) == [
            "",
            "⋮ 2 elements unchanged",
            '- "element-2"',
            '+ "other"',
            "⋮ 3 elements unchanged",
            '+ "element-6"',
        ]

    def test_text_by_line(self) -> None:
        before = "".join(f"line {number}\n" for number in range(9))
        assert self.lines(before, before.replace("line 4", "line four")) == [
            "",
            "⋮ 2 lines unchanged",
            "  line 2",
            "  line 3",
            "- line 4",
            "+ line four",
            "  line 5",
            "  line 6",
            "⋮ 2 lines unchanged",
        ]

    def test_a_last_line_break(self) -> None:
        assert self.lines("a\n", "a") == ['"a\\n" → "a"']

    def test_thousands_of_changed_lines_are_counted(self) -> None:
        before, after = ("".join(f"{word} {number}\n" for number in range(3000)) for word in ("a", "b"))
        assert self.lines(before, after) == ["", "⋮ 3,000 lines replaced by 3,000"]

    def test_a_screenful_at_most(self) -> None:
        before, after = ("".join(f"{word} {number}\n" for number in range(100)) for word in ("a", "b"))
        assert self.lines(before, after)[-1] == "⋮ 184 more changed; --detail shows them"


texts = st.lists(st.sampled_from("abc"), max_size=30)


@given(texts, texts, st.integers(0, 3))
def test_edits_make_one_of_the_other(before: list[str], after: list[str], context: int) -> None:
    """What is taken away and put in, with what is left in its place, is the whole of both."""
    kept = [text for mark, text in edits(before, after, noun="line", context=99) if mark in " -"]
    made = [text for mark, text in edits(before, after, noun="line", context=99) if mark in " +"]
    assert (kept, made) == (before, after)
    some = list(edits(before, after, noun="line", context=context))
    assert [edit for edit in some if edit[0] in "+-"] == [
        edit for edit in edits(before, after, noun="line", context=99) if edit[0] in "+-"
    ]


@given(st.text(), st.text(), st.integers(8, 40))
def test_what_is_focused_fits(before: str, after: str, columns: int) -> None:
    assert all(width(text) <= columns for text in focus(before, after, columns))


@given(st.text("ab", max_size=200), st.text("ab", max_size=200), st.integers(20, 60))
def test_two_that_differ_are_seen_to_differ(before: str, after: str, columns: int) -> None:
    old, new = focus(before, after, columns)
    assert (old == new) == (before == after) or old.endswith("…")


def test_what_is_declared_and_not_in_force_is_told_even_where_nothing_changes() -> None:
    note = {"message": "jobs is not in force here yet", "source": {"file": "roadbed.yaml", "line": 9}}
    told = "  · jobs is not in force here yet  roadbed.yaml:9"
    assert told in shown(step("db", "create"), notes=[note]).splitlines()
    assert shown(unchanged=2, notes=[note]).splitlines()[-1] == told


def test_what_policies_put_right_and_say_is_shown_with_its_place() -> None:
    found = shown(
        step("web", "create"),
        remediations=[
            {
                "policy": "tagged",
                "pack": "cost",
                "resource": urn("web"),
                "message": "it had no team",
                "reason": "Whoever pays wants to know.",
                "changes": [change("tags.team", None, "net")],
                "source": {"file": "roadbed.py", "line": 4},
            }
        ],
        verdicts=[
            {
                "policy": "no-public",
                "pack": "security",
                "level": "mandatory",
                "resource": urn("web"),
                "message": "it is public",
                "remedy": "drop acl",
                "reason": "Leaks are for ever.",
                "refuses": False,
                "waived_by": "waiver-3",
                "source": {"file": "roadbed.py", "line": 4},
            }
        ],
    )
    assert (
        f"""
  Put right by policies:
    tagged  web  roadbed.py:4
      it had no team
      tags.team  (none) → "net"

  mandatory no-public: {urn("web")}: it is public  roadbed.py:4
    → drop acl
    why: Leaks are for ever.
    waived: waiver-3
"""
        in found
    )


def test_what_policies_put_right_is_told_also_when_nothing_changes() -> None:
    mended = {"policy": "tagged", "pack": "cost", "resource": urn("web"), "message": "it had no team", "reason": "so"}
    found = shown(unchanged=1, remediations=[{**mended, "changes": [change("team", None, "net")], "source": None}])
    assert 'tagged  web\n      it had no team\n      team  (none) → "net"' in found
    assert found.endswith("Nothing to change: 1 resource of network@dev as declared.")
