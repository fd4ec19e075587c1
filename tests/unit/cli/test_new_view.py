"""What `roadbed new` says in the end."""

from __future__ import annotations

from typing import Any

import pytest

from roadbed.cli.new import _made, _waits
from roadbed.cli.style import Style


@pytest.mark.parametrize(
    ("result", "waits", "said"),
    [
        ({"url": "http://a.localhost", "release": "v1"}, False, "a runs in dev at http://a.localhost"),
        ({"release": "v1"}, False, "a runs in dev"),
        ({}, False, "a runs in dev"),
        ({"url": None, "release": None}, True, "a waits for an approval in dev: roadbed approval list"),
    ],
)
def test_whether_it_runs(result: dict[str, Any], waits: bool, said: str) -> None:
    made = {"application": "a", "environment": "dev", "directory": "a", **result}
    assert _waits(made) is waits
    assert _made(made, Style()).splitlines()[0] == said
