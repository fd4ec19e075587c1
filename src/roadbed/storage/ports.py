"""Loopback ports: which one is free."""

from __future__ import annotations

import socket
from collections.abc import Collection

from roadbed.kit.errors import Unavailable

LOOPBACK = "127.0.0.1"
_SPAN = 1000


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Whether nobody listens there now. Connections that were closed lately don't count."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port(first: int, *, host: str = LOOPBACK, taken: Collection[int] = ()) -> int:
    """The first free port from `first` up, none of `taken`; with `first` 0, any that the system picks."""
    if first == 0:
        with socket.socket() as probe:
            probe.bind((host, 0))
            return int(probe.getsockname()[1])
    for port in range(first, min(first + _SPAN, 65_536)):
        if port not in taken and is_free(port, host):
            return port
    raise Unavailable(f"no port from {first} up is free on {host}", hint="stop a program, or set another port")
