"""Progress on stderr: a line for each step, the present one alive on a terminal."""

from __future__ import annotations

import os
import sys
import time
from typing import IO

from roadbed.cli.style import Style, columns_of, is_terminal, style_of
from roadbed.cli.text import clean, duration, shorten

_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_FRAME_SECONDS = 0.1
_WORTH_TELLING = 0.05
_CLEAR = "\r\033[K"


class Ticker:
    """Begin a step, say how it goes, end it.

    On a terminal the running step is one line that is drawn again, with a spinner and the time it has taken; elsewhere
    (a CI log) a step writes one line when it begins and one when it ends. Silent when `enabled` is False.
    """

    def __init__(self, stream: IO[str] | None = None, *, enabled: bool = True) -> None:
        self._stream = stream or sys.stderr
        self._live = enabled and is_terminal(self._stream) and os.environ.get("TERM") != "dumb"
        self._enabled = enabled
        self._style: Style = style_of(self._stream)
        self._title: str | None = None
        self._detail = ""
        self._began = 0.0

    @property
    def running(self) -> str | None:
        return self._title

    def begin(self, title: str) -> None:
        self._title, self._detail, self._began = clean(title), "", time.monotonic()
        if self._live:
            self.tick()
        else:
            self._write(f"· {self._title} …\n")

    def detail(self, text: str) -> None:
        """How far the step is, or the last line of its log: shown behind its title, on a terminal only."""
        self._detail = clean(text)

    def tick(self) -> None:
        """Draws the running step again; call it about ten times a second."""
        if not self._live or self._title is None:
            return
        now = time.monotonic()
        frame = _FRAMES[int(now / _FRAME_SECONDS) % len(_FRAMES)]
        took = duration(now - self._began)
        room = columns_of(self._stream) - len(self._title) - len(took) - 7
        detail = "  " + self._style.paint(shorten(self._detail, room), "dim") if self._detail and room > 8 else ""
        self._write(f"{_CLEAR}{self._style.paint(frame, 'cyan')} {self._title}{detail}  {took}")

    def done(self, *, seconds: float | None = None, detail: str = "") -> None:
        self._end("✓", "green", seconds, detail)

    def fail(self, *, seconds: float | None = None) -> None:
        self._end("✗", "red", seconds, "")

    def line(self, text: str) -> None:
        """A line of its own, above the running step."""
        clear = _CLEAR if self._live and self._title else ""
        self._write(f"{clear}{text}\n")
        self.tick()

    def stop(self) -> None:
        """Leaves the running step without an end: it is no longer watched."""
        if self._live and self._title:
            self._write(_CLEAR)
        self._title = None

    def _end(self, mark: str, colour: str, seconds: float | None, detail: str) -> None:
        if self._title is None:
            return
        took = time.monotonic() - self._began if seconds is None else seconds
        behind = [detail] * bool(detail) + [duration(took)] * (took >= _WORTH_TELLING)
        notes = "".join(f"  {self._style.paint(note, 'dim')}" for note in behind)
        clear = _CLEAR if self._live else ""
        self._write(f"{clear}{self._style.paint(mark, colour)} {self._title}{notes}\n")
        self._title = None

    def _write(self, text: str) -> None:
        if self._enabled:
            self._stream.write(text)
            self._stream.flush()
