"""`operations.wait` sees an operation through, whatever becomes of the connection meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from roadbed.client import operations
from roadbed.client.operations import Operations
from roadbed.kit.errors import Unavailable


class Scripted(Operations):
    """Answers `get` by a script: a state, or an error to raise."""

    def __init__(self, *script: str | Exception) -> None:
        self.script = list(script)

    def get(self, operation: str) -> Any:
        said = self.script.pop(0)
        if isinstance(said, Exception):
            raise said
        return {"id": operation, "state": said}

    def events(self, operation: str) -> Iterator[Any]:
        yield from ()


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "_LOOK_AGAIN", 0)


@pytest.mark.parametrize("end", ["succeeded", "failed", "cancelled"])
def test_it_returns_the_operation_as_it_ended(end: str) -> None:
    client = Scripted("queued", "running", Unavailable("away"), "running", end)
    assert client.wait("op_1")["state"] == end
    assert client.script == []


def test_a_platform_that_stays_away_is_an_error() -> None:
    with pytest.raises(Unavailable, match="away"):
        Scripted("running", Unavailable("away")).wait("op_1", patience=-1)
