"""Policies: what may be registered, what they may yield, what they put right, and how their cases go."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadbed.sdk import policies
from roadbed.sdk.errors import ProgramError
from roadbed.sdk.examples import outcomes
from roadbed.sdk.judging import Judgement, Setting, Wanted, remedy
from roadbed.sdk.policies import (
    Change,
    Context,
    Example,
    PlannedChanges,
    PlannedResource,
    PlannedStack,
    PlannedStep,
    Policy,
    Violation,
    is_secret,
    is_unknown,
    policy,
)

HERE = Context("orders@prod", "prod", "production", "group:default/shops", "orders")
WHY = {"reason": "it is so", "remedy": "do it"}


@pytest.fixture(autouse=True)
def nothing_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policies, "_registered", [])


def thing(
    name: str = "a", type: str = "x:Thing", depends_on: tuple[str, ...] = (), **properties: Any
) -> PlannedResource:
    return PlannedResource(f"orders@prod/{name}#{type}", type, name, properties, depends_on=depends_on)


def judge(one: Policy, *resources: PlannedResource, **more: Any) -> list[tuple[str, str]]:
    """What a policy says: message and remedy, or what went wrong."""
    setting = Setting(one, one.level, HERE)
    found = Judgement(Wanted(resources, **more)).findings(setting)
    return [(repr(each.error) if each.error else each.message, each.remedy) for each in found]


def registered(function: Callable[..., Any], **more: Any) -> Policy:
    policy("p", **{**WHY, **more})(function)
    return policies.registered()[-1]


def _asynchronous() -> Callable[..., Any]:
    async def bad(resource: Any, context: Any) -> None: ...

    return bad


def _documented(resource: PlannedResource, context: Context) -> Iterator[str]:
    """It is documented."""
    yield "no"


def _plain(resource: PlannedResource, context: Context) -> Iterator[str]:
    yield "no"


BROKEN: list[tuple[str, dict[str, Any], Callable[..., Any], str]] = [
    ("a level that there isn't", {"level": "madatory"}, _plain, "'madatory'"),
    ("judging what there isn't", {"on": "graph"}, _plain, "the on 'graph'"),
    ("no reason", {"reason": " "}, _plain, "gives no reason"),
    ("a reason that is no text", {"reason": 5}, _plain, "no text"),
    ("types that are none", {"types": [5]}, _plain, "types that is no text"),
    ("another argument's name is fine, another number not", {}, lambda resource: (), "is called with"),
    ("asynchronous", {}, _asynchronous(), "nobody awaits it"),
    ("a case that is none", {"refuses": {"type": "x"}}, _plain, "no Example in refuses"),
    ("a config that is no map", {"config": ["max"]}, _plain, "no map"),
    ("a config that YAML can't write", {"config": {"max": object()}}, _plain, "can't be written"),
    ("approvals of nobody", {"approvals": {"count": 0, "role": "operator"}}, _plain, "mean nothing"),
    ("approvals without a role", {"approvals": {"count": 1}}, _plain, "mean nothing"),
    ("a plan can't be put right", {"level": "remediate", "on": "plan"}, _plain, "can't remediate a plan"),
]


@pytest.mark.parametrize(("more", "function", "said"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_what_can_not_be_registered(more: dict[str, Any], function: Callable[..., Any], said: str) -> None:
    with pytest.raises(ProgramError, match=said):
        registered(function, **more)


def test_a_docstring_is_a_reason_and_a_name_is_taken_once() -> None:
    assert registered(_documented, reason="").reason == "It is documented."
    with pytest.raises(ProgramError, match="there are two policies 'p'"):
        registered(_plain)


def test_policies_are_asked_of_their_types_with_their_own_config() -> None:
    def few(resource: PlannedResource, context: Context) -> Iterator[str]:
        if resource.properties["count"] > context.config["most"]:
            yield f"{resource.name} has too many"

    one = registered(few, types=("x:*", "y:Thing"), config={"most": 3})
    setting = Setting(one, "advisory", Context("orders@prod", "prod", "production", config={"most": 1}))
    wanted = Wanted([thing("a", count=2), thing("b", "y:Thing", count=2), thing("c", "z:Thing"), thing("d", count=1)])
    assert [found.message for found in Judgement(wanted).findings(setting)] == ["a has too many", "b has too many"]


ANSWERS: list[tuple[str, Any, list[tuple[str, str]]]] = [
    ("a message", ["no"], [("no", "do it")]),
    ("with its remedy", [("no", "that way")], [("no", "that way")]),
    ("a violation", [Violation("no")], [("no", "do it")]),
    ("a violation with a remedy", [Violation("no", "that way")], [("no", "that way")]),
    ("nothing", [], []),
    ("None", None, [("it returned None", "")]),
    ("text", "no", [("it returned 'no'", "")]),
    ("a pair", ("no", "that way"), [("it returned ('no', 'that way')", "")]),
    ("a number", [5], [("it yielded 5", "")]),
    ("three texts", [("a", "b", "c")], [("it yielded ('a', 'b', 'c')", "")]),
    ("a change of who doesn't remediate", [Change("u", {}, "no")], [("it yielded Change(", "")]),
]


@pytest.mark.parametrize(("answer", "said"), [case[1:] for case in ANSWERS], ids=[case[0] for case in ANSWERS])
def test_what_a_policy_may_answer(answer: Any, said: list[tuple[str, str]]) -> None:
    found = judge(registered(lambda resource, context: answer), thing())
    assert len(found) == len(said)
    for (message, remedy_), (expected, expected_remedy) in zip(found, said, strict=True):
        assert expected in message
        assert remedy_ == expected_remedy


def test_a_message_without_a_remedy_needs_one_of_the_policy() -> None:
    assert "without a remedy" in judge(registered(_plain, remedy=None), thing())[0][0]


def test_a_policy_that_raises_fails_alone() -> None:
    def picky(resource: PlannedResource, context: Context) -> Iterator[str]:
        if resource.name == "b":
            raise KeyError("size")
        if resource.name == "c":
            raise SystemExit(3)
        yield f"{resource.name} is wrong"

    found = judge(registered(picky), *map(thing, "abcd"))
    assert [message for message, _ in found] == ["a is wrong", "KeyError('size')", "SystemExit(3)", "d is wrong"]


def test_what_a_plan_leaves_alone_is_only_judged_with_the_stack() -> None:
    one = registered(lambda resource, context: ["no"])
    assert judge(one, thing("a"), thing("b"), left_alone=frozenset({thing("b").urn})) == [("no", "do it")]


def test_policies_on_a_plan_and_on_a_stack() -> None:
    def deletes(plan: PlannedChanges, context: Context) -> Iterator[Violation]:
        for step in plan.changing:
            if step.action == "delete":
                yield Violation("it goes", resource=step.resource)

    def lonely(stack: PlannedStack, context: Context) -> Iterator[Violation]:
        for one in stack.of("x:*"):
            if not stack.consumers(one):
                yield Violation(f"nobody uses {one.name}", resource=one.urn)

    a, b = thing("a"), thing("b", "y:Other", depends_on=(thing("a").urn,))
    steps = [PlannedStep("none", a), PlannedStep("delete", thing("old"))]
    on_plan, on_stack = registered(deletes, on="plan"), Policy("lonely", lonely, on="stack", remedy="drop it")
    wanted = Wanted([a, thing("c"), b], PlannedChanges(steps))
    found = Judgement(wanted).findings(Setting(on_plan, "mandatory", HERE))
    assert [(one.resource, one.message) for one in found] == [(thing("old").urn, "it goes")]
    found = Judgement(wanted).findings(Setting(on_stack, "mandatory", HERE))
    assert [(one.resource, one.message) for one in found] == [(thing("c").urn, "nobody uses c")]
    assert not Judgement(Wanted([])).findings(Setting(on_stack, "mandatory", HERE))
    assert PlannedStack([a, b]).dependencies(b) == [a]


def _tagging(resource: PlannedResource, context: Context) -> Iterator[Change]:
    if "team" not in resource.properties:
        yield Change(resource, {"team": "shops"}, "it has no team")


def _sizing(resource: PlannedResource, context: Context) -> Iterator[Change]:
    if resource.properties.get("size") == "huge":
        yield Change(resource.urn, {"size": "large", "extra": None}, "it is huge")


def test_what_is_wrong_is_put_right_and_the_next_policy_sees_it() -> None:
    settings = [Setting(Policy("p", one, "remediate"), "remediate", HERE) for one in (_tagging, _sizing)]
    wanted = Wanted([thing("a", size="huge", extra=1), thing("b", team="x")])
    remedied = remedy(wanted, settings)
    assert [one.properties for one in remedied.wanted.resources] == [
        {"size": "large", "team": "shops"},
        {"team": "x"},
    ]
    assert [found.message for found in remedied.changes] == ["it has no team", "it is huge"]
    assert not remedied.failed
    assert wanted.resources[0].properties == {"size": "huge", "extra": 1}


def _toggling(value: int) -> Callable[..., Any]:
    def toggle(resource: PlannedResource, context: Context) -> Iterator[Change]:
        if resource.properties["on"] != value:
            yield Change(resource, {"on": value}, f"it is to be {value}")

    return toggle


def test_policies_that_undo_each_other_have_failed() -> None:
    settings = [Setting(Policy(f"p{value}", _toggling(value), "remediate"), "remediate", HERE) for value in (0, 1)]
    wanted = Wanted([thing("a", on=2)])
    remedied = remedy(wanted, settings)
    assert remedied.wanted == wanted
    assert not remedied.changes
    assert [str(found.error) for found in remedied.failed] == [
        f"p0 and p1 never come to an end: on of {thing('a').urn} is changed again and again"
    ] * 2


BAD_CHANGES = [
    (Change("nobody", {"a": 1}, "m"), "which is not there"),
    (Change(thing("a"), {"a": object()}, "m"), "no plain values"),
    ("a message", "it is to remediate, and yielded 'a message'"),
    (Change(thing("a"), {}, 5), "it is to remediate"),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("yielded", "said"), BAD_CHANGES)
def test_what_a_remediating_policy_may_not_yield(yielded: Any, said: str) -> None:
    setting = Setting(Policy("p", lambda resource, context: [yielded], "remediate"), "remediate", HERE)
    remedied = remedy(Wanted([thing("a")]), [setting])
    assert [said in str(found.error) for found in remedied.failed] == [True]


VALUES = st.dictionaries(st.sampled_from("abc"), st.one_of(st.none(), st.integers(0, 2)), max_size=3)


@given(st.lists(VALUES, max_size=4), st.lists(VALUES, min_size=1, max_size=3))
def test_what_was_put_right_stays_so(things: list[dict[str, Any]], wishes: list[dict[str, Any]]) -> None:
    """Whatever policies wish for: either all have what they wish, or they have failed and nothing is changed."""

    def wishing(wish: dict[str, Any]) -> Callable[..., Any]:
        return lambda resource, context: [Change(resource, wish, "so")]

    settings = [
        Setting(Policy(f"p{n}", wishing(wish), "remediate"), "remediate", HERE) for n, wish in enumerate(wishes)
    ]
    wanted = Wanted([thing(str(n), **{k: v for k, v in one.items() if v is not None}) for n, one in enumerate(things)])
    remedied = remedy(wanted, settings)
    if remedied.failed:
        assert remedied.wanted == wanted
        return
    for one in remedied.wanted.resources:
        assert all(one.properties.get(key) == value for wish in wishes for key, value in wish.items())


CASES: list[tuple[str, dict[str, Any], list[str | None]]] = [
    ("as it should be", {"refuses": Example("x:Thing", {"bad": 1}), "passes": Example("x:Thing")}, [None, None]),
    ("no cases", {}, ["it brings no case", "it brings no case"]),
    (
        "the wrong way round",
        {"passes": Example("x:Thing", {"bad": 1}), "refuses": Example("x:Thing")},
        ["says nothing", "and says: bad"],
    ),
    (
        "of another type",
        {"refuses": Example("y:Thing", {"bad": 1}), "passes": Example("x:Thing")},
        ["says nothing: y:Thing is none of its types (x:*)", None],
    ),
    (
        "with a config that there isn't",
        {"refuses": Example("x:Thing", config={"most": 1}), "passes": Example("x:Thing")},
        ["has no such config", None],
    ),
    (
        "that breaks it",
        {"refuses": Example("x:Thing", {"bad": 2}), "passes": Example("x:Thing")},
        ["it raised ZeroDivisionError", None],
    ),
]


@pytest.mark.parametrize(("cases", "wrong"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_cases_are_tried(cases: dict[str, Any], wrong: list[str | None]) -> None:
    def bad(resource: PlannedResource, context: Context) -> Iterator[str]:
        if bad := resource.get("bad"):
            yield "bad" if 1 // (2 - bad) else "good"

    found = list(outcomes([registered(bad, types="x:*", **cases)]))
    assert len(found) == len(wrong)
    for outcome, expected in zip(found, wrong, strict=True):
        assert (outcome.wrong is None) is (expected is None)
        assert expected is None or expected in str(outcome.wrong)


def test_a_case_has_resources_beside_it() -> None:
    def alone(stack: PlannedStack, context: Context) -> Iterator[str]:
        if not any(stack.consumers(one) for one in stack.of("x:Database")):
            yield f"nobody uses it in {context.environment}"

    used = Example("x:Database", name="db", resources=[Example("x:Web", name="web", depends_on=["db"])], kind="test")
    outcome_of = outcomes([registered(alone, on="stack", refuses=Example("x:Database"), passes=used)])
    assert [outcome.wrong for outcome in outcome_of] == [None, None]
    assert Example("x:A", kind="development").context({}).stack == "example@dev"


def test_what_is_a_secret_and_what_is_not_known() -> None:
    joined = {"$join": ["postgres://", {"$secret": "password"}]}
    assert [is_secret(value) for value in (policies.SECRET, joined, policies.UNKNOWN, "text")] == [
        True,
        True,
        False,
        False,
    ]
    assert [is_unknown(value) for value in (policies.SECRET, joined, policies.UNKNOWN, {"a": 1})] == [True] * 3 + [
        False
    ]
    assert thing("a", containers={"web": {"ports": [80]}}).get("containers.web.ports.0") == 80
    assert thing("a").get("containers.web", "none") == "none"
