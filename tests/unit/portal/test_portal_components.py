"""States as tones, times and lines as people read them, the graph's data."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest

from fakes import portal_data, portal_stacks
from roadbed.control.domain import State, StepState
from roadbed.delivery.domain import ReleaseStatus
from roadbed.delivery.views import Resource
from roadbed.engine.domain import Step
from roadbed.portal import formatting
from roadbed.portal.components.graph import application_picture, plan_picture, stack_picture
from roadbed.portal.components.tones import tone
from roadbed.portal.pages.catalog import related
from roadbed.portal.pages.operations import outcome_path, stack_path, target_path
from roadbed.runtimes.domain import Health, Shown

NOW = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "state",
    [state for words in (Health, Shown, State, StepState, ReleaseStatus) for state in get_args(words)],
)
def test_every_state_that_there_is_has_a_tone(state: str) -> None:
    assert tone(state).label != state


def test_an_unknown_state_keeps_its_word() -> None:
    assert (tone("half_baked").name, tone("half_baked").label) == ("idle", "Half baked")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(2, "just now"), (45, "45 s ago"), (60, "1 min ago"), (7_300, "2 h ago"), (200_000, "2 d ago"), (-5, "just now")],
)
def test_ago(seconds: int, words: str) -> None:
    assert formatting.ago(NOW - timedelta(seconds=seconds), NOW) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.42, "0.4 s"), (59.9, "59 s"), (125, "2 min 5 s"), (3 * 3600 + 61, "3 h 1 min"), (76 * 3600, "3 d 4 h")],
)
def test_lasting(seconds: float, words: str) -> None:
    assert formatting.lasting(timedelta(seconds=seconds)) == words


def test_a_line_loses_colours_and_control_characters() -> None:
    assert formatting.plain("\x1b[1;32mok\x1b[0m\x07 \x1b]0;title\x07done\ttab") == "ok done\ttab"


@pytest.mark.parametrize(
    ("text", "shown"),
    [("it failed", "It failed"), ("no, it didn't", "No, it didn't"), ("orders@dev/web: no", "orders@dev/web: no")],
)
def test_a_sentence_begins_with_a_capital_unless_with_a_name(text: str, shown: str) -> None:
    assert formatting.sentence(text) == shown


def test_a_word_is_quoted_only_where_it_must_be() -> None:
    assert [formatting.shell_word(word) for word in ("orders", "a b", "it's")] == ["orders", "'a b'", "'it'\"'\"'s'"]


def _drawn(*resources: Resource) -> Any:
    return json.loads(application_picture(resources).data)


def test_the_graph_draws_only_edges_between_what_is_there() -> None:
    a, b = "s@dev/a#t", "s@dev/b<script>#t"
    picture = _drawn(Resource(b, "t", "b", "created", frozenset({a, "s@dev/gone#t"})), Resource(a, "t", "a", "created"))
    assert picture["edges"] == [{"from": a, "to": b}]
    assert picture["nodes"][0]["label"] == "b<script>"
    assert picture["frames"] == []


def test_resources_of_one_name_stand_in_frames_that_tell_them_apart() -> None:
    web, api = "s@dev/web/db#t", "s@dev/api/data/db#t"
    picture = _drawn(Resource(web, "t", "db", "created"), Resource(api, "t", "db", "created"))
    assert [(node["label"], node["parent"]) for node in picture["nodes"]] == [
        ("db", "frame web"),
        ("db", "frame api/data"),
    ]
    assert [(frame["id"], frame["label"], frame["parent"]) for frame in picture["frames"]] == [
        ("frame api", "api", ""),
        ("frame api/data", "data", "frame api"),
        ("frame web", "web", ""),
    ]


def test_what_is_named_like_its_workload_stands_in_it() -> None:
    service, database = "s@dev/web#runtime:Service", "s@dev/web/db#t"
    picture = _drawn(
        Resource(service, "runtime:Service", "web", "created", frozenset({database})),
        Resource(database, "t", "db", "created"),
    )
    assert {node["parent"] for node in picture["nodes"]} == {"frame web"}
    assert picture["edges"] == [{"from": database, "to": service}]


def test_a_component_is_the_frame_of_what_it_holds() -> None:
    shown = stack_picture(portal_stacks.resources(portal_stacks.NETWORK), {})
    picture = json.loads(shown.data)
    main = f"{portal_stacks.NETWORK}/main#acme:Network"
    assert [frame["id"] for frame in picture["frames"]] == ["frame databases", main]
    assert picture["frames"][1] | {"parent": "", "label": "main", "type": "acme:Network"} == picture["frames"][1]
    assert main not in {node["id"] for node in picture["nodes"]}
    assert main not in {edge["to"] for edge in picture["edges"]}, "that it holds them is seen"
    assert {node["state"] for node in picture["nodes"] if node["label"] == "backup"} == {"bad"}


def test_a_plan_says_on_its_frames_what_is_done_to_components() -> None:
    component, inner = "s@dev/net#acme:Net", "s@dev/net/vpc#t"
    steps = (
        Step(inner, "t", "vpc", "create", "infrastructure"),
        Step(component, "acme:Net", "net", "create", "infrastructure", kind="component", depends_on=frozenset({inner})),
    )
    picture = json.loads(plan_picture(steps, None).data)
    assert [(one["label"], one["action"]) for one in picture["frames"]] == [("+ net", "create")]
    assert [(one["label"], one["parent"]) for one in picture["nodes"]] == [("+ vpc", component)]
    assert picture["edges"] == []


def test_relations_stand_in_the_order_in_which_people_look_for_them() -> None:
    shown = related(portal_data.ENTITIES[0].relations)
    assert [title for title, _ in shown] == ["Owned by", "Part of", "Depends on", "Needed by", "Provides", "Consumes"]
    assert shown[-1][1][0].missing
    assert shown[0][1][0].href == "/catalog/group/default/payments"


def test_an_operation_leads_to_what_came_of_it() -> None:
    done, failed = portal_data.OPERATIONS[2], portal_data.OPERATIONS[3]
    assert outcome_path(done) == "/applications/orders?environment=dev"
    assert outcome_path(failed) is None
    assert stack_path("orders@dev") == "/applications/orders?environment=dev"
    assert stack_path("python-api") is None
    assert target_path(done) == "/applications/orders?environment=dev"
    assert target_path(replace(done, kind="stack.apply", target="network@dev")) == "/stacks/network@dev"
