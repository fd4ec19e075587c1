"""Twenty workloads and sixty resources: how long they take to read and compile, and a plan that finds no change."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

from bench.declaring import application
from bench.figures import Figure
from bench.platform import Platform

RUNS = 11
_SIZE = f"{application.WORKLOADS} workloads, {application.WORKLOADS * application.RESOURCES_EACH} resources"

COMPILE = Figure(f"read and compile {_SIZE}", None, "ms", application.GOAL_S * 1000)
PLAN = Figure("roadbed plan of them, unchanged", None, "s", 0.6)


def read_and_compile() -> Iterator[Figure]:
    """In one process, the provisioners' answer given."""
    yield COMPILE.measured(application.read_and_compile_s(RUNS) * 1000)


def plan(platform: Platform) -> Iterator[Figure]:
    """Medians of eleven, as whole processes, after all of it was deployed. It is gone afterwards."""
    folder = platform.work / application.NAME
    application.write(folder)
    platform.cli("deploy", folder)
    yield PLAN.measured(statistics.median(_plan(platform) for _ in range(RUNS)))
    platform.cli("destroy", application.NAME, "--yes")


def _plan(platform: Platform) -> float:
    began = time.perf_counter()
    found = platform.cli("plan", platform.work / application.NAME)
    seconds = time.perf_counter() - began
    if not found["empty"]:
        raise RuntimeError(f"the plan finds a change: {found['summary']}")
    return seconds
