"""A sampling profiler that a server carries: every 10 ms of CPU, where it is. SIGUSR2 writes the samples down.

They are forgotten then. A sample is the stack of the thread that works, as `module:function`, outermost first; what C
code takes is its caller's.
"""

from __future__ import annotations

import json
import signal
import sys
import threading
from collections import Counter
from pathlib import Path
from types import FrameType

_EVERY_S = 0.01
_DEEPEST = 120
_IDLE = ("selectors:", "threading:", "queue:", "concurrent.futures.thread:")


def start(file: Path) -> None:
    """In the main thread, which is where Python handles signals."""
    samples: Counter[tuple[str, ...]] = Counter()
    main = threading.main_thread().ident

    def sample(_signal: int, frame: FrameType | None) -> None:
        stack = _stack(frame)
        if stack and stack[-1].startswith(_IDLE):
            others = (_stack(other) for ident, other in sys._current_frames().items() if ident != main)
            stack = next((other for other in others if other and not other[-1].startswith(_IDLE)), stack)
        samples[stack] += 1

    def write(_signal: int, _frame: FrameType | None) -> None:
        found = [{"stack": stack, "count": count} for stack, count in samples.items()]
        samples.clear()
        draft = file.with_suffix(".part")
        draft.write_text(json.dumps(found))
        draft.replace(file)

    signal.signal(signal.SIGPROF, sample)
    signal.signal(signal.SIGUSR2, write)
    signal.siginterrupt(signal.SIGPROF, False)
    signal.setitimer(signal.ITIMER_PROF, _EVERY_S, _EVERY_S)


def _stack(frame: FrameType | None) -> tuple[str, ...]:
    found: list[str] = []
    while frame is not None and len(found) < _DEEPEST:
        found.append(f"{frame.f_globals.get('__name__', '?')}:{frame.f_code.co_qualname}")
        frame = frame.f_back
    return tuple(reversed(found))
