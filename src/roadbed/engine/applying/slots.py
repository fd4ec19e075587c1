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

    async def take(self, *, first: bool = False) -> None:
        """Before all others that wait, if it is to be `first`. Raises NotBegun when those that wait are sent away."""
        if self._free:
            self._free -= 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if first:
            self._waiting.appendleft(turn)
        else:
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
        """Those that wait now. It does not close: what has begun may need a slot for its next call."""
        for turn in self._waiting:
            if not turn.done():
                turn.set_exception(NotBegun())
        self._waiting.clear()


async def _at_once() -> None: ...


class Place:
    """One caller's place at a provider, for one call after another. `begin` is awaited in the first of its slots.

    One that is `pressing` goes before others, and is not sent away.
    """

    __slots__ = ("_begin", "_begun", "_inside", "_pressing", "_slots")

    def __init__(
        self, slots: Slots, begin: Callable[[], Awaitable[None]] = _at_once, *, pressing: bool = False
    ) -> None:
        self._slots, self._begin, self._pressing = slots, begin, pressing
        self._begun = self._inside = False

    async def enter(self) -> None:
        """Raises NotBegun, the first time."""
        try:
            await self._slots.take(first=self._pressing)
        except NotBegun:
            if not (self._begun or self._pressing):
                raise
            await self._slots.take(first=self._pressing)
        self._inside = True
        if self._begun:
            return
        try:
            await self._begin()
        except BaseException:
            self.leave()
            raise
        self._begun = True

    def leave(self) -> None:
        """May be said more than once: whoever gives a call up leaves for it."""
        if self._inside:
            self._inside = False
            self._slots.give_back()
