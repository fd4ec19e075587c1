"""Waiting for a condition, never for a time."""

from __future__ import annotations

import asyncio
import inspect
import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar, overload

T = TypeVar("T")


@overload
async def until(
    condition: Callable[[], Awaitable[T]], *, patience: float = 20, every: float = 0.02, what: str = "the condition"
) -> T: ...
@overload
async def until(
    condition: Callable[[], T], *, patience: float = 20, every: float = 0.02, what: str = "the condition"
) -> T: ...
async def until(
    condition: Callable[[], T | Awaitable[T]], *, patience: float = 20, every: float = 0.02, what: str = "the condition"
) -> T:
    """Polls until `condition` (plain or async) gives something true, and returns that.

    `patience`, in seconds, only ends a test that hangs: choose it far beyond what a loaded machine needs.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience
    while True:
        answer = condition()
        value: T = await answer if inspect.isawaitable(answer) else answer
        if value:
            return value
        if loop.time() > deadline:
            raise AssertionError(f"{what} did not come true in {patience} s; last: {value!r}")
        await asyncio.sleep(every)


def kill(child: int) -> None:
    """Returns when it has ended, and so holds no port any more; collecting it is for whoever started it."""
    os.kill(child, signal.SIGKILL)
    with suppress(ChildProcessError):  # it was collected already
        os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
