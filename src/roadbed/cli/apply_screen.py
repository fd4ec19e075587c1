"""The lower part of a terminal, drawn over again and again."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import IO

from roadbed.cli.text import width

_COLOURS = re.compile(r"\033\[[0-9;]*m")
_UNKNOWN = os.terminal_size((80, 24))


class Screen:
    """Lines that stay, and below them a block that is drawn over.

    Each drawing is one write that overwrites line by line: nothing is blank in between, so nothing flickers.
    """

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._drawn: Sequence[int] = ()
        """How wide the block's lines are."""

    def size(self) -> os.terminal_size:
        try:
            size = os.get_terminal_size(self._stream.fileno())
        except (OSError, ValueError):
            return _UNKNOWN
        return size if size.columns and size.lines else _UNKNOWN

    def draw(self, above: Sequence[str], block: Sequence[str]) -> None:
        text = "".join(f"{line}\033[K\n" for line in (*above, *block))
        self._stream.write(f"{self._up()}{text}\033[J")
        self._stream.flush()
        self._drawn = [width(_COLOURS.sub("", line)) for line in block]

    def leave(self) -> None:
        """What is drawn stays where it is."""
        self._drawn = ()

    def _up(self) -> str:
        """To the block's first line, where the terminal has it now: made narrower, it wraps what was drawn."""
        columns = self.size().columns
        rows = sum(max(1, -(-wide // columns)) for wide in self._drawn)
        return f"\033[{rows}F" if rows else "\r"
