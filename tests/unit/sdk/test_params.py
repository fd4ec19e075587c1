"""Which params a provisioner takes: others are told, and those of a wrong type refused."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

import roadbed
from roadbed.sdk.contracts import CONTRACTS
from roadbed.sdk.errors import ProgramError
from roadbed.sdk.params import Param, check_declared, described, missing, unknown, with_defaults, wrong
from roadbed.sdk.references import Reference

DECLARED: dict[str, Any] = {
    "on": bool,
    "count": int,
    "share": float,
    "name": str,
    "port": str | int,
    "tags": list,
    "labels": dict,
}
LATER = Reference("orders@dev/db#postgres:Database", "host")


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"on": True, "count": 3, "share": 0.5, "name": "a", "port": 80, "tags": [], "labels": {}},
        {"share": 1, "port": "http"},
        dict.fromkeys(DECLARED),
        dict.fromkeys(DECLARED, LATER),
        dict.fromkeys(DECLARED, f"{LATER}"),
        {"strange": object()},
    ],
)
def test_what_fits_is_taken(given: dict[str, Any]) -> None:
    assert list(wrong(DECLARED, given)) == []


@pytest.mark.parametrize(
    ("name", "value", "expected", "found"),
    [
        ("on", "maybe", "true or false", "'maybe'"),
        ("on", 1, "true or false", "1"),
        ("count", True, "a whole number", "true"),
        ("count", 1.5, "a whole number", "1.5"),
        ("share", "much", "a number", "'much'"),
        ("name", ["a"], "text", "a list"),
        ("port", {"a": 1}, "text or a whole number", "a mapping"),
        ("tags", "a", "a list", "'a'"),
    ],
)
def test_what_does_not_fit_is_told(name: str, value: Any, expected: str, found: str) -> None:
    assert list(wrong(DECLARED, {name: value})) == [(name, expected, found)]


def test_what_is_unknown_is_told_with_the_nearest_name() -> None:
    assert list(unknown(DECLARED, {"nmae": 1, "count": 1, "zzz": 1})) == [
        ("nmae", " (is that 'name'?)"),
        ("zzz", ""),
    ]


def test_only_types_that_a_file_can_say_are_declared() -> None:
    check_declared(DECLARED)
    for impossible in (bytes, str | bytes, "int"):
        with pytest.raises(ProgramError, match="the param 'a' can't be of the type"):
            check_declared({"a": impossible})  # type: ignore[dict-item]


def test_the_platforms_own_provisioners_take_what_the_reference_says() -> None:
    starter = Path(roadbed.__file__).parent / "platform" / "starter" / "provisioners" / "defaults.py"
    declared = {}
    for function in ast.parse(starter.read_text()).body:
        for call in getattr(function, "decorator_list", ()):
            (params,) = (each.value for each in call.keywords if each.arg == "params")
            declared[call.args[0].value] = {key.value for key in params.keys}
    assert declared == {name: set(CONTRACTS[name].params) for name in declared}
    assert len(declared) > 10


SIZES = {"size": Param(str, default="small", choices=("small", "large"), help="How much."), "plan": Param(int | str)}


@pytest.mark.parametrize(
    ("given", "filled", "told"),
    [
        ({}, {"size": "small"}, []),
        ({"size": None}, {"size": "small"}, []),
        ({"size": "large", "plan": 1}, {"size": "large", "plan": 1}, []),
        ({"size": "huge"}, {"size": "huge"}, [("size", "one of small, large", "'huge'")]),
        ({"size": 3}, {"size": 3}, [("size", "text", "3")]),
        ({"size": LATER}, {"size": LATER}, []),
    ],
)
def test_a_param_has_a_default_and_few_choices(given: Any, filled: Any, told: Any) -> None:
    assert list(wrong(SIZES, given)) == told
    assert with_defaults(SIZES, given) == filled


def test_what_is_known_later_is_any_of_the_choices() -> None:
    assert list(wrong(SIZES, {"size": f"{LATER}"})) == []


def test_a_required_param_must_be_given() -> None:
    needed: dict[str, Any] = {"host": Param(str, required=True, help="Where it is."), "port": int}
    assert list(missing(needed, {"port": 1})) == [("host", "Where it is.")]
    assert list(missing(needed, {"host": None})) == [("host", "Where it is.")]
    assert list(missing(needed, {"host": "a"})) == []


@pytest.mark.parametrize(
    ("param", "said"),
    [
        (Param(int, default="a"), "the default of the param 'x' is 'a', and must be a whole number"),
        (Param(str, default="c", choices=("a", "b")), "the default of the param 'x' is 'c', and must be one of a, b"),
        (Param(str, choices=(1,)), "the param 'x' has the choice 1, which is not text"),
        (Param(str, default="a", required=True), "the param 'x' is required and has a default"),
        (Param(set), "the param 'x' can't be of the type <class 'set'>"),
    ],
)
def test_what_a_param_says_of_itself_must_fit(param: Param, said: str) -> None:
    with pytest.raises(ProgramError) as caught:
        check_declared({"x": param})
    assert caught.value.message == said


def test_forms_are_made_of_all_that_is_declared() -> None:
    assert described({**SIZES, "plain": bool}, {"plain": "Whether.", "size": "unused"}) == {
        "size": {
            "types": ["string"],
            "default": "small",
            "choices": ["small", "large"],
            "required": False,
            "help": "How much.",
        },
        "plan": {"types": ["integer", "string"], "default": None, "choices": [], "required": False, "help": ""},
        "plain": {"types": ["boolean"], "default": None, "choices": [], "required": False, "help": "Whether."},
    }
