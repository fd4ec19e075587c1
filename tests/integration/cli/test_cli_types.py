"""`roadbed types`: what can be declared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fakes.platform_api import FakePlatform
from fakes.stacks_api import TYPE, TYPE_ROW

Run = Callable[..., Any]


def test_types_are_listed(roadbed: Run) -> None:
    assert roadbed("types").out.splitlines() == ["TYPE            WHAT", "acme:Database   A database."]
    assert roadbed("types", "-o", "json").json["items"] == [TYPE_ROW]


def test_a_type_says_what_it_takes_and_gives_and_how_it_is_declared(roadbed: Run, platform: FakePlatform) -> None:
    lines = roadbed("types", "show", "acme:Database").out.splitlines()
    assert lines[:2] == ["acme:Database", "A database."]
    assert "size (required)   integer            –         replaces it   What it says." in lines
    assert any(line.startswith("password ") and "string, a secret" in line for line in lines)
    assert any(line.startswith("region ") and '"eu"' in line for line in lines)
    assert any(line.startswith("key ") and "secret" in line for line in lines)
    assert lines[-1] == '  database = acme.Database("database", size=...)'
    assert roadbed("types", "show", "acme:Database", "-o", "json").json == TYPE
    assert platform.asked("GET", "/resource-types/acme:Database")
