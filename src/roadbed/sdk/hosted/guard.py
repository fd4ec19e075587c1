"""Keeps what a program does from spoiling its answer, and stops it at its own line when it takes too long.

What can be done from inside the process is done here, because here the user's line is known. The sandbox's limits stand
behind it for what a program does on purpose.
"""

from __future__ import annotations

import io
import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from roadbed.sdk import markers
from roadbed.sdk.hosted.places import Stopped

MAX_PRINTED = 1_000_000
MAX_WRITTEN = 64_000_000
"""Bytes past `print`: to descriptors, and to files in /tmp."""
_TICK_S = 0.05


class Channel:
    """Where the answer goes: the process's stdout as it was. From now on whatever is written there goes to stderr."""

    def __init__(self) -> None:
        self._process = os.getpid()
        self._answer = os.dup(1)
        os.dup2(2, 1)
        sys.stdout = sys.stderr = Printed(sys.stderr.fileno())

    def answer(self, result: dict[str, Any]) -> None:
        """Sends the answer and ends the process, whatever threads the program left behind."""
        if os.getpid() == self._process:  # else a fork of the program came to its end, which is nobody's answer
            with open(self._answer, "w", encoding="utf-8") as stream:  # noqa: PTH123 - a descriptor
                stream.write(json.dumps(result, separators=(",", ":")))  # at once: to a stream it is written in crumbs
        os._exit(0)


class Printed(io.TextIOBase):
    """What a program prints: with references made readable, and not without end."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._room = MAX_PRINTED

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def write(self, text: str) -> int:
        text = str(text)  # what holds references refuses to be counted
        self._room -= len(text)
        if self._room < 0:
            raise Stopped(f"the program printed more than {MAX_PRINTED // 1_000_000} MB", "print less")
        data = markers.shown(text).encode("utf-8", "replace")
        while data:
            data = data[os.write(self._descriptor, data) :]
        return len(text)


@contextmanager
def limited(seconds: float | None) -> Iterator[None]:
    """Stops what is done inside the block at where it then is, again and again: a bare `except:` may catch it.

    A block may stand in another, for a part that has less time.
    """
    began, written = time.monotonic(), _written()
    around = signal.getsignal(signal.SIGALRM)

    def look(*_: object) -> None:
        if seconds and time.monotonic() - began >= seconds:
            hint = "a program declares and nothing else: look for an endless loop"
            raise Stopped(f"the program did not end within {seconds:g} s", hint)
        if callable(around):
            around(signal.SIGALRM, None)
        else:
            _check_written(written)

    signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, _TICK_S, _TICK_S)
    try:
        yield
        _check_written(written)
    finally:
        if not callable(around):  # the timer first: a tick that nobody handles ends the process
            signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, around)


def _check_written(before: int) -> None:
    if _written() - before > MAX_WRITTEN:
        raise Stopped(f"the program wrote more than {MAX_WRITTEN // 1_000_000} MB", "it declares, and need not write")


def _written() -> int:
    """Bytes that this process has written, and those that it started, once they have ended; 0 if nobody tells.

    As bytes: a signal handler may run in the middle of an import, when no codec can be looked up.
    """
    try:
        descriptor = os.open("/proc/self/io", os.O_RDONLY)
        try:
            counts = os.read(descriptor, 4096)
        finally:
            os.close(descriptor)
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in counts.splitlines() if line.startswith(b"wchar:")), 0)
