"""Looking again whenever something of a stack may have changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from roadbed.control.events import Events

EVERY_S = 1.0
"""Events tell at once; this is for one that got lost."""


async def looks(events: Events, stack: str) -> AsyncIterator[None]:
    """Yields at once, then whenever something of the stack may have changed."""
    subscription = events.subscribe(subject=f"stack:{stack}")
    while True:
        yield
        with suppress(TimeoutError):
            async with asyncio.timeout(EVERY_S):
                if not await subscription.some():  # the platform is going down; who waits here is cancelled soon
                    await asyncio.sleep(EVERY_S)
