"""Something far away that answers every call 5 ms later: what a provider of a cloud waits for.

A process of its own, since a timer in the server's loop would measure how finely that loop tells time (asyncio rounds
up to whole milliseconds), which no call over a network has to do with.
"""

from __future__ import annotations

import asyncio
import itertools
import select
import socket
import subprocess
import sys
import time
from collections import deque

CALL_S = 0.005
_SIZE = 8
_MANY = 4096


class Far:
    """The near end. Starts the far one, which ends when this one is closed."""

    def __init__(self) -> None:
        self._near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with far:
            subprocess.Popen([sys.executable, __file__, str(far.fileno())], pass_fds=[far.fileno()])
        self._near.setblocking(False)
        self._numbers = itertools.count()
        self._waiting: dict[int, asyncio.Future[None]] = {}
        asyncio.get_running_loop().add_reader(self._near, self._answered)

    async def call(self) -> None:
        number = next(self._numbers)
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        self._near.send(number.to_bytes(_SIZE))
        await answer

    def _answered(self) -> None:
        numbers = self._near.recv(_MANY)
        for at in range(0, len(numbers), _SIZE):
            answer = self._waiting.pop(int.from_bytes(numbers[at : at + _SIZE]))
            if not answer.done():
                answer.set_result(None)


def answer(far: socket.socket) -> None:
    """Until the near end is closed. All take as long, so they are due in the order in which they came."""
    due: deque[tuple[float, bytes]] = deque()
    while True:
        patience = max(0.0, due[0][0] - time.perf_counter()) if due else None
        if select.select([far], [], [], patience)[0]:
            if not (asked := far.recv(_SIZE)):
                return
            due.append((time.perf_counter() + CALL_S, asked))
        answers = b""
        while due and due[0][0] <= time.perf_counter():
            answers += due.popleft()[1]
        if answers:
            far.send(answers)


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as end:
        answer(end)
