"""Which process something belongs to, and whether that process still lives.

A pid alone proves nothing after a restart: what tells two owners of one pid apart is when each started, in the
kernel's own ticks, which no change of the clock moves. A pid means something only within one boot and one pid
namespace: those two are the `host`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_STATE, _START_TIME = 0, 19  # of /proc/PID/stat behind the name; proc(5)


@dataclass(frozen=True, slots=True)
class ProcessId:
    host: str
    pid: int
    started: str

    def alive(self) -> bool:
        """Only of a process on this host."""
        return _started(self.pid) == self.started


@cache
def this_process() -> ProcessId:
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    namespace = Path("/proc/self/ns/pid").readlink()
    return ProcessId(f"{boot}/{namespace}", os.getpid(), _started(os.getpid()) or "")


def _started(pid: int) -> str | None:
    """None when there is no such process, or only its remains, which nobody has collected yet."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[_STATE] in "ZX" else fields[_START_TIME]
