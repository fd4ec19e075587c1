"""On which ports processes listen, from proc(5)."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

_LISTENING = "0A"
_REACHABLE = frozenset(
    {
        "0100007F",  # 127.0.0.1, as the kernel writes it on a little-endian machine
        "00000000",
        "0" * 32,  # ::, which takes connections by IPv4 too
    }
)


def listening(pids: Iterable[int]) -> frozenset[int]:
    """The TCP ports on which one of them takes connections to 127.0.0.1."""
    sockets = {inode for pid in pids for inode in _sockets(pid)}
    return frozenset(port for inode, port in _ports() if inode in sockets)


def listeners(ports: Collection[int]) -> dict[int, int | None]:
    """The process that takes connections to 127.0.0.1 on each of `ports`, where one does; None where this user may not
    know which.
    """
    wanted = {inode: port for inode, port in _ports() if port in ports}
    found: dict[int, int | None] = dict.fromkeys(wanted.values())
    if found:
        for entry in Path("/proc").glob("[0-9]*"):
            for inode in wanted.keys() & _sockets(int(entry.name)):
                found[wanted[inode]] = int(entry.name)
    return found


def _sockets(pid: int) -> Iterator[str]:
    try:
        descriptors = list(Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return
    for descriptor in descriptors:
        try:
            target = str(descriptor.readlink())
        except OSError:
            continue
        if target.startswith("socket:["):
            yield target[len("socket:[") : -1]


def _ports() -> Iterator[tuple[str, int]]:
    """The inode and the port of every listening socket of this process's network."""
    for table in ("tcp", "tcp6"):
        try:
            lines = Path(f"/proc/{os.getpid()}/net/{table}").read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            _, local, _, state, *rest = line.split()
            address, _, port = local.partition(":")
            if state == _LISTENING and address in _REACHABLE:
                yield rest[5], int(port, 16)
