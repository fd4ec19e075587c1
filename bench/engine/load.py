"""A provider that takes its time, many stacks at once, and a look for drift."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from bench.engine import programs
from bench.engine.accounts import spans
from bench.engine.far import CALL_S, Far
from bench.engine.provider import BenchProvider
from bench.engine.quick import say
from bench.engine.site import Site
from bench.figures import Figure

SLOW = 5_000
STACKS, EACH = 20, 250
SCANNED = 5_000

IDEAL = Figure(f"apply of {SLOW:,} at 5 ms a call, to its {BenchProvider.parallel} callers alone", None, "×", 1.2)
ARITHMETIC = Figure(f"apply of {SLOW:,} at 5 ms a call, to calls × 5 ms / {BenchProvider.parallel}", None, "×", None)
AT_ONCE = Figure(f"{STACKS} stacks of {EACH} applied at once, all ended", None, "s", None)
AGAINST_ONE = Figure(f"{STACKS} stacks at once, to one of the same {STACKS * EACH:,}", None, "×", None)
SCAN = Figure(f"drift scan of {SCANNED:,}", None, "s", None)


def slow_provider(site: Site) -> Iterator[Figure]:
    """The median of three, to what the same calls take without us: a call of 5 ms is a little over 5 ms long."""
    took = statistics.median(_applied(site) for _ in range(3))
    alone = statistics.median(asyncio.run(_callers_alone()) for _ in range(3))
    say(f"median {took:.2f} s; the callers alone {alone:.2f} s")
    yield IDEAL.measured(took / alone)
    yield ARITHMETIC.measured(took / (SLOW * CALL_S / BenchProvider.parallel))


async def _callers_alone() -> float:
    far, calls = Far(), iter(range(SLOW))

    async def caller() -> None:
        for _ in calls:
            await far.call()

    began = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(BenchProvider.parallel)))
    return time.perf_counter() - began


def _applied(site: Site) -> float:
    """The apply itself, from its operation's start to its end: a plan and a command's start call no provider."""
    stack = site.module(programs.slow_program(SLOW))
    told = site.apply(stack)
    operation = site.platform.api(f"/operations?target={stack}&limit=1")["items"][0]
    took = (_time(operation["ended_at"]) - _time(operation["started_at"])).total_seconds()
    say(f"{took:.2f} s; the whole command {told.describe()}")
    say(spans(site.platform, stack, told.done).describe())
    site.destroy(stack)
    return took


def many_stacks(site: Site) -> Iterator[Figure]:
    """Twenty commands started in one instant, until the last has ended; then as much in one stack."""
    stacks = [site.module(programs.program("independent", EACH)) for _ in range(STACKS)]
    began = time.perf_counter()
    with ThreadPoolExecutor(STACKS) as pool:
        list(pool.map(lambda stack: site.roadbed("apply", stack, "--refresh", "--yes"), stacks))
    together = time.perf_counter() - began
    one = site.module(programs.program("independent", STACKS * EACH))
    alone = site.apply(one).seconds
    for stack in (*stacks, one):
        site.destroy(stack)
    yield AT_ONCE.measured(together)
    yield AGAINST_ONE.measured(together / alone)


def drift(site: Site) -> Iterator[Figure]:
    """The whole command: the scan, its report stored, read and shown."""
    stack = site.module(programs.program("independent", SCANNED))
    site.apply(stack)
    told = site.told("stack", "drift", stack)
    say(told.describe())
    site.destroy(stack)
    yield SCAN.measured(told.seconds)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
