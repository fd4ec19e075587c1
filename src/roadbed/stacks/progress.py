"""Follows an apply by what its journal says of each resource."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from roadbed.control.domain import Event
from roadbed.control.service import Operations
from roadbed.engine.service import Engine
from roadbed.engine.states import States
from roadbed.kit.access import Principal
from roadbed.kit.errors import NotFound
from roadbed.stacks.domain import Progress
from roadbed.stacks.sources import Resolved
from roadbed.storage.call import Call

_LOOK_AGAIN = 2.0
"""Seconds. Only a net: events say when there is something new, and when the operation has ended."""


class Follower:
    """One look at the journal yields all that is new, so that thousands of resources cost few messages."""

    def __init__(self, operations: Operations, engine: Engine, states: States) -> None:
        self._operations, self._engine, self._states = operations, engine, states
        self._database, self._events = operations.database, operations.events

    def follow(
        self, principal: Principal | None, stack: Resolved, plan: int, after: int, operation: str | None
    ) -> AsyncIterator[Progress]:
        """From the entry behind `after` on. `operation` is the one that the plan was given to, where that is known.

        Subscribed at once, so that nothing is missed; authorises at each look, in transactions of its own.
        """
        subjects = {_subject(stack), *([f"operation:{operation}"] if operation else ())}
        wakes = self._events.subscribe(subject=subjects)
        return self._follow(principal, stack, plan, after, operation, wakes)

    async def _follow(
        self,
        principal: Principal | None,
        stack: Resolved,
        plan: int,
        after: int,
        operation: str | None,
        wakes: AsyncIterator[Event],
    ) -> AsyncIterator[Progress]:
        waking: asyncio.Task[Event | None] | None = None
        quiet = False
        try:
            while True:
                begun = after > 0
                async with self._database.call(principal) as call:  # the end first: the last entry counts
                    ended = await self._ended(call, stack, plan, operation, begun=begun, quiet=quiet)
                    entries = await self._states.journal(call, stack.info, plan, after)
                quiet = not entries
                if entries:
                    after = entries[-1].id
                    yield Progress(entries)
                    if ended:
                        continue
                elif ended:
                    return
                # Even after a look that found something: what is new is told a few times a second, not at each commit.
                waking = waking or asyncio.ensure_future(_woken(wakes, _subject(stack) if after else None))
                done, _ = await asyncio.wait({waking}, timeout=_LOOK_AGAIN)
                if done:
                    if waking.result() is None:  # the server ends
                        return
                    waking = None
        finally:
            if waking is not None:
                waking.cancel()
                with suppress(asyncio.CancelledError):
                    await waking

    async def _ended(
        self, call: Call, stack: Resolved, plan: int, operation: str | None, *, begun: bool, quiet: bool
    ) -> bool:
        """Whether nothing more will come: the operation has ended, or the state went on past the plan without it.

        An apply that has `begun` is over once the state says so, which is a moment before its operation does. Only
        where it has gone `quiet` it is asked whether the operation lives.
        """
        found = await self._states.find(call, stack.info.name)
        if found is None:
            return True
        if begun and (found.applying != plan or not quiet):
            return found.applying != plan
        if operation is not None:
            with suppress(NotFound):
                return (await self._operations.get(call, operation)).ended
        try:
            made = await self._engine.get_plan(call, stack.info, plan)
        except NotFound:
            return True
        return found.applying != plan and found.serial > made.base


def _subject(stack: Resolved) -> str:
    return f"stack:{stack.name}"


async def _woken(wakes: AsyncIterator[Event], subject: str | None) -> Event | None:
    """The next event, where one is given of that subject alone; None when the server ends.

    The operation tells of its own steps several times a second: once the apply goes on they say nothing new here.
    """
    async for event in wakes:
        if subject is None or event.subject == subject:
            return event
    return None
