"""The log of a build: kept in a file, told to whoever waits."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import TracebackType
from typing import Self

_UNSHOWN = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")
_MOST_LINES = 20_000
_REMEMBERED = 50


class BuildLog:
    """Opened when the first line comes, so that a build with nothing to do keeps the log of the one that did."""

    def __init__(self, path: Path, say: Callable[[str], Awaitable[None]]) -> None:
        self._path, self._say = path, say
        self._lines = 0
        self._last: deque[str] = deque(maxlen=_REMEMBERED)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._last.clear()

    async def line(self, text: str) -> None:
        """Control characters are left out; after 20,000 lines all are but for those that `last` gives."""
        shown = _UNSHOWN.sub("", text)
        self._last.append(shown)
        self._lines += 1
        if self._lines > _MOST_LINES:
            return
        with self._path.open("w" if self._lines == 1 else "a", encoding="utf-8") as file:
            file.write(f"{shown}\n")
        await self._say(shown)

    def last(self, count: int) -> list[str]:
        return list(self._last)[-count:]
