"""Plans for people: differences, groups, what became of a plan, and how far its apply is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from fakes import portal_data, portal_stacks
from fakes.portal_stacks import NETWORK, RUNNERS
from roadbed.engine.domain import Change, Plan, Step
from roadbed.engine.views import HistoryEntry, JournalEntry
from roadbed.estimates.domain import Estimate, Figure, PlanCost, ResourceCost
from roadbed.estimates.totals import totals
from roadbed.portal.components.plan_diff import Difference, difference
from roadbed.portal.components.plan_progress import finals, progress
from roadbed.portal.components.plan_status import plan_status
from roadbed.portal.components.plan_tree import LARGE, PAGE, page_of, plan_tree
from roadbed.portal.components.plan_words import notes, sign, word
from roadbed.portal.formatting import SECRET
from roadbed.sdk.usage import Amount, Gap
from roadbed.stacks.domain import PlanState, Wish

NOW = datetime(2026, 1, 2, tzinfo=UTC)
OPEN = portal_stacks.PLANS[NETWORK, 12]
GATEWAY, SERVER = portal_stacks.STEPS[3], portal_stacks.STEPS[4]


def marks(found: Difference) -> list[tuple[str, str]]:
    return [(line.mark, line.text) for line in found.lines]


def test_a_plan_is_grouped_by_what_it_belongs_to() -> None:
    tree = plan_tree(portal_data.plan("orders@dev", 31))
    assert [(group.title, [row.sign for row in group.rows]) for group in tree.groups] == [
        ("orders@dev", ["~", "−"]),
        ("web", ["+", "−/+"]),
    ]
    assert len(tree.unchanged) == tree.unchanged_count == 3
    counts = {action: count for action, _, count in tree.counts if count}
    assert counts == {"create": 1, "update": 1, "replace": 1, "delete": 1, "none": 3}
    assert tree.groups[1].rows[0].verdicts[0].policy == "two-replicas"


def test_a_plan_says_what_each_step_adds_to_the_bill_and_what_all_comes_to() -> None:
    plan = portal_data.plan("orders@dev", 31)
    assert plan_tree(plan).money is None
    step = plan.changing[0]
    small, large = (Estimate(Figure(Amount.of(cost)), basis=(f"{cost} × 1 = {cost}",)) for cost in ("1.5", "4"))
    other = ResourceCost("orders@dev/cache#redis:Database", None, Estimate(Figure(None, (Gap("memory", "unsaid"),))))
    found = (ResourceCost(step.urn, small, large), other)
    tree = plan_tree(replace(plan, cost=PlanCost("EUR", totals(found), found, "ESP", "the tables")))
    assert tree.money is not None
    assert tree.money.line.startswith("Costs at least 4.00 EUR a month: +2.50 by this plan")
    assert [(row.before, row.after, row.difference, row.how) for row in tree.money.rows] == [
        ("1.50", "4.00", "+2.50", ("4 × 1 = 4",)),
        ("", "not known", "not known", ("unsaid",)),
    ]
    assert {row.cost for group in tree.groups for row in group.rows if row.key == step.key} == {"+2.50"}


@pytest.mark.parametrize(
    ("change", "before", "after"),
    [
        (Change("size", 2, 3), "2", "3"),
        (Change("size", None, 3), None, "3"),
        (Change("size", 2, None), "2", None),
        (Change("size", 2, "2"), "2", '"2"'),
        (Change("key", None, {"$secret": True}, secret=True), None, SECRET),
        (Change("key", {"$secret": True}, {"$secret": True}, secret=True), None, f"{SECRET} (changed)"),
        (Change("key", {"$secret": True}, None, secret=True), SECRET, None),
        (Change("id", "a", {"$unknown": True}, unknown=True), "a", "(known after apply)"),
        (Change("id", {"$unknown": True}, "b"), "(not known since a change failed)", "b"),
        (Change("tags", {"key": {"$secret": "5f2a"}}, None), f'{{\n  "key": "{SECRET}"\n}}', None),
    ],
)
def test_a_difference_says_both_sides_and_never_a_secret(change: Change, before: str | None, after: str | None) -> None:
    found = difference(change)
    assert (found.before.text if found.before else None, found.after.text if found.after else None) == (before, after)


def test_text_of_several_lines_is_cut_to_what_changed() -> None:
    lines = [f"line {number}" for number in range(20)]
    changed = [*lines[:9], "other", *lines[10:]]
    found = difference(Change("file", "\n".join(lines), "\n".join(changed)))
    assert marks(found) == [
        ("cut", "7 lines unchanged"), ("same", "line 7"), ("same", "line 8"), ("old", "line 9"), ("new", "other"),
        ("same", "line 10"), ("same", "line 11"), ("cut", "8 lines unchanged"),
    ]  # fmt: skip


def test_a_list_says_which_items_come_and_go() -> None:
    found = difference(Change("rules", ["a", "b", {"$secret": "1"}], ["a", "c", {"$secret": "1"}]))
    assert marks(found) == [("same", "a"), ("old", "b"), ("new", "c"), ("same", SECRET)]


def test_thousands_of_lines_that_have_little_in_common_are_counted() -> None:
    old, new = ("".join(f"{letter}{number}\n" for number in range(3_000)) for letter in "ab")
    assert marks(difference(Change("file", old, new))) == [("cut", "3,000 lines replaced by 3,000")]


def test_a_long_value_shows_the_place_where_it_changed_and_keeps_the_whole() -> None:
    found = difference(Change("banner", "x" * 900 + "old" + "y" * 900, "x" * 900 + "new" + "y" * 900))
    assert found.before
    assert found.after
    assert "old" in found.before.text
    assert "new" in found.after.text
    assert len(found.after.text) < 300
    assert len(found.after.whole or "") == 1803


def test_what_may_hurt_is_said_of_a_step() -> None:
    assert [note.text for note in notes(SERVER)] == ["interrupts what uses it"]
    assert [note.text for note in notes(portal_stacks.STEPS[5])] == ["may run twice if the platform crashes meanwhile"]
    assert [note.text for note in notes(portal_stacks.STEPS[10])] == ["moved from legacy/jump"]
    assert (sign(SERVER), sign(portal_stacks.STEPS[2])) == ("−/+", "+/−")
    assert word(SERVER) == "replace: the old one is deleted first"


def test_only_what_tells_somebody_something_is_said_of_rewrites() -> None:
    assert plan_tree(OPEN).rewrites == (
        ("key", "moved from old/key"),
        ("certificate", "is gone: it leaves the state"),
    )


def test_what_policies_say_and_do_stands_beside_the_step_and_what_is_about_the_whole_above() -> None:
    tree = plan_tree(OPEN)
    assert [verdict.policy for verdict in tree.verdicts] == ["few-at-once"]
    row = next(row for group in tree.groups for row in group.rows if row.remedies)
    assert (row.name, row.remedies[0].policy, row.remedies[0].differences[0].path) == ("gateway", "tagged", "tags.team")
    assert row.opens
    assert row.open


def test_a_plan_of_thousands_of_steps_is_a_handful_of_groups() -> None:
    plan = portal_stacks.PLANS[RUNNERS, 3]
    tree = plan_tree(plan)
    (group,) = tree.groups
    assert tree.large
    assert not group.rows
    assert [(chunk.sign, chunk.type, chunk.count) for chunk in group.chunks] == [("+", "command:Run", 5_000)]
    rows, after = page_of(plan, RUNNERS, "command:Run", "create", 4_950)
    assert (len(rows), after) == (50, None)
    rows, after = page_of(plan, RUNNERS, "command:Run", "create", 0)
    assert (len(rows), after) == (PAGE, PAGE)


def test_thousands_of_components_are_grouped_less_deeply() -> None:
    def step(number: int) -> Step:
        urn = f"{NETWORK}/part-{number % 3}/cell-{number}/host#command:Run"
        return Step(urn, "command:Run", "host", "create", "infrastructure")

    plan = replace(
        OPEN, steps=tuple(step(number) for number in range(LARGE * 2)), verdicts=(), rewrites=(), remediations=()
    )
    assert [group.title for group in plan_tree(plan).groups] == ["part-0", "part-1", "part-2"]


def entry(step: Step, do: str, event: str, id_: int = 1) -> JournalEntry:
    return JournalEntry(id_, step.urn, step.deposed, do, event, NOW, {"detail": "no"} if event == "failed" else None)


def test_a_replacement_is_done_when_its_last_half_is() -> None:
    subnet = portal_stacks.STEPS[2]  # the new one first
    made = [entry(subnet, "create", "began"), entry(subnet, "create", "succeeded")]
    assert progress(OPEN, made).state(subnet) == "running"
    assert progress(OPEN, [*made, entry(subnet, "delete", "succeeded")]).state(subnet) == "succeeded"
    gone = [entry(SERVER, "delete", "succeeded")]
    assert progress(OPEN, gone).state(SERVER) == "running"
    assert progress(OPEN, [*gone, entry(SERVER, "create", "succeeded")]).state(SERVER) == "succeeded"
    assert finals(OPEN)[portal_stacks.STEPS[9].key] == "update"  # an import that differs from what is declared


def test_progress_counts_and_keeps_what_failed() -> None:
    found = progress(OPEN, [entry(GATEWAY, "update", "began", 1), entry(GATEWAY, "update", "failed", 2)])
    assert (found.total, found.done, found.failed, found.running, found.left) == (12, 0, 1, 0, 11)
    assert (found.errors, found.after) == ({GATEWAY.key: "no"}, 2)
    again = progress(OPEN, [entry(GATEWAY, "update", "failed", 1), entry(GATEWAY, "update", "succeeded", 2)])
    assert (again.failed, again.errors) == (0, {})


def test_what_was_not_done_is_said_so_once_it_has_ended() -> None:
    found = progress(OPEN, [entry(GATEWAY, "update", "began")], ended=True)
    assert found.state(GATEWAY) == found.state(SERVER) == "skipped"
    assert (found.running, found.left) == (0, 12)


MADE = PlanState(12, Wish(), None)
STACK = portal_stacks.STACKS[NETWORK]
RUNNING, DONE = portal_data.OPERATIONS[0], portal_data.OPERATIONS[2]
APPLIED = HistoryEntry(1, NOW, "user:ada", "apply", 12, "succeeded", {})


@pytest.mark.parametrize(
    ("plan", "made", "operation", "history", "status"),
    [
        (OPEN, MADE, None, None, "open"),
        (OPEN, None, None, None, "preview"),
        (OPEN, replace(MADE, discarded=True), None, None, "discarded"),
        (replace(OPEN, base=7), MADE, None, None, "stale"),
        (portal_stacks.PLANS[NETWORK, 13], MADE, None, None, "refused"),
        (portal_stacks.PLANS[NETWORK, 14], MADE, None, None, "empty"),
        (OPEN, MADE, RUNNING, None, "applying"),
        (OPEN, MADE, replace(RUNNING, state="queued", started_at=None), None, "queued"),
        (OPEN, MADE, DONE, None, "applied"),
        (OPEN, MADE, portal_data.OPERATIONS[3], None, "failed"),
        (OPEN, MADE, portal_data.OPERATIONS[4], None, "cancelled"),
        (OPEN, None, None, APPLIED, "applied"),
        (OPEN, None, None, replace(APPLIED, outcome="failed"), "failed"),
    ],
)
def test_what_became_of_a_plan(plan: Plan, made: Any, operation: Any, history: Any, status: str) -> None:
    assert plan_status(plan, STACK, made, operation, history).name == status


def test_a_plan_that_the_stack_says_is_applied_is_applied() -> None:
    status = plan_status(OPEN, replace(STACK, applying=12), None, None, None)
    assert status.name == "applying"
    assert status.running
