"""How many calls of one provider run at a time.

A slot is taken for the call alone: what comes before it is done by then, what comes after it happens while the next
call runs. So a provider that bears ten calls at a time has ten, however slow we are in between.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable


class NotBegun(BaseException):
    """Nothing more may begin, and this had not. No error of anybody's, so that nothing takes it for one."""


class Slots:
    """Of one provider, handed over in the order in which they were asked for."""

    def __init__(self, free: int) -> None:
        self._free = free
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def take(self) -> None:
        """Raises NotBegun when those that wait are sent away."""
        if self._free:
            self._free -= 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self.give_back()
            raise

    def give_back(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1

    def send_away(self) -> None:
        """Those that wait now; it does not close: what has begun may need a slot again."""
        for turn in self._waiting:
            if not turn.done():
                turn.set_exception(NotBegun())
        self._waiting.clear()


async def _at_once() -> None: ...


class Place:
    """One caller's place at a provider, for one call after another. `begin` is awaited in the first of its slots."""

    __slots__ = ("_begin", "_inside", "_slots")

    def __init__(self, slots: Slots, begin: Callable[[], Awaitable[None]] = _at_once) -> None:
        self._slots, self._begin, self._inside = slots, begin, False

    async def enter(self) -> None:
        """Raises NotBegun."""
        await self._slots.take()
        self._inside = True
        begin, self._begin = self._begin, _at_once
        try:
            await begin()
        except BaseException:
            self.leave()
            raise

    def leave(self) -> None:
        """May be said more than once: whoever gives a call up leaves for it."""
        if self._inside:
            self._inside = False
            self._slots.give_back()
