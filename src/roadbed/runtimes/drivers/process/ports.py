"""Loopback ports for replicas."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from secrets import randbelow

from roadbed.runtimes.errors import CannotStart

FIRST, LAST = 20_000, 29_999
"""Below the range from which kernels give ports to outgoing connections, so that none of those takes one in between."""

_TRIES = 200


def free_ports(names: Sequence[str], taken: frozenset[int]) -> dict[str, int]:
    """A port for each name, all different."""
    found: dict[str, int] = {}
    for name in names:
        found[name] = free_port(taken | frozenset(found.values()))
    return found


def free_port(taken: frozenset[int] = frozenset()) -> int:
    """A port that nobody listens on now. Chosen at random, so that two platforms on a machine don't choose alike."""
    for _ in range(_TRIES):
        port = FIRST + randbelow(LAST - FIRST + 1)
        if port not in taken and _is_free(port):
            return port
    raise CannotStart(
        f"no free port was found between {FIRST} and {LAST}", hint="end what listens there, or stop some services"
    )


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
