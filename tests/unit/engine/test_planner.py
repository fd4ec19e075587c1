"""graph × state → steps: each action, each difference, and the order."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadbed.engine.domain import Change, Graph, PlanOptions, Recorded, Step
from roadbed.engine.expressions.values import Secret, record, resolve
from roadbed.engine.planning.facts import Facts
from roadbed.engine.planning.graph import read
from roadbed.engine.planning.planner import Draft, digest, draft
from unit.engine.building import TYPES, Known, document, fingerprint, graph, recorded, ref, resource, state, urn


def steps(wanted: Graph, had: dict[str, Recorded], keep: frozenset[str] = frozenset()) -> dict[str, Step]:
    return {step.name: step for step in drafted(wanted, had, keep=keep).steps}


def drafted(wanted: Graph, had: dict[str, Recorded], **options: Any) -> Draft:
    return draft(wanted, Facts(had, TYPES, Known(had), fingerprint), PlanOptions(**options))


CASES: list[tuple[str, dict[str, Any] | None, dict[str, Any] | None, str]] = [
    ("new", None, {"value": 1}, "create"),
    ("the same", {"value": 1}, {"value": 1}, "none"),
    ("changed", {"value": 1}, {"value": 2}, "update"),
    ("a property more", {}, {"value": 2}, "update"),
    ("a property less", {"value": 2}, {}, "update"),
    ("changed where that makes a new one", {"place": "here"}, {"place": "there"}, "replace"),
    ("gone", {"value": 1}, None, "delete"),
]


@pytest.mark.parametrize(("name", "before", "after", "action"), CASES, ids=[case[0] for case in CASES])
def test_actions(name: str, before: dict[str, Any] | None, after: dict[str, Any] | None, action: str) -> None:
    wanted = graph(*([] if after is None else [resource("a", after)]))
    had = {} if before is None else state(recorded("a", before))
    assert steps(wanted, had)["a"].action == action


def test_a_remark_is_made_where_the_resource_changes() -> None:
    had = state(*(recorded(name, {"value": 1, "place": "here"}) for name in ("same", "changed", "moved")))
    wanted = graph(
        resource("same", {"value": 1, "place": "here"}),
        resource("changed", {"value": 2, "place": "here"}),
        resource("moved", {"value": 1, "place": "there"}),
    )
    remarks = {urn(name): "interrupts it" for name in ("same", "changed", "moved")}
    notes = {step.name: step.note for step in drafted(wanted, had, remarks=remarks).steps}
    assert notes == {"same": None, "changed": "interrupts it", "moved": "interrupts it"}


def test_only_the_smallest_part_that_differs_is_shown() -> None:
    had = state(recorded("a", {"value": {"x": 1, "y": {"z": 2}}}))
    step = steps(graph(resource("a", {"value": {"x": 1, "y": {"z": 3}}})), had)["a"]
    assert step.changes == (Change("value.y.z", before=2, after=3),)


def test_a_reference_to_something_new_is_unknown_and_to_something_old_is_not() -> None:
    had = state(recorded("old"))
    wanted = graph(
        resource("old"), resource("new"), resource("both", {"value": [ref("old"), ref("new")], "size": ref("new")})
    )
    step = steps(wanted, had)["both"]
    assert step.after == {"value": ["id-old", {"$unknown": True}], "size": {"$unknown": True}}
    assert next(change for change in step.changes if change.path == "size").unknown


def test_what_refers_to_something_replaced_is_planned_again() -> None:
    had = state(recorded("a", {"place": "here"}), recorded("b", {"value": "id-a"}, after=("a",)))
    made = steps(graph(resource("a", {"place": "there"}), resource("b", {"value": ref("a")})), had)
    assert (made["a"].action, made["b"].action) == ("replace", "update")


def test_a_secret_is_never_in_a_plan_and_unchanged_one_is_no_change() -> None:
    wanted = graph(resource("a"), resource("b", {"value": {"$join": ["pw=", ref("a", "key")]}}))
    had = state(recorded("a"))
    step = steps(wanted, had)["b"]
    assert step.after["value"].keys() == {"$secret"}
    assert "s3cr3t" not in repr(step)
    assert step.changes == (Change("value", after={"$secret": True}, secret=True),)
    had |= state(recorded("b", step.after, after=("a",)))
    assert steps(wanted, had)["b"].action == "none"


def test_kept_resources_stay_whatever_the_graph_says() -> None:
    had = state(recorded("a", {"value": 1}))
    kept = steps(graph(resource("a", {"value": 2})), had, keep=frozenset({urn("a")}))["a"]
    assert (kept.action, kept.note) == ("none", "kept as it is")


def test_deletions_come_last_and_dependents_first() -> None:
    had = state(recorded("a"), recorded("b", after=("a",)), recorded("c", after=("b",)))
    made = drafted(graph(resource("d")), had)
    assert [step.name for step in made.steps] == ["d", "c", "b", "a"]


names = st.sampled_from("abcdef")
graphs = st.dictionaries(names, st.tuples(st.integers(0, 3), st.sets(names)), max_size=6)


@given(graphs)
def test_planning_what_was_applied_changes_nothing(declared: dict[str, tuple[int, set[str]]]) -> None:
    """Also: the same graph and state give the same plan, byte for byte."""
    wanted = graph(
        *(
            resource(
                name,
                {"size": size, "value": [ref(other) for other in sorted(uses) if other in declared and other < name]},
            )
            for name, (size, uses) in declared.items()
        )
    )
    had: dict[str, Recorded] = {}
    for node in wanted.nodes:
        resolved = {key: resolve(value, Known(had)) for key, value in node.properties.items()}
        had |= state(recorded(node.name, {key: record(value, fingerprint) for key, value in resolved.items()}))
    made, again = drafted(wanted, had), drafted(wanted, had)
    assert all(step.action == "none" for step in made.steps)
    assert digest("shop@dev", 3, made, (), {}, PlanOptions()) == digest("shop@dev", 3, again, (), {}, PlanOptions())


def test_text_with_a_secret_in_it_is_secret() -> None:
    joined = resolve({"$join": ["postgres://app:", {"$secret": "token"}, "@db"]}, Known())
    assert joined == Secret("postgres://app:value of token@db")
    assert "token" not in repr(joined)


def exported(exports: dict[str, Any], had: dict[str, Any], *names: str, **options: Any) -> tuple[Change, ...]:
    there = state(recorded("a"))
    wanted = read({**document(resource("a"), *map(resource, names)), "exports": exports})
    facts = Facts(there, TYPES, Known(there), fingerprint, exports=had)
    return draft(wanted, facts, PlanOptions(**options)).exports


def test_a_plan_says_what_of_its_exports_changes() -> None:
    same = {"id": ref("a")}
    assert exported(same, {"id": "id-a"}) == ()
    assert exported({**same, "more": "x"}, {"id": "id-a"}) == (Change("more", after="x"),)
    assert exported({}, {"id": "id-a"}) == (Change("id", before="id-a"),)
    assert exported(same, {"id": "other"}) == (Change("id", "other", "id-a"),)
    assert exported({}, {"id": "id-a"}, targets=frozenset({urn("a")})) == ()


def test_exports_that_are_secret_or_not_known_yet() -> None:
    (secret,) = exported({"id": {"$secret": "token"}}, {"id": "plain"})
    assert (secret.secret, secret.after) == (True, {"$secret": True})
    (unknown,) = exported({"id": ref("new")}, {}, "new")
    assert unknown.unknown
    kept = {"id": {"$secret": fingerprint("value of token")}}
    assert exported({"id": {"$secret": "token"}}, kept) == ()
