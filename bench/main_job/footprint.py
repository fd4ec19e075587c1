"""What the platform costs while nothing happens, how long it takes to start, how much it takes on the disk."""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil

from bench.figures import Figure
from bench.platform import Platform

SETTLE = 10.0
WATCH = 20.0
STARTS = 3

MEMORY = Figure("resident at rest: server, databases, gateway", None, "MB", 400)
CPU = Figure("CPU at rest, of one core", None, "%", 2)
UP = Figure("roadbed up to ready, after the first time", None, "s", 4)
VENV = Figure("installed .venv", None, "MB", 900)


def at_rest(platform: Platform) -> Iterator[Figure]:
    """With two services that nobody uses, 10 s after the last change. Shared memory counts once (PSS)."""
    time.sleep(SETTLE)
    processes = platform.processes()
    by_name: dict[str, float] = {}
    for process in processes:
        by_name[process.name()] = by_name.get(process.name(), 0) + _pss_mb(process)
    told = ", ".join(f"{name} {size:.0f}" for name, size in sorted(by_name.items()))
    print(f"  {len(processes)} processes, MB: {told}", file=sys.stderr)
    yield MEMORY.measured(sum(by_name.values()))
    yield CPU.measured(_cpu_percent(platform))


def starts(platform: Platform) -> Iterator[Figure]:
    """The median of three, each after `roadbed down`."""
    seconds = []
    for _ in range(STARTS):
        platform.down()
        seconds.append(platform.up())
    yield UP.measured(statistics.median(seconds))


def venv_size() -> Iterator[Figure]:
    """Allocated blocks of the environment that this runs in, each file once."""
    sizes: dict[tuple[int, int], int] = {}
    for folder, _, files in os.walk(sys.prefix):
        for name in files:
            status = (Path(folder) / name).lstat()
            sizes[status.st_dev, status.st_ino] = status.st_blocks * 512
    yield VENV.measured(sum(sizes.values()) / 1e6)


def _pss_mb(process: psutil.Process) -> float:
    """The process's share of the memory it uses; 0 for one that has just ended."""
    with suppress(FileNotFoundError, ProcessLookupError):
        for line in Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024 / 1e6
    return 0.0


def _cpu_percent(platform: Platform) -> float:
    """Over 20 s; what a child used that ended meanwhile counts with its parent."""
    processes = platform.processes()  # asks the server, so before the watch
    time.sleep(1)
    before, began = _cpu_seconds(processes), time.monotonic()
    time.sleep(WATCH)
    elapsed, after = time.monotonic() - began, _cpu_seconds(processes)
    return sum(after[pid] - before[pid] for pid in after) / elapsed * 100


def _cpu_seconds(processes: list[psutil.Process]) -> dict[int, float]:
    seconds = {}
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            seconds[process.pid] = sum(process.cpu_times()[:4])
    return seconds
