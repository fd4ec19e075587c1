"""What people have put data into is not deleted unnoticed, and not at all by going back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from roadbed.engine.domain import Graph, Options, PlanOptions, Recorded, Step
from roadbed.engine.planning.facts import Facts
from roadbed.engine.planning.planner import draft
from roadbed.providers.postgres import types as postgres
from unit.engine.building import TYPES, Known, fingerprint, graph, recorded, resource, state

HOLDING = {name: replace(one, holds_data=name == "test:Thing") for name, one in TYPES.items()}


def steps(wanted: Graph, had: dict[str, Recorded], **options: Any) -> dict[str, Step]:
    found = draft(wanted, Facts(had, HOLDING, Known(had), fingerprint), PlanOptions(**options))
    return {step.name: step for step in found.steps}


def test_a_deletion_and_a_replacement_say_that_data_is_lost() -> None:
    had = state(recorded("gone"), recorded("moved", {"place": "here"}), recorded("other", {"value": 1}))
    found = steps(graph(resource("moved", {"place": "there"}), resource("other", {"value": 2})), had)
    assert {name: (step.action, step.loses_data) for name, step in found.items()} == {
        "gone": ("delete", True),
        "moved": ("replace", True),
        "other": ("update", False),
    }


def test_what_is_retained_or_never_came_to_be_loses_nothing() -> None:
    kept = replace(recorded("kept"), options=Options(retain_on_delete=True))
    broken = replace(recorded("broken"), broken=True)
    found = steps(graph(), state(kept, broken))
    assert {name: (step.action, step.loses_data) for name, step in found.items()} == {
        "kept": ("retain", False),
        "broken": ("delete", False),
    }


def test_going_back_keeps_what_holds_data_and_what_that_stands_on() -> None:
    rollout = {"type": "test:Rollout"}
    server, network, left = (
        replace(recorded(name, after=after), **rollout)  # type: ignore[arg-type]  # one of its fields
        for name, after in (("server", ("network",)), ("network", ()), ("left", ()))
    )
    had = state(recorded("db", after=("server",)), server, network, left)
    assert set(steps(graph(), had, keep_data=True)) == {"left"}
    assert set(steps(graph(), had)) == {"left", "db", "server", "network"}


def test_a_type_may_hold_data_by_a_property_only() -> None:
    by_size = {name: replace(one, holds_data="size" if name == "test:Thing" else False) for name, one in TYPES.items()}
    had = state(recorded("sized", {"size": 3}), recorded("flat", {"size": False}), recorded("bare"))
    found = draft(graph(), Facts(had, by_size, Known(had), fingerprint), PlanOptions())
    assert {step.name: step.loses_data for step in found.steps} == {"sized": True, "flat": False, "bare": False}
    back = draft(graph(), Facts(had, by_size, Known(had), fingerprint), PlanOptions(keep_data=True))
    assert {step.name for step in back.steps} == {"flat", "bare"}


def test_a_login_that_makes_databases_holds_data() -> None:
    assert postgres.TYPES["postgres:Role"].holds({"create_databases": True})
    assert not postgres.TYPES["postgres:Role"].holds({})
    assert not postgres.TYPES["postgres:Role"].holds({"create_databases": False})
