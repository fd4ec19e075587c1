"""What a replica's processes are and use, from proc(5)."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from roadbed.runtimes.driver import Usage
from roadbed.runtimes.drivers.process.shim_limits import children, resident, tree

_USER, _SYSTEM, _USER_OF_ENDED, _SYSTEM_OF_ENDED = 11, 12, 13, 14  # of /proc/PID/stat behind the name


def measure(pid: int) -> Usage:
    """Of `pid` and all below it. The time of children that ended counts for the parent that collected them."""
    processes = tree(pid)
    return Usage(sum(map(resident, processes)), sum(map(_processor, processes)))


def program(pid: int | None) -> str:
    """Its name, as the kernel knows it; empty for one that has ended."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def command_of(pid: int) -> int | None:
    """The first process inside the sandbox whose outermost process is `pid`; `pid` itself where there is none."""
    if not (inside := children(pid)):
        return pid if Path(f"/proc/{pid}").exists() else None
    namespace = _namespace(inside[0])
    return inside[0] if namespace != _namespace(os.getpid()) else pid


def sweep(group: int) -> None:
    """Ends what a killed shim left. It takes its replica along, but not one that bubblewrap was still setting up."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            ours = os.getpgid(int(entry.name)) == group and (entry / "exe").readlink().name == "bwrap"
            if ours:
                os.kill(int(entry.name), signal.SIGKILL)
        except OSError:
            continue


def _namespace(pid: int) -> str | None:
    try:
        return str(Path(f"/proc/{pid}/ns/pid").readlink())
    except OSError:
        return None


def _processor(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    ticks = sum(int(fields[index]) for index in (_USER, _SYSTEM, _USER_OF_ENDED, _SYSTEM_OF_ENDED))
    return ticks / os.sysconf("SC_CLK_TCK")
