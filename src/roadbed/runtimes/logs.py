"""Reading what replicas wrote: lines of `time stream tag text`, the oldest first, of several files at once."""

from __future__ import annotations

import asyncio
import heapq
import os
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeAlias

from roadbed.runtimes.driver import Driver

LINES_SHOWN = 10
POLL_S = 0.2
_REFRESH_S = 1.0
_BLOCK = 64 * 1024


@dataclass(frozen=True, slots=True)
class LogRecord:
    """`stream` is `stdout`, `stderr`, or `system` for what the platform itself says about the replica.

    `replica` is its name, and with it that of the container where there are several: `web-3k9x2/worker`.
    """

    at: str
    replica: str
    workload: str
    stream: str
    text: str


@dataclass(frozen=True, slots=True)
class Source:
    """A replica (or job) that writes a log; `files` are its files, the oldest first."""

    id: str
    replica: str
    workload: str
    files: tuple[Path, ...]


Sources: TypeAlias = Callable[[], Awaitable[Sequence[Source]]]


def tail(sources: Sequence[Source], n: int, upto: Mapping[Path, int] | None = None) -> list[LogRecord]:
    """The last `n` lines of all of them together, by time. `upto` says at which byte of a file to end."""
    each = [[_record(source, line) for line in last_lines(source.files, n, upto)] for source in sources]
    return list(deque(heapq.merge(*each, key=lambda record: record.at), maxlen=max(n, 0)))


async def follow(
    sources: Sources, n: int, ended: Callable[[], Awaitable[bool]] | None = None
) -> AsyncGenerator[LogRecord, None]:
    """`tail`, then each line as it is written, also of replicas that come later. Ends once `ended` says so and all that
    was written then is given; never without it.
    """
    readers: dict[str, _Reader] = {}
    try:
        found = await sources()
        for source in found:
            readers[source.id] = _Reader(source)
        upto = {reader.path: reader.position for reader in readers.values()}
        for record in tail(found, n, upto):
            yield record
        loop = asyncio.get_running_loop()
        refreshed, over = loop.time(), False
        while not over:
            await asyncio.sleep(POLL_S)
            if loop.time() - refreshed >= _REFRESH_S:
                await _refresh(readers, sources)
                over = ended is not None and await ended()
                refreshed = loop.time()
            lines = [reader.read() for reader in readers.values()]
            for record in heapq.merge(*lines, key=lambda record: record.at):
                yield record
    finally:
        for reader in readers.values():
            reader.close()


async def _refresh(readers: dict[str, _Reader], sources: Sources) -> None:
    found: Mapping[str, Source] = {source.id: source for source in await sources()}
    for id_ in set(readers) - set(found):
        readers.pop(id_).close()
    for id_ in set(found) - set(readers):
        readers[id_] = _Reader(found[id_], from_start=True)


def last_lines(files: Iterable[Path], n: int, upto: Mapping[Path, int] | None = None) -> list[bytes]:
    """Reads only as much of the files' ends as it takes."""
    lines: list[bytes] = []
    for path in reversed(list(files)):
        if len(lines) >= n:
            break
        lines = [*_end_of(path, n - len(lines), (upto or {}).get(path)), *lines]
    return lines[-n:] if n > 0 else []


def _end_of(path: Path, n: int, upto: int | None) -> list[bytes]:
    try:
        with path.open("rb") as file:
            position = file.seek(0, os.SEEK_END) if upto is None else upto
            data = b""
            while position > 0 and data.count(b"\n") <= n:
                size = min(_BLOCK, position)
                position = file.seek(position - size)
                data = file.read(size) + data
    except FileNotFoundError:  # rotated away
        return []
    return data.removesuffix(b"\n").split(b"\n")[-n:] if data else []  # not splitlines: programs write \r within a line


def last_words(driver: Driver, id: str) -> str:
    """What the program wrote last, as the end of a sentence that says how it failed."""
    lines = list(texts(last_lines(driver.log_files(id), LINES_SHOWN * 3)))[-LINES_SHOWN:]
    return "\n".join(["it last wrote:", *(f"  {line}" for line in lines)]) if lines else "it wrote nothing"


def texts(lines: Iterable[bytes]) -> Iterator[str]:
    """What the program itself wrote, without what the platform said about it."""
    for line in lines:
        _, stream, _, text = _split(line)
        if stream.partition("@")[0] != "system":
            yield text


def _record(source: Source, line: bytes) -> LogRecord:
    at, written, _, text = _split(line)
    stream, _, container = written.partition("@")
    replica = f"{source.replica}/{container}" if container else source.replica
    return LogRecord(at, replica, source.workload, stream, text)


def _split(line: bytes) -> tuple[str, str, str, str]:
    at, _, rest = line.decode("utf-8", "replace").partition(" ")
    stream, _, rest = rest.partition(" ")
    tag, _, text = rest.partition(" ")
    return at, stream, tag, text


@dataclass(slots=True)
class _Reader:
    """The place up to which a log was read. Goes on in the next file when the log is rotated."""

    source: Source
    from_start: bool = False
    position: int = 0
    _file: BinaryIO | None = None
    _rest: bytes = b""

    def __post_init__(self) -> None:
        if not self.from_start and self._open() and self._file is not None:
            self.position = self._file.seek(0, os.SEEK_END)

    def read(self) -> list[LogRecord]:
        if self._file is None and not self._open():
            return []
        data = self._rest + self._read_on()
        *lines, self._rest = data.split(b"\n")
        return [_record(self.source, line) for line in lines]

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    @property
    def path(self) -> Path:
        return self.source.files[-1]

    def _open(self) -> bool:
        try:
            self._file = self.path.open("rb")
        except (FileNotFoundError, IndexError):
            return False
        return True

    def _read_on(self) -> bytes:
        if self._file is None:
            return b""
        data = self._file.read()
        if self._rotated():
            data += self._file.read()
            self.close()
            if self._open() and self._file is not None:
                data += self._file.read()
        return data

    def _rotated(self) -> bool:
        try:
            there = self.path.stat()
        except FileNotFoundError:
            return False
        return self._file is not None and os.fstat(self._file.fileno()).st_ino != there.st_ino
