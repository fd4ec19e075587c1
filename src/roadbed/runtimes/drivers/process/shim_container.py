"""One container of a replica: its process, what it writes, what it may use, and for whom it waits."""

from __future__ import annotations

import os
import select
import signal
import time

from roadbed.runtimes.drivers.process.shim_limits import Limits, children
from roadbed.runtimes.drivers.process.shim_output import Lines, Log, Mask
from roadbed.sandbox.folders import open_within

TYPE_CHECKING = False  # `typing` costs more memory than the shim itself
if TYPE_CHECKING:
    from typing import Any

CHUNK = 64 * 1024
_STABLE = 60.0
"""Seconds. One that ran for so long begins anew: what ends it then counts as its first failure."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 60.0


class Process:
    """A container's first process: bubblewrap, or the command itself where there are no sandboxes."""

    def __init__(self, orders: dict[str, Any]) -> None:
        self._sandboxed: bool = orders["sandboxed"]
        self.limits = Limits(orders["groups"], orders["watched_bytes"], orders["layer"])
        self.streams: dict[int, str] = {}
        pipes = {name: os.pipe() for name in ("stdout", "stderr")}
        self.pid = os.fork()
        if self.pid == 0:
            self._become(orders, {name: pipe[1] for name, pipe in pipes.items()})
        for name, (reader, writer) in pipes.items():
            os.close(writer)
            os.set_blocking(reader, False)
            self.streams[reader] = name

    def _become(self, orders: dict[str, Any], outputs: dict[str, int]) -> None:
        try:
            if self._sandboxed:
                os.setpgid(0, 0)  # bubblewrap and the namespace's first process: ended together, however early
            self.limits.join()
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(outputs["stdout"], 1)
            os.dup2(outputs["stderr"], 2)
            for number, content in orders["files"]:
                _memory_file(number, content)
            for number, root, path in orders["folders"]:
                os.dup2(open_within(root, path), number)
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1, signal.SIGPIPE, signal.SIGXFSZ):
                signal.signal(number, signal.SIG_DFL)
            os.execve(orders["argv"][0], orders["argv"], {})  # noqa: S606 - an argument list of the driver's
        except BaseException as error:  # whatever it is, this process must not go on as a second shim
            os.write(2, f"roadbed: cannot start: {error}\n".encode(errors="replace"))
        os._exit(126)

    def signal(self, number: int) -> None:
        """To the command and all of its process group: the launcher has made it the leader of one."""
        command = self._command()
        try:
            os.killpg(command, number)
        except ProcessLookupError:
            _kill(command, number)  # the launcher has not come so far yet

    def kill(self) -> None:
        """Ends everything: the end of the namespace's first process is the end of the namespace."""
        self.sweep()
        _kill(self.pid, signal.SIGKILL)  # where it has no group of its own yet

    def sweep(self) -> None:
        """Ends what is left after its end: without a sandbox, whatever the command began; with one, a namespace whose
        bubblewrap was killed while it set up."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def _command(self) -> int:
        """Bubblewrap's child is the first process of the namespace, whose first child is the command."""
        found = [self.pid]
        for _ in range(2 if self._sandboxed else 0):
            found = children(found[0])[:1] or found
        return found[0]


class Container:
    """`name` is empty for the only one of a replica. `code` is that of its last process, None while one runs.

    `once`: others wait until it is complete, so it runs to its end and not again. `waits` maps those for which it waits
    itself to how far they must be. `again_at` and `kill_at` are monotonic times, None for never. `last` says how its
    process before this one ended, or this one if it has.
    """

    def __init__(self, orders: dict[str, Any], log: Log, mask: Mask) -> None:
        self.name: str = orders["name"]
        self.once: bool = orders["once"]
        self.waits: dict[str, str] = orders["waits"]
        self.process: Process | None = None
        self.code: int | None = None
        self.restarts = 0
        self.last: str | None = None
        self.out_of_memory = False
        self.again_at: float | None = None
        self.kill_at: float | None = None
        self._limit: int | None = orders["memory_bytes"]
        self._orders: dict[str, Any] | None = orders
        self._log, self._mask = log, mask
        self._failures = 0
        self._began = 0.0
        self._asked = ""
        self._lines: dict[int, Lines] = {}

    @property
    def started(self) -> bool:
        return self.process is not None

    @property
    def running(self) -> bool:
        return self.process is not None and self.code is None

    @property
    def down(self) -> bool:
        """Whether it should run and doesn't."""
        return not self.running and not (self.once and self.code == 0)

    @property
    def streams(self) -> list[int]:
        """The descriptors of what it writes."""
        return list(self._lines)

    def start(self) -> None:
        if self._orders is None:
            raise OSError(f"container {self.name} can be started only once")
        self.process = Process(self._orders)
        self.code, self.again_at, self.kill_at, self.out_of_memory = None, None, None, False
        self._asked = ""
        self._began = time.monotonic()
        self._lines = {reader: Lines(self._mask) for reader in self.process.streams}
        if not self.name or self.once:
            self._orders = None  # it is not started again by the shim; its secrets need not stay in memory

    def read(self, descriptor: int) -> bool:
        """Keeps what there is to read. False at the end of the stream, which is closed then."""
        try:
            data = os.read(descriptor, CHUNK)
        except BlockingIOError:
            return True
        if data:
            self._log.write(self._stream(descriptor), self._lines[descriptor].feed(data))
        else:
            self._end(descriptor)
        return bool(data)

    def _end(self, descriptor: int) -> None:
        self._log.write(self._stream(descriptor), self._lines.pop(descriptor).end())
        os.close(descriptor)

    def collect(self) -> bool:
        """Whether it has just ended. Then all that it wrote is kept, and its descriptors are closed."""
        if self.process is None or self.code is not None:
            return False
        pid, status = os.waitpid(self.process.pid, os.WNOHANG)
        if pid == 0:
            return False
        code = os.waitstatus_to_exitcode(status)
        self.code = code if code >= 0 else 128 - code
        self.kill_at = None
        self._close(self.process, self.code)
        self.last = "out of memory" if self.out_of_memory else self._asked or f"exit code {self.code}"
        return True

    def _close(self, process: Process, code: int) -> None:
        process.sweep()
        for descriptor in self.streams:
            while _readable(descriptor) and self.read(descriptor):
                pass
            if descriptor in self._lines:
                self._end(descriptor)
        if not process.limits.interval:
            self.out_of_memory |= code != 0 and process.limits.exceeded(process.pid)
        process.limits.close()

    def watch(self) -> None:
        """Ends it if it uses too much."""
        process = self.process
        if process is not None and self.running and process.limits.interval and process.limits.exceeded(process.pid):
            self.out_of_memory = True
            process.kill()

    def stop(self, grace: float, why: str) -> None:
        """Asks it to end: kindly at first. One that waits to be started is not."""
        self.again_at = None
        if self.process is not None and self.running and self.kill_at is None:
            self.kill_at = time.monotonic() + grace
            self._asked = why
            self.say(f"{why}: sent SIGTERM")
            self.process.signal(signal.SIGTERM)

    def kill(self, grace: float) -> None:
        """If it was asked to end and its time is over."""
        if self.process is not None and self.kill_at is not None and time.monotonic() >= self.kill_at:
            self.kill_at = None
            self.say(f"it did not stop within {grace:g} s: sent SIGKILL")
            self.process.kill()

    def schedule(self) -> float:
        """Has it started again, after a pause that doubles with each failure in a row. The seconds until then."""
        self._failures = 1 if time.monotonic() - self._began >= _STABLE else self._failures + 1
        pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * (1 << min(self._failures - 1, 16)))
        self.again_at = time.monotonic() + pause
        self.restarts += 1
        return pause

    def patience(self) -> list[float]:
        """Seconds until there is something to do for it that no descriptor tells of."""
        limits = self.process.limits if self.process is not None and self.running else None
        waits = [limits.interval] if limits is not None and limits.interval else []
        return waits + [max(0.0, at - time.monotonic()) for at in (self.again_at, self.kill_at) if at is not None]

    def last_words(self, *, stopped: bool) -> str:
        if self.out_of_memory and self._limit is not None:
            return f"ended: it used more memory than its limit of {self._limit // 1024**2} MB"
        return "stopped" if stopped else f"ended with exit code {self.code}"

    def say(self, sentence: str) -> None:
        self._log.write(f"system@{self.name}" if self.name else "system", [("F", sentence)])

    def _stream(self, descriptor: int) -> str:
        name = self.process.streams[descriptor] if self.process is not None else "stdout"
        return f"{name}@{self.name}" if self.name else name


def _memory_file(number: int, content: bytes) -> None:
    descriptor = os.memfd_create("roadbed")
    with os.fdopen(os.dup(descriptor), "wb") as file:
        file.write(content)
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.dup2(descriptor, number)


def _kill(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def _readable(descriptor: int) -> bool:
    return bool(select.select([descriptor], [], [], 0.2)[0])
