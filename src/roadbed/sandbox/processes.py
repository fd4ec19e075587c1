"""Hearing of the end of a process, whoever's child it is."""

from __future__ import annotations

import asyncio
import os


async def ended(pid: int) -> None:
    """Returns when the process has ended, whether or not anybody has collected it."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    loop = asyncio.get_running_loop()
    end = asyncio.Event()
    loop.add_reader(descriptor, end.set)
    try:
        await end.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)
