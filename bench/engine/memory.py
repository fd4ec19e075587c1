"""How much memory an apply of 5,000 resources takes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import psutil

from bench.engine import programs
from bench.engine.quick import QUICK, say
from bench.engine.site import Site
from bench.engine.terraform import beside, measured
from bench.figures import Figure

COUNT = 5_000
_EVERY_S = 0.02
_SETTLE_S = 3.0

PEAK = Figure("peak memory, apply of 5,000: the server's growth and the command", None, "MB", 250)


class Highest:
    """Looks on while something runs, and remembers the most that there was."""

    def __init__(self, look: Callable[[], float]) -> None:
        self._look = look
        self.start = self.most = look()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Highest:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(_EVERY_S):
            self.most = max(self.most, self._look())

    @property
    def growth(self) -> float:
        return self.most - self.start


def peak(site: Site) -> Iterator[Figure]:
    """What a server that has just started grew by at its highest, with its sandboxes; and the command's own highest.

    PostgreSQL is told apart: what it takes are its buffers, which stay as large as they are set to.
    """
    site.platform.kill_server()  # the databases run on
    site.platform.up()
    time.sleep(_SETTLE_S)
    stack = site.module(programs.program("independent", COUNT))
    server, postgres = site.accounts.server, site.accounts.postgres
    with (
        Highest(lambda: _resident([server])) as alone,
        Highest(lambda: _resident([server, *_below(server)])) as family,
        Highest(lambda: _shared(postgres)) as database,
    ):
        done = site.roadbed("apply", stack, "--refresh", "--yes")
    site.destroy(stack)
    parts = f"server {alone.growth:.0f} on top of {alone.start:.0f}, with its sandboxes {family.growth:.0f}"
    say(f"MB: {parts}; command {done.peak_mb:.0f}; PostgreSQL {database.growth:.0f}")
    peak_mb = PEAK.measured(family.growth + done.peak_mb)
    theirs = {} if QUICK else measured("independent", COUNT)
    yield beside(peak_mb, theirs["apply"].peak_mb) if theirs else peak_mb


def _below(process: psutil.Process) -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        return process.children(recursive=True)
    return []


def _resident(processes: list[psutil.Process]) -> float:
    """MB."""
    total = 0
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            total += process.memory_info().rss
    return total / 1e6


def _shared(root: psutil.Process) -> float:
    """MB of a family that shares most of it: each one's own, and the largest share."""
    private, largest = 0, 0
    for process in [root, *_below(root)]:
        with suppress(psutil.NoSuchProcess):
            info = process.memory_info()
            private += info.rss - info.shared
            largest = max(largest, info.shared)
    return (private + largest) / 1e6
