"""`roadbed stack secrets`, against a platform that answers as the API says."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from typing import Any

import pytest
import typer

from fakes.platform_api import FakePlatform
from fakes.stacks_api import HELD, STACK
from roadbed.kit.errors import InvalidInput

Run = Callable[..., Any]
SECRETS = f"/stacks/{STACK}/secrets"


def sent(platform: FakePlatform) -> dict[str, str]:
    puts = [request for request in platform.requests if request.method == "PUT"]
    return {request.path.rpartition("/")[2]: request.body["value"] for request in puts}


def test_lists_names(roadbed: Run) -> None:
    result = roadbed("stack", "secrets", STACK)
    assert (result.code, result.err) == (0, "")
    assert result.out == (
        "NAME      SET          BY\nAPI_KEY   2026-01-01   user:ada\nTOKEN     2026-01-01   user:ada\n"
    )
    listed = roadbed("stack", "secrets", STACK, "-o", "json").json["items"]
    assert [sorted(item) for item in listed] == [["name", "set_at", "set_by"]] * 2


def test_none_is_a_sentence(roadbed: Run, platform: FakePlatform) -> None:
    platform.answers["GET", SECRETS] = {"items": []}
    result = roadbed("stack", "secrets", STACK)
    assert (result.out, result.err) == ("", "No secrets are set for network@dev.\n")
    assert roadbed("stack", "secrets", STACK, "-o", "json").json["items"] == []


def test_sets_what_is_said(roadbed: Run, platform: FakePlatform) -> None:
    result = roadbed("stack", "secrets", STACK, "set", "A=x=y", "B= z ")
    assert result.out == "Set A, B for network@dev. What that changes: roadbed plan network@dev\n"
    assert sent(platform) == {"A": "x=y", "B": " z "}


def test_reads_what_is_not_said_from_stdin(
    roadbed: Run, platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("first\nsecond\n"))
    assert roadbed("stack", "secrets", STACK, "set", "A", "B=b", "C").code == 0
    assert sent(platform) == {"A": "first", "B": "b", "C": "second"}


def test_asks_unseen_whoever_is_there(roadbed: Run, platform: FakePlatform, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, bool]] = []

    def prompt(name: str, *, hide_input: bool, err: bool) -> str:
        asked.append((name, hide_input and err))
        return "typed"

    monkeypatch.setattr(sys, "stdin", io.StringIO())
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr(typer, "prompt", prompt)
    result = roadbed("stack", "secrets", STACK, "set", "TOKEN")
    assert (result.code, asked, sent(platform)) == (0, [("TOKEN", True)], {"TOKEN": "typed"})
    assert "typed" not in result.out + result.err


def test_nothing_is_sent_before_all_is_known(
    roadbed: Run, platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("first\n"))
    result = roadbed("stack", "secrets", STACK, "set", "A", "B")
    assert (result.code, sent(platform)) == (2, {})
    assert "stdin holds no value for B" in result.err


def test_what_has_that_value_already(roadbed: Run) -> None:
    assert roadbed("stack", "secrets", STACK, "set", f"A={HELD}").out == "Nothing to change.\n"
    done = roadbed("stack", "secrets", STACK, "set", f"A={HELD}", "B=new", "-o", "json").json
    assert done == {"stack": STACK, "set": ["B"], "unchanged": ["A"], "unset": []}


def test_unsets(roadbed: Run, platform: FakePlatform) -> None:
    result = roadbed("stack", "secrets", STACK, "unset", "TOKEN", "API_KEY")
    assert result.out == "Unset TOKEN, API_KEY for network@dev. What that changes: roadbed plan network@dev\n"
    assert [request.path for request in platform.requests if request.method == "DELETE"] == [
        f"{SECRETS}/TOKEN",
        f"{SECRETS}/API_KEY",
    ]


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("network@dev", "sett", "A=1"), 2, ("neither set nor unset", "roadbed stack secrets network@dev set")),
        (("network@dev", "set"), 2, ("what to set?", "roadbed stack secrets network@dev set NAME")),
        (("network@dev", "set", "=1"), 2, ("'=1' sets nothing",)),
        (("network",), 2, ("owner@environment",)),
        (("netwrok@dev",), 4, ("there is no stack 'netwrok@dev'", "did you mean network@dev?")),
        ((), 2, ("STACK",)),
    ],
)
def test_wrong_words(roadbed: Run, words: tuple[str, ...], code: int, says: tuple[str, ...]) -> None:
    result = roadbed("stack", "secrets", *words)
    assert (result.code, result.out) == (code, "")
    for text in says:
        assert text in result.err


def test_an_application_s_are_set_elsewhere(roadbed: Run, platform: FakePlatform) -> None:
    platform.answers["GET", "/stacks/orders@dev/secrets"] = InvalidInput(
        "orders@dev is the stack of an application", hint="see: roadbed config orders"
    )
    result = roadbed("stack", "secrets", "orders@dev")
    assert (result.code, result.out) == (2, "")
    assert "roadbed config orders" in result.err
