"""One command as a whole process: how long it took, what it used."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Done:
    """From exec to exit. `began` is a time since the epoch; `peak_mb` is the process's own highest resident size."""

    code: int
    began: float
    seconds: float
    cpu: float
    peak_mb: float
    output: str


class TookTooLong(Exception):
    """It was stopped; `peak_mb` is what it had taken by then."""

    def __init__(self, command: Sequence[str], peak_mb: float) -> None:
        super().__init__(" ".join(command))
        self.peak_mb = peak_mb


def run(
    command: Sequence[str], *, cwd: Path, environment: Mapping[str, str], limit: float | None = None, check: bool = True
) -> Done:
    """Raises TookTooLong after `limit` seconds, RuntimeError when it fails and `check` is set."""
    with tempfile.TemporaryFile() as output:
        began, clock = time.time(), time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        stopper = _stop_after(process.pid, limit)
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - clock
        process.returncode = code = os.waitstatus_to_exitcode(status)
        stopper.cancel()
        output.seek(0)
        text = output.read().decode(errors="replace")
    if limit is not None and seconds >= limit:
        raise TookTooLong(command, _megabytes(used.ru_maxrss))
    if check and code != 0:
        print(f"$ {' '.join(command)}\n{text[-4000:]}", file=sys.stderr)
        raise RuntimeError(f"{' '.join(command)} ended with {code}")
    return Done(code, began, seconds, used.ru_utime + used.ru_stime, _megabytes(used.ru_maxrss), text)


def _megabytes(kilobytes: int) -> float:
    """Linux tells a resident size in units of 1,024 bytes."""
    return kilobytes * 1024 / 1e6


def _stop_after(pid: int, limit: float | None) -> threading.Timer:
    timer = threading.Timer(limit or threading.TIMEOUT_MAX, lambda: os.killpg(pid, signal.SIGKILL))
    timer.daemon = True
    if limit is not None:
        timer.start()
    return timer
