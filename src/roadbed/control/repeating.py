"""Work that a server does again and again, for as long as it lives."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from roadbed.control.lost import is_lost


async def repeat(work: Callable[[], Awaitable[object]], every: float, trouble: str, log: logging.Logger) -> None:
    """Until it is cancelled: rests `every` seconds, then works. What goes wrong is logged as `trouble`, and the next
    time is tried as usual; a database that is away is told by whoever looks after that.
    """
    while True:
        await asyncio.sleep(every)
        try:
            await work()
        except Exception as error:
            if not is_lost(error):
                log.exception(trouble)
