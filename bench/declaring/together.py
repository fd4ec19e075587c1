"""Eight deploys at once: whether they use both cores, or wait for one another."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import psutil

from bench.declaring.projects import FASTAPI, Folder
from bench.figures import Figure
from bench.platform import ROADBED, Platform

AT_ONCE = 8

WALL = Figure(f"{AT_ONCE} deploys at once: until the last one ended, by the CPU time that all took", None, "×", 1.2)
IDEAL = Figure("  the same, by that CPU time shared between the cores", None, "×", None)
SECONDS = Figure(f"  {AT_ONCE} deploys at once", None, "s", None)


def at_once(platform: Platform) -> Iterator[Figure]:
    """First deploys of eight applications, whose packages are installed already."""
    folders = [Folder(FASTAPI, platform.work / f"together-{number}") for number in range(AT_ONCE)]
    before, mine, began = _cpu(platform), _waited_for(), time.perf_counter()
    commands = [_deploy(platform, folder) for folder in folders]
    failed = [command.args for command in commands if command.wait() != 0]
    seconds = time.perf_counter() - began
    if failed:
        raise RuntimeError(f"{len(failed)} of {AT_ONCE} deploys failed")
    after = _cpu(platform)
    cpu = _waited_for() - mine + sum(used - before.get(process, 0.0) for process, used in after.items())
    print(f"  {seconds:.1f} s, {cpu:.1f} s of CPU on {os.cpu_count()} cores", file=sys.stderr)
    yield WALL.measured(seconds / cpu)
    yield IDEAL.measured(seconds / (cpu / (os.cpu_count() or 1)))
    yield SECONDS.measured(seconds)


def _deploy(platform: Platform, folder: Folder) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [str(ROADBED), "deploy", str(folder.path), "--yes", "--app", folder.path.name, "-o", "json"],
        env=platform.environment,
        stdout=subprocess.DEVNULL,
    )


def _waited_for() -> float:
    """CPU seconds of the commands that have ended."""
    used = os.times()
    return used.children_user + used.children_system


def _cpu(platform: Platform) -> dict[psutil.Process, float]:
    """CPU seconds of all that runs for a platform, replicas with it; a child that ended counts with its parent."""
    home, found = str(platform.home), {}
    for process in psutil.process_iter():
        try:
            if process.environ().get("ROADBED_HOME") == home or any(home in word for word in process.cmdline()):
                for one in (process, *process.children(recursive=True)):
                    found[one] = sum(one.cpu_times()[:4])
        except psutil.Error:
            continue
    return found
