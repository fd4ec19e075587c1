"""A deployment that failed goes back; one that was refused before it began has nothing to go back from."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock

import pytest

from roadbed.delivery.deployment.way_back import WayBack
from roadbed.engine.errors import NotApproved, PolicyRefused, StalePlan
from roadbed.kit.errors import OperationFailed


async def _gone(error: Exception) -> tuple[AsyncMock, AsyncMock]:
    """How the release was noted as failed, and the transaction in which the way back was planned."""
    planned: dict[str, Any] = {"number": 2, "changes": 0, "told": False, "notes": []}
    run = SimpleNamespace(transaction=AsyncMock(return_value=planned), log=AsyncMock())
    releasing: Any = SimpleNamespace(fail=AsyncMock())
    unused: Any = None
    basis: Any = SimpleNamespace(active=None)
    await WayBack(unused, unused, releasing).go(run, unused, basis, 1, error)  # type: ignore[arg-type]  # all of it that is used
    return releasing.fail, run.transaction


@pytest.mark.parametrize("error", [PolicyRefused("too much"), NotApproved("not yet"), StalePlan("another came first")])
async def test_what_was_refused_before_it_began_makes_nothing(error: Exception) -> None:
    failed, planned = await _gone(error)
    failed.assert_awaited_once()
    planned.assert_not_awaited()


async def test_what_failed_on_the_way_goes_back() -> None:
    failed, planned = await _gone(OperationFailed("it fell"))
    failed.assert_awaited_once()
    planned.assert_awaited_once()
