"""Runs a command in a sandbox to its end."""

from __future__ import annotations

import asyncio
import codecs
import os
import signal
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TypeAlias

from roadbed.kit.errors import Unavailable
from roadbed.sandbox import detect
from roadbed.sandbox.domain import Host, Sandbox
from roadbed.sandbox.memory_files import prepared
from roadbed.sandbox.processes import ended

OnLine: TypeAlias = Callable[[str], Awaitable[None]]

_CHUNK = 64 * 1024
_LONGEST_LINE = 16 * 1024


@dataclass(frozen=True, slots=True)
class Completed:
    """How a command ended. `code` is its exit code, 128 + n when signal n ended it.

    `stdout` and `stderr` hold at most the first `max_output` bytes of each; `truncated` says that there was more.
    `flooded`: it wrote so much that it was ended.
    """

    code: int
    stdout: bytes
    stderr: bytes
    timed_out: bool = False
    truncated: bool = False
    flooded: bool = False


class Started:
    """A command in its sandbox that waits for its input. Exactly one of `finish` and `end` is called, once."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @property
    def pid(self) -> int:
        """What all of it descends from."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """It didn't wait, or was killed; asyncio may not have heard of it yet."""
        try:
            return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
        except ChildProcessError:
            return True

    async def finish(
        self,
        *,
        stdin: bytes | None = None,
        timeout: float,  # noqa: ASYNC109 - its end is an outcome, not an exception
        on_line: OnLine | None = None,
        max_output: int = 1024 * 1024,
        flood: int | None = None,
    ) -> Completed:
        """As `run`: nothing of it is left when this returns."""
        process = self._process
        end = partial(_kill, process)
        out, err = (_Stream(max_output, on_line, flood, end) for _ in range(2))
        timed_out = False
        parts = (_feed(process, stdin), out.drain(process.stdout), err.drain(process.stderr), _end(process))
        work = [asyncio.ensure_future(part) for part in parts]
        try:
            async with asyncio.timeout(timeout):
                await asyncio.gather(*work)
        except TimeoutError:
            timed_out = True
        finally:
            _kill(process)
            await _gone(process, work)
        code = process.returncode or 0
        return Completed(
            code=code if code >= 0 else 128 - code,
            stdout=bytes(out.kept),
            stderr=bytes(err.kept),
            timed_out=timed_out,
            truncated=out.truncated or err.truncated,
            flooded=out.flooded or err.flooded,
        )

    async def end(self) -> None:
        """It isn't needed. Nothing of it is left when this returns."""
        _kill(self._process)
        await _gone(self._process, ())


async def run(
    sandbox: Sandbox,
    command: Sequence[str],
    *,
    stdin: bytes | None = None,
    timeout: float,  # noqa: ASYNC109 - its end is an outcome, not an exception
    on_line: OnLine | None = None,
    max_output: int = 1024 * 1024,
    flood: int | None = None,
    host: Host | None = None,
    inside: int | None = None,
    on_start: Callable[[int], object] | None = None,
) -> Completed:
    """Runs `command` and everything it starts, for `timeout` seconds at most; nothing of it is left when this returns.

    `on_line` is given each line of either stream as it comes, without its end. A command that can't be executed ends
    with code 126 or 127 and a sentence on stderr, as in a shell. One that writes more than `flood` bytes to a stream is
    ended; without it, whatever it writes is read. `inside` is a process of a running sandbox, made from
    the same `sandbox`, to run the command in. `on_start` is given the pid that all of it descends from. Raises
    Unavailable when the machine can't start it.
    """
    started = await start(sandbox, command, host=host, inside=inside)
    if on_start is not None:
        on_start(started.pid)
    return await started.finish(stdin=stdin, timeout=timeout, on_line=on_line, max_output=max_output, flood=flood)


async def start(
    sandbox: Sandbox, command: Sequence[str], *, host: Host | None = None, inside: int | None = None
) -> Started:
    """Starts `command`, to be given its input later. Raises Unavailable when the machine can't.

    Whoever cancels while it starts waits until it has: what is half started can't be ended as a whole.

    asyncio would end bubblewrap alone, maybe before the process inside is bound to it, and then wait for ever for the
    streams that this one holds.
    """
    starting = asyncio.ensure_future(_start(sandbox, command, host or detect.host(), inside))
    try:
        return Started(await asyncio.shield(starting))
    except asyncio.CancelledError:
        await asyncio.wait([starting])
        if not starting.cancelled() and starting.exception() is None:
            _kill(starting.result())
            await starting.result().wait()
        raise


async def _start(
    sandbox: Sandbox, command: Sequence[str], host: Host, inside: int | None
) -> asyncio.subprocess.Process:
    with prepared(sandbox, command, host, inside=inside) as (arguments, descriptors):
        try:
            return await asyncio.create_subprocess_exec(
                *arguments,
                pass_fds=descriptors,
                env={},
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            raise Unavailable(
                f"this machine can't start another process: {error.strerror}",
                hint="free memory or processes, and try again",
            ) from error


async def _feed(process: asyncio.subprocess.Process, data: bytes | None) -> None:
    if process.stdin is None:
        return
    with suppress(BrokenPipeError, ConnectionResetError):  # a command need not read what it's given
        process.stdin.write(data or b"")
        await process.stdin.drain()
    process.stdin.close()


async def _end(process: asyncio.subprocess.Process) -> None:
    """Waits for the command, then ends what it left behind, which would hold the streams open."""
    await ended(process.pid)  # `process.wait()` waits for the streams as well
    _kill(process)


async def _gone(process: asyncio.subprocess.Process, work: Sequence[asyncio.Future[None]]) -> None:
    """Waits for a process that was killed.

    What it had written is read to its end: `process.wait()` waits for that, and would for ever where `on_line` was too
    slow, since a stream that nobody reads from is not seen to end.
    """
    for part in work:
        part.cancel()
    await asyncio.gather(*work, return_exceptions=True)
    streams = [stream for stream in (process.stdout, process.stderr) if stream is not None]
    await asyncio.gather(process.wait(), *(stream.read() for stream in streams))


def _kill(process: asyncio.subprocess.Process) -> None:
    """Ends the whole group. Bubblewrap's end is the end of its namespace."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


@dataclass(slots=True)
class _Stream:
    limit: int
    on_line: OnLine | None
    flood: int | None
    end: Callable[[], None]
    kept: bytearray = field(default_factory=bytearray)
    truncated: bool = False
    flooded: bool = False
    _read: int = 0
    _decoder: codecs.IncrementalDecoder = field(
        default_factory=lambda: codecs.getincrementaldecoder("utf-8")(errors="replace")
    )
    _partial: str = ""

    async def drain(self, reader: asyncio.StreamReader | None) -> None:
        while reader is not None and (chunk := await reader.read(_CHUNK)):
            room = self.limit - len(self.kept)
            self.kept += chunk[:room]
            self.truncated |= len(chunk) > room
            self._read += len(chunk)
            if self.flood is not None and self._read > self.flood and not self.flooded:
                self.flooded = True
                self.end()  # and what is left in the pipe is read to its end
            await self._lines(self._decoder.decode(chunk))
        await self._lines(self._decoder.decode(b"", final=True), end=True)

    async def _lines(self, text: str, *, end: bool = False) -> None:
        if self.on_line is None:
            return
        *lines, self._partial = (self._partial + text).split("\n")
        if self._partial and (end or len(self._partial) > _LONGEST_LINE):
            lines.append(self._partial)
            self._partial = ""
        for line in lines:
            await self.on_line(line.rstrip("\r"))
