"""The progress of an apply on stderr: a living tree on a terminal, plain lines elsewhere."""

from __future__ import annotations

import os
import shutil
import sys
import time
from typing import IO

from roadbed.cli.apply_progress import ApplyProgress
from roadbed.cli.journal import Journal
from roadbed.cli.style import columns_of, is_terminal, style_of
from roadbed.cli.text import clean, duration, number
from roadbed.cli.watch import Changed, Logged, Lost, Seen
from roadbed.client.models import Operation, Plan

_FIRST_WORD_S = 2.0


class ApplyView:
    """Shows what an operation and the journal of its apply tell."""

    def __init__(self, plan: Plan, journal: Journal, stream: IO[str] | None = None, *, verbose: bool = False) -> None:
        self.operation: Operation | None = None
        self.progress = ApplyProgress.of(plan)
        self._title = f"Applying plan {plan['number']} of {plan['stack']}"
        self._journal, self._verbose = journal, verbose
        self._stream = stream or sys.stderr
        self._style = style_of(self._stream)
        self._live = is_terminal(self._stream) and os.environ.get("TERM") != "dumb"
        self._began = time.monotonic()
        self._next_word = _FIRST_WORD_S
        self._drawn = 0
        self._lost = self._over = False
        if not self._live:
            self._write(f"· {self._title} …\n")

    def show(self, seen: Seen | None) -> None:
        lines = list(self.progress.take(self._journal.take(), time.monotonic(), self._style))
        match seen:
            case Lost(error) if not self._lost:
                lines.append(f"{error.message}; trying again for a minute …")
            case Logged(line) if self._verbose:
                lines.append(self._style.paint(f"    {clean(line['text'])}", "dim"))
            case Changed(operation):
                self._change(operation)
        if seen is not None:
            self._lost = isinstance(seen, Lost)
        self._tell(lines)

    def stop(self) -> None:
        """Ends the drawing; what the journal said until its end is told."""
        if self._over:
            return
        self._over = True
        ended = self.operation is not None and self.operation["state"] not in ("queued", "running")
        left = self._journal.rest() if ended else self._journal.take()
        self._tell(list(self.progress.take(left, time.monotonic(), self._style)))
        self._clear()

    def _change(self, operation: Operation) -> None:
        self.operation = operation
        for step in operation.get("steps") or ():
            if step["name"] == "apply" and (step.get("total") or 0) > self.progress.total:
                self.progress.total = step.get("total") or 0

    def _tell(self, lines: list[str]) -> None:
        if self._live:
            self._draw(lines)
            return
        for line in lines:
            self._write(line + "\n")
        took = time.monotonic() - self._began
        if took >= self._next_word and not self._over:
            self._write(
                f"  {self.progress.counted()}, {number(len(self.progress.running))} running  {duration(took)}\n"
            )
            self._next_word = took + min(max(took, _FIRST_WORD_S), 30.0)

    def _draw(self, above: list[str]) -> None:
        """Writes lines that stay, and the block anew below them, in one go so that nothing flickers."""
        size = shutil.get_terminal_size()
        columns = columns_of(self._stream) - 1
        now = time.monotonic()
        block = self.progress.block(self._title, now, self._began, columns, min(size.lines - 3, 20), self._style)
        self._write(self._up() + "".join(f"{line}\n" for line in [*above, *block]))
        self._drawn = len(block)

    def _clear(self) -> None:
        if self._live:
            self._write(self._up())
        self._drawn = 0

    def _up(self) -> str:
        return (f"\033[{self._drawn}F" if self._drawn else "") + "\033[J"

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
