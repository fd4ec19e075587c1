"""A sign of life while one request is waited for."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from roadbed.cli.ticker import Ticker

_SILENCE_S = 0.7
_TICK_S = 0.1


@contextmanager
def waiting(title: str, *, shown: bool = True) -> Iterator[None]:
    """Tells what is waited for once that takes noticeably long: what is quick stays silent."""
    over = threading.Event()
    thread = threading.Thread(target=_tell, args=(title, over), daemon=True)
    if shown:
        thread.start()
    try:
        yield
    finally:
        over.set()
        if shown:
            thread.join()


def _tell(title: str, over: threading.Event) -> None:
    if over.wait(_SILENCE_S):
        return
    ticker = Ticker()
    ticker.begin(title)
    while not over.wait(_TICK_S):
        ticker.tick()
    ticker.stop()
