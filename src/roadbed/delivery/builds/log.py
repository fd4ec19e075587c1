"""The log of a build: kept in a file, told to whoever waits."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TypeAlias

from roadbed.secrets.masking import Masker

Say: TypeAlias = Callable[[str], Awaitable[None]]
Progress: TypeAlias = Callable[[int, int, str | None], Awaitable[None]]
"""Steps done, of how many, and what it is at."""

_UNSHOWN = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")
_MOST_LINES = 20_000
_REMEMBERED = 50


class BuildLog:
    """Opened when the first line comes, so that a build with nothing to do keeps the log of the one that did.

    `secrets` are values that never show in it. `total` is how many steps there are,
    `notes` what is said before them.
    """

    def __init__(
        self,
        path: Path,
        say: Say,
        *,
        secrets: Collection[str] = (),
        progress: Progress | None = None,
        total: int = 0,
        notes: Sequence[str] = (),
    ) -> None:
        self._path, self._say, self._progress = path, say, progress
        self._masker = Masker(secrets)
        self._lines = self._steps = 0
        self._total, self._notes = total, notes
        self._last: deque[str] = deque(maxlen=_REMEMBERED)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._last.clear()

    async def step(self, does: str) -> None:
        """Says what is begun now; before the first step, what there is to know of the whole."""
        notes, self._notes = self._notes, ()
        for note in notes:
            await self.line(note)
        self._steps += 1
        total = max(self._total, self._steps)
        if self._progress is not None:
            await self._progress(self._steps - 1, total, does)
        await self.line(f"[{self._steps}/{total}] {does}")
        self._last.clear()  # what comes now is the step's own

    async def done(self) -> None:
        """There is nothing left to do."""
        if self._progress is not None and self._steps:
            await self._progress(self._steps, self._steps, None)

    async def line(self, text: str) -> None:
        """Control characters are left out; after 20,000 lines all are but for those that `last` gives."""
        shown = self._masker.mask(_UNSHOWN.sub("", text))
        self._last.append(shown)
        self._lines += 1
        if self._lines > _MOST_LINES:
            return
        if self._lines == _MOST_LINES:
            shown = f"from here on the log is not kept: it has {_MOST_LINES:,} lines"
        with self._path.open("w" if self._lines == 1 else "a", encoding="utf-8") as file:
            file.write(f"{shown}\n")
        await self._say(shown)

    def last(self, count: int) -> list[str]:
        return list(self._last)[-count:]
