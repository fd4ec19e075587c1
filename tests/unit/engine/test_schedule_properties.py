"""Whatever a plan says, its schedule keeps to the rules of the loop (each test is one of them)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import replace as altered
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from roadbed.engine.domain import Graph, Plan, PlanOptions, Recorded, Step
from roadbed.engine.expressions.values import record, resolve
from roadbed.engine.planning.facts import Facts
from roadbed.engine.planning.graph import read
from roadbed.engine.planning.planner import Draft, draft
from roadbed.engine.planning.schedule import MAKING, Effect, schedule
from unit.engine.building import fingerprint
from unit.engine.judging import TYPES, Known, as_plan
from unit.engine.random_stacks import Wishes, document, edits, orders, stacks

DOING = {
    "create": {"create"},
    "adopt": {"create"},
    "update": {"update"},
    "delete": {"delete"},
    "retain": {"forget"},
    "none": set(),
}


def applied(graph: Graph) -> dict[str, Recorded]:
    """The state after a graph was applied to nothing."""
    state: dict[str, Recorded] = {}
    for node in graph.nodes:
        known = Known(state)
        properties = {key: record(resolve(value, known), fingerprint) for key, value in node.properties.items()}
        outputs = {"id": f"id-{node.name}"}
        state[node.urn] = Recorded(
            node.urn, node.type, node.name, outputs["id"], properties, node.depends_on, outputs, options=node.options
        )
    return state


@dataclass(frozen=True)
class Change:
    """A plan, the state that it is for, and its effects with all that each comes after."""

    plan: Plan
    state: dict[str, Recorded]
    effects: tuple[Effect, ...]
    before: dict[str, frozenset[str]]

    @classmethod
    def of(cls, made: Draft, state: dict[str, Recorded]) -> Change:
        plan = as_plan(made)
        effects = schedule(plan)
        before: dict[str, frozenset[str]] = {}
        for effect in effects:
            before[effect.key] = frozenset(effect.after).union(*(before[key] for key in effect.after))
        return cls(plan, state, effects, before)

    @property
    def making(self) -> dict[str, Step]:
        return {step.urn: step for step in self.plan.steps if step.action in MAKING}

    @property
    def ending(self) -> list[Step]:
        return [step for step in self.plan.steps if step.action in ("delete", "retain", "replace")]

    def made(self, step: Step) -> str:
        """The last effect that makes the resource what it is to be."""
        return next(e.key for e in reversed(self.effects) if e.step is step and e.do in ("create", "update", "read"))

    def ended(self, step: Step) -> str:
        return next(e.key for e in self.effects if e.step is step and e.do in ("delete", "forget"))

    def comes(self, first: str, then: str) -> bool:
        return first in self.before[then]

    def stood_on(self, step: Step) -> frozenset[str]:
        """URNs that what ends was made with."""
        return step.depended_on if step.action == "replace" else step.depends_on

    def stands_on(self, urn: str) -> set[str]:
        """All URNs that a wanted resource depends on, directly or not."""
        steps = {step.urn: step for step in self.plan.steps if step.action in {*MAKING, "none"}}
        found: set[str] = set()
        waiting = [urn]
        while waiting:
            step = steps.get(waiting.pop())
            new = step.depends_on - found if step else frozenset[str]()
            found |= new
            waiting += new
        return found

    def interrupted(self) -> set[str]:
        """Keys of what ends because what it stands on is deleted to be replaced: it can't wait for its phase."""
        found: set[str] = {step.key for step in self.ending if step.interrupting}
        waiting = [step for step in self.ending if step.interrupting]
        while waiting:
            used = waiting.pop()
            for step in self.ending:
                if step.key not in found and used.urn in self.stood_on(step):
                    found.add(step.key)
                    waiting.append(step)
        return found


@st.composite
def changes(draw: st.DrawFn) -> Change:
    """Any plan: of an edited stack, some of whose rows are broken, were left by replacements, or are to be replaced."""
    wishes: Wishes = draw(stacks)
    state = applied(read(document(wishes, draw(orders))))
    for urn, row in list(state.items()):
        match draw(st.sampled_from(("as it is", "as it is", "as it is", "broken", "deposed"))):
            case "broken":
                state[urn] = altered(row, broken=True)
            case "deposed":
                state[f"{urn}~1"] = altered(row, deposed="1")
    graph = read(document(draw(edits(wishes)), draw(orders)))
    forced = frozenset(urn for urn in sorted(graph.urns) if draw(st.sampled_from((False, False, False, True))))
    known = Known({row.urn: row for row in state.values() if not row.deposed})
    return Change.of(draft(graph, Facts(state, TYPES, known, fingerprint), PlanOptions(replace=forced)), state)


@given(changes())
def test_each_effect_comes_once_and_after_what_it_waits_for(change: Change) -> None:
    keys = [effect.key for effect in change.effects]
    assert len(set(keys)) == len(keys)
    for index, effect in enumerate(change.effects):
        assert set(effect.after) <= set(keys[:index])


@given(changes())
def test_every_step_is_done_whole_and_nothing_else_is(change: Change) -> None:
    for step in change.plan.steps:
        done = [effect.do for effect in change.effects if effect.step is step and effect.do != "settle"]
        expected = DOING.get(step.action, {"create", "forget" if step.options.retain_on_delete else "delete"})
        assert sorted(done) == sorted(expected), step
    assert {effect.do for effect in change.effects if effect.step is None} <= {"barrier"}


@given(changes())
def test_a_resource_is_made_after_everything_it_depends_on(change: Change) -> None:
    making = change.making
    for step in making.values():
        for urn in change.stands_on(step.urn) & making.keys():
            assert change.comes(change.made(making[urn]), change.made(step))


@given(changes())
def test_infrastructure_is_made_before_rollouts_unless_it_stands_on_one(change: Change) -> None:
    making = change.making
    rollouts = [step for step in making.values() if step.phase == "rollout"]
    for step in making.values():
        if step.phase != "rollout" and not change.stands_on(step.urn) & {rollout.urn for rollout in rollouts}:
            for rollout in rollouts:
                assert change.comes(change.made(step), change.made(rollout))


@given(changes())
def test_what_goes_waits_for_all_that_is_made_and_settled(change: Change) -> None:
    """But for a replacement that deletes first, and what ends because it stands on one."""
    settles = {effect.key for effect in change.effects if effect.do == "settle"}
    made = {change.made(step) for step in change.making.values()}
    interrupted = change.interrupted()
    waiting = [step for step in change.ending if step.key not in interrupted]
    for step in waiting:
        assert made | settles <= change.before[change.ended(step)]
    if waiting:
        assert len(settles) == sum(step.phase == "rollout" for step in change.making.values())


@given(changes())
def test_what_ends_goes_before_what_it_stands_on(change: Change) -> None:
    ending = {step.key: step for step in change.ending}
    for step in ending.values():
        for used in ending.values():
            if used.urn in change.stood_on(step) and used.key != step.key:
                assert change.comes(change.ended(step), change.ended(used)), (step.key, used.key)


@given(changes())
def test_rollouts_go_before_infrastructure_unless_that_stands_on_one(change: Change) -> None:
    interrupted = change.interrupted()
    ending = [step for step in change.ending if step.key not in interrupted]
    on_rollouts = set(_standing_on_rollouts(change, ending))
    for rollout in (step for step in ending if step.phase == "rollout"):
        for step in ending:
            if step.phase != "rollout" and step.key not in on_rollouts:
                assert change.comes(change.ended(rollout), change.ended(step))


def _standing_on_rollouts(change: Change, ending: list[Step]) -> Iterator[str]:
    found = [step for step in ending if step.phase == "rollout"]
    for used in found:
        for step in ending:
            if used.urn in change.stood_on(step) and step not in found:
                found.append(step)
                yield step.key


@given(changes())
def test_the_halves_of_a_replacement_come_in_the_order_that_the_plan_says(change: Change) -> None:
    for step in change.making.values():
        if step.action == "replace":
            halves = (change.made(step), change.ended(step))
            first, then = reversed(halves) if step.interrupting else halves
            assert change.comes(first, then)


@given(stacks)
def test_what_has_nothing_to_do_with_each_other_runs_at_once(wishes: Wishes) -> None:
    """On a fresh stack nothing waits but for what it depends on, and rollouts for infrastructure."""
    change = Change.of(draft(read(document(wishes)), Facts({}, TYPES, Known({}), fingerprint)), {})
    for step in change.making.values():
        waits = {
            effect.step.urn for effect in change.effects if effect.step and change.comes(effect.key, change.made(step))
        }
        if step.phase != "rollout" and not any(wish.type == "Rollout" for wish in wishes.values()):
            assert waits == change.stands_on(step.urn)


@given(changes())
def test_the_same_plan_has_the_same_schedule(change: Change) -> None:
    assert schedule(change.plan) == change.effects


def test_edges_grow_with_the_stack_and_not_with_its_square() -> None:
    """Phases are held apart by barriers, not by an edge for each pair."""
    names = [f"n{index}" for index in range(1000)]

    def graph(generation: str) -> Graph:
        resources: list[dict[str, Any]] = [
            {"urn": f"shop@dev/{generation}{name}#{kind}", "type": kind, "name": name, "properties": {}}
            for name in names
            for kind in ("test:Thing", "test:Rollout")
        ]
        return read({"version": 1, "stack": "shop@dev", "resources": resources})

    state = applied(graph("old"))
    change = draft(graph("new"), Facts(state, TYPES, Known(state), fingerprint))
    assert len(change.steps) == 4000
    assert sum(len(effect.after) for effect in schedule(as_plan(change))) < 4 * 4000
