"""Who holds the port that a program wanted, where that is why it didn't start."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Sequence

from roadbed.runtimes import repository
from roadbed.runtimes.domain import Replica
from roadbed.runtimes.driver import Holder
from roadbed.runtimes.tools import Tools
from roadbed.runtimes.workloads import Workload
from roadbed.storage.call import Call

_IN_USE = re.compile(r"in use|EADDRINUSE", re.IGNORECASE)
_NUMBER = re.compile(r"(?<!line )\b\d{2,5}\b")
_LAST_PORT = 65_535
_UNPRIVILEGED = 1024
_SILENT = "it wrote nothing"


def wanted_ports(replica: Replica, workload: Workload, words: str) -> list[int]:
    """The ports that it may have wanted and not got, the likeliest first.

    Where its last `words` say that an address is in use, they are those that it speaks of there, that the one before it
    listened on, that its commands or other words name (a traceback shows the line that has it), and then that of its
    Score file, which may be nobody's choice. Of one that wrote nothing only the one before it shows anything; of what
    has other words, nothing does.
    """
    lines = [line for line in words.splitlines() if _IN_USE.search(line)]
    if not lines:
        return list(replica.own_ports) if words == _SILENT else []
    commands = " ".join(part for one in workload.containers.values() for part in one.command)
    declared = [port.target for port in workload.routed_ports if port.target is not None]
    others = [port for port in (*_numbers(commands), *_numbers(words)) if port >= _UNPRIVILEGED]
    found = [*_numbers(" ".join(lines)), *replica.own_ports, *others, *declared]
    return list(dict.fromkeys(port for port in found if port <= _LAST_PORT))


def _numbers(text: str) -> list[int]:
    return [int(number) for number in _NUMBER.findall(text)]


async def holder_of(tools: Tools, call: Call, replica: Replica, ports: Sequence[int]) -> str | None:
    """A sentence on who holds the first of these ports that somebody else holds, and what to do."""
    holders = await asyncio.to_thread(tools.driver.holders, ports) if ports else {}
    for port in ports:
        holder = holders.get(port)
        if holder is not None and holder.id != replica.id:
            other = await repository.replica(call.session, holder.id) if holder.id else None
            return sentence(port, holder, replica, other, gateway=tools.router.pid(), platform=os.getpid())
    return None


def sentence(
    port: int, holder: Holder, replica: Replica, other: Replica | None, *, gateway: int | None, platform: int
) -> str:
    """`other` is the replica that the holder is, if it is one; `gateway` and `platform` are their processes."""
    if other is not None and other.key == replica.key:
        return f"port {port} is held by {other.name}: only one replica can listen there"
    if other is not None:
        return (
            f"port {port} is held by {other.key}, which listens there: have one of the two listen on the port in PORT"
        )
    if holder.pid is not None and holder.pid in (gateway, platform):
        who = "the gateway's" if holder.pid == gateway else "the platform's own"
        return f"port {port} is {who}: have it listen on the port in PORT"
    named = f" ({holder.program}, process {holder.pid})" if holder.pid is not None else ""
    who = f"another program of this machine{named}"
    return f"port {port} is held by {who}: have it listen on the port in PORT, or end that program"
