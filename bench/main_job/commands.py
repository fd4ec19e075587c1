"""How long commands take, as whole processes."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator

from bench.figures import Figure
from bench.platform import ROADBED, Platform

RUNS = 11

HELP = Figure("roadbed --help", None, "s", 0.2)
APPS = Figure("roadbed apps", None, "s", 0.4)
SDK = Figure("import roadbed.sdk", None, "ms", 50)

_TIMED_IMPORT = "import time; t = time.perf_counter(); import roadbed.sdk; print(time.perf_counter() - t)"


def command_times(platform: Platform) -> Iterator[Figure]:
    """Medians of eleven runs, each a fresh process."""
    yield HELP.measured(statistics.median(_seconds(platform, "--help") for _ in range(RUNS)))
    yield APPS.measured(statistics.median(_seconds(platform, "apps") for _ in range(RUNS)))


def sdk_import() -> Iterator[Figure]:
    """The import alone, in a fresh interpreter."""
    yield SDK.measured(statistics.median(_import_seconds() for _ in range(RUNS)) * 1000)


def _seconds(platform: Platform, *arguments: str) -> float:
    began = time.perf_counter()
    subprocess.run([str(ROADBED), *arguments], env=platform.environment, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def _import_seconds() -> float:
    done = subprocess.run([sys.executable, "-c", _TIMED_IMPORT], capture_output=True, text=True, check=True)
    return float(done.stdout)
