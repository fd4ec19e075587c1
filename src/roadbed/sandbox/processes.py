"""Processes by their numbers: telling one from a later one of the same number, and hearing of its end."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from pathlib import Path


def start_time(pid: int) -> int | None:
    """When the process was started, in clock ticks since the machine was; None if it has ended (a zombie has)."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = text[text.rindex(")") + 2 :].split()  # the name before may hold spaces and parentheses
    return None if fields[0] in "ZX" else int(fields[19])


async def ended(pid: int) -> None:
    """Returns when the process has ended, whether or not it is this one's child."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    loop = asyncio.get_running_loop()
    end = loop.create_future()

    def finish() -> None:
        if not end.done():
            end.set_result(None)

    loop.add_reader(descriptor, finish)
    try:
        await end
    finally:
        loop.remove_reader(descriptor)
        with suppress(OSError):
            os.close(descriptor)
