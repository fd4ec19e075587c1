"""The progress of an apply on stderr: a living tree on a terminal, plain lines elsewhere."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from typing import IO, TYPE_CHECKING

from roadbed.cli.apply_progress import ApplyProgress, Taken, recorded_lines
from roadbed.cli.apply_screen import Screen
from roadbed.cli.apply_tree import Size, draw, heading
from roadbed.cli.follow import Notices
from roadbed.cli.journal import Journal
from roadbed.cli.stopping import stops
from roadbed.cli.style import is_terminal, style_of
from roadbed.cli.text import clean, duration, number
from roadbed.cli.watch import Changed, Logged, Lost, Seen
from roadbed.client.operations import ENDED

if TYPE_CHECKING:
    from roadbed.client.models import Operation, Plan

_FIRST_WORD_S = 2.0
_BETWEEN_DRAWINGS_S = 0.08
_FAILURES_ROWS = 100
"""So many lines the last drawing may have, however low the terminal is, so that failures stay to be read."""


class ApplyView:
    """Shows what an operation and the journal of its apply tell."""

    def __init__(self, plan: Plan, journal: Journal, stream: IO[str] | None = None, *, verbose: bool = False) -> None:
        self.operation: Operation | None = None
        self.progress = ApplyProgress(plan)
        self._title = f"Applying plan {plan['number']} of {plan['stack']}"
        self._journal, self._verbose = journal, verbose
        self._stream = stream or sys.stderr
        self._style = style_of(self._stream)
        self._screen = Screen(self._stream)
        self._live = is_terminal(self._stream) and os.environ.get("TERM") != "dumb"
        self._began = time.monotonic()
        self._drawn_at = 0.0
        self._next_word = _FIRST_WORD_S
        self._lost = self._over = False
        self._notices = Notices()
        if not self._live:
            self._write(f"· {self._title} …\n")

    def show(self, seen: Seen | None) -> None:
        lines = self._take(self.progress.take(self._journal.take(), time.monotonic()))
        match seen:
            case Lost(error) if not self._lost:
                lines.append(f"{error.message}; trying again for a minute …")
            case Logged(line):
                lines += self._hear(line["text"])
            case Changed(operation):
                lines += self._change(operation)
        if seen is not None:
            self._lost = isinstance(seen, Lost)
        self._tell(lines)

    def stop(self) -> None:
        """Ends the drawing, and leaves it to be read; what the journal said until its end is told."""
        if self._over:
            return
        self._over = True
        ended = self.operation is not None and self.operation["state"] in ENDED
        left = self._journal.rest() if ended else self._journal.take()
        lines = self._take(self.progress.take(left, time.monotonic()))
        if self.operation is not None and ended:
            self.progress.end(self.operation["state"])
        if self._live:
            self._screen.draw(lines, self._last_block())
            self._screen.leave()
        else:
            self._tell(lines)

    def _take(self, taken: Taken) -> list[str]:
        """The lines that stay: on a terminal the tree says the rest."""
        return list(recorded_lines(taken, self._style) if self._live else self.progress.lines(taken, self._style))

    def _hear(self, text: str) -> list[str]:
        self.progress.hear(text)
        return [self._style.paint(f"    {clean(text)}", "dim")] if self._verbose else []

    def _change(self, operation: Operation) -> list[str]:
        self.operation = operation
        return self._notices.of(operation, self._style)

    @property
    def _stops(self) -> bool:
        return self.operation is not None and stops(self.operation)

    def _tell(self, lines: Sequence[str]) -> None:
        if self._live:
            self._draw(lines)
            return
        for line in lines:
            self._write(line + "\n")
        took = time.monotonic() - self._began
        if took >= self._next_word and not self._over:
            stopping = ", asked to stop" if self._stops else ""
            running = f"{number(self.progress.running)} running{stopping}"
            self._write(f"  {self.progress.counted()}, {running}  {duration(took)}\n")
            self._next_word = took + min(max(took, _FIRST_WORD_S), 30.0)

    def _draw(self, above: Sequence[str]) -> None:
        """About ten times a second, however much is told."""
        now = time.monotonic()
        if not above and now - self._drawn_at < _BETWEEN_DRAWINGS_S:
            return
        self._drawn_at = now
        size = self._size()
        title = f"{self._title}, asked to stop" if self._stops else self._title
        head = heading(self.progress, title, now, now - self._began, size, self._style)
        self._screen.draw(above, [head, *draw(self.progress, now, size, self._style)])

    def _last_block(self) -> list[str]:
        """As it was left, without the heading: what follows says how it ended."""
        size = self._size()
        rows = max(size.rows, _FAILURES_ROWS) if self.progress.failed else size.rows
        return draw(self.progress, time.monotonic(), Size(size.columns, rows), self._style)

    def _size(self) -> Size:
        """Less a column, since some terminals wrap a full line; a row for the heading and one for the cursor."""
        columns, rows = self._screen.size()
        return Size(columns - 1, max(rows - 2, 1))

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
