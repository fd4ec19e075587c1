"""The shim: stays beside one replica, whatever becomes of the daemon that started it.

Run as `python -I -S -E shim.py`, with a marshalled `driver.Orders` on standard input. It makes itself independent,
starts the replica, and answers one line: the shim's pid, or what went wrong. From then on it keeps the replica's
output and writes `state.json`, always by rename: at the start, and when the replica has ended. SIGTERM to the shim
ends the replica: TERM to its process group, and KILL after the grace time. `kill -9` of the shim ends it at once.
"""

from __future__ import annotations

import fcntl
import marshal
import os
import select
import signal
import sys
import time

if __name__ == "__main__":
    sys.path.insert(0, __file__.rsplit("/", 5)[0])  # `-I` leaves out even the folder of the script

from roadbed.runtimes.drivers.process.shim_memory import Group, Watch, children
from roadbed.runtimes.drivers.process.shim_output import Lines, Log, Mask, now

TYPE_CHECKING = False  # `typing` costs more memory than the shim itself
if TYPE_CHECKING:
    from typing import Any

CHUNK = 64 * 1024


class Replica:
    """The replica's first process: bubblewrap, or the command itself where there are no sandboxes."""

    def __init__(self, orders: dict[str, Any]) -> None:
        self._sandboxed: bool = orders["sandboxed"]
        limit = orders["memory_bytes"]
        group = orders["cgroup"]
        self.memory = None if limit is None else Group(group, limit) if group else Watch(limit)
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
            if self.memory is not None:
                self.memory.join()
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(outputs["stdout"], 1)
            os.dup2(outputs["stderr"], 2)
            for number, content in orders["files"]:
                _memory_file(number, content)
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGPIPE, signal.SIGXFSZ):
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


class Shim:
    def __init__(self, orders: dict[str, Any]) -> None:
        self._folder: str = orders["folder"]
        self._grace: float = orders["grace_s"]
        self._attempt: int = orders["attempt"]
        self._stack: str = orders["stack"]
        self._port: int | None = orders["port"]
        self._lock = _lock(f"{self._folder}/lock")
        mask = Mask(orders["forms"])
        self._log = Log(self._folder, orders["log_bytes"], orders["log_files"])
        self._stop_asked = False
        self._kill_at: float | None = None
        self._out_of_memory = False
        self._limit = orders["memory_bytes"]
        self._wake = _wake_by(signal.SIGTERM, signal.SIGCHLD)
        self._replica = Replica(orders)
        self._lines = {reader: Lines(mask) for reader in self._replica.streams}
        self._started_at = now()
        try:
            self._write_state(None)
        except OSError:
            self._replica.kill()  # nobody would ever find it again
            raise

    def run(self) -> None:
        """Returns when the replica has ended and all of its output is kept."""
        poll = select.poll()
        for descriptor in (self._wake, *self._replica.streams):
            poll.register(descriptor, select.POLLIN)
        while (code := self._collect()) is None:
            for descriptor, _ in poll.poll(self._patience()):
                if descriptor == self._wake:
                    os.read(self._wake, 512)
                elif not self._read(descriptor):
                    poll.unregister(descriptor)
            self._act()
        self._finish(code)

    def _act(self) -> None:
        memory = self._replica.memory
        if memory is not None and memory.interval and not self._out_of_memory and memory.exceeded(self._replica.pid):
            self._out_of_memory = True
            self._replica.kill()
        if STOP and not self._stop_asked:
            self._stop_asked = True
            self._kill_at = time.monotonic() + self._grace
            self._log.say("stopping: sent SIGTERM")
            self._replica.signal(signal.SIGTERM)
        if self._kill_at is not None and time.monotonic() >= self._kill_at:
            self._kill_at = None
            self._log.say(f"it did not stop within {self._grace:g} s: sent SIGKILL")
            self._replica.kill()

    def _patience(self) -> float | None:
        """Milliseconds until there is something to do that no descriptor tells of."""
        memory = self._replica.memory
        waits = [memory.interval] if memory is not None and memory.interval else []
        if self._kill_at is not None:
            waits.append(max(0.0, self._kill_at - time.monotonic()))
        return min(waits) * 1000 + 1 if waits else None

    def _read(self, descriptor: int) -> bool:
        """Keeps what there is to read. False at the end of the stream."""
        try:
            data = os.read(descriptor, CHUNK)
        except BlockingIOError:
            return True
        lines = self._lines[descriptor]
        self._log.write(self._replica.streams[descriptor], lines.feed(data) if data else lines.end())
        return bool(data)

    def _collect(self) -> int | None:
        """The exit code, 128 + n for signal n, or None while it runs."""
        pid, status = os.waitpid(self._replica.pid, os.WNOHANG)
        if pid == 0:
            return None
        code = os.waitstatus_to_exitcode(status)
        return code if code >= 0 else 128 - code

    def _finish(self, code: int) -> None:
        self._replica.sweep()
        for descriptor in self._replica.streams:
            while _readable(descriptor) and self._read(descriptor):
                pass
            self._log.write(self._replica.streams[descriptor], self._lines[descriptor].end())
        memory = self._replica.memory
        if memory is not None:
            self._out_of_memory |= code != 0 and not memory.interval and memory.exceeded(self._replica.pid)
            memory.close()
        self._log.say(self._last_words(code))
        self._write_state(code)

    def _last_words(self, code: int) -> str:
        if self._out_of_memory:
            return f"ended: it used more memory than its limit of {self._limit // 1024**2} MB"
        return "stopped" if self._stop_asked else f"ended with exit code {code}"

    def _write_state(self, code: int | None) -> None:
        reason = "out of memory" if self._out_of_memory else "stopped" if self._stop_asked else None
        fields = {
            "attempt": self._attempt,
            "stack": self._stack,
            "port": self._port,
            "pid": os.getpid(),
            "started": _start_time(),
            "replica": self._replica.pid,
            "started_at": self._started_at,
            "ended_at": None if code is None else now(),
            "code": code,
            "reason": reason,
        }
        _replace(f"{self._folder}/state.json", _object(fields))


STOP: list[int] = []
"""Filled by SIGTERM."""


def _wake_by(*numbers: int) -> int:
    """A descriptor that becomes readable when one of these signals comes, so that `poll` misses none."""
    reader, writer = os.pipe()
    for descriptor in (reader, writer):
        os.set_blocking(descriptor, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    for number in numbers:
        signal.signal(number, _note)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return reader


def _note(number: int, _frame: object) -> None:
    if number == signal.SIGTERM:
        STOP.append(number)


def _lock(path: str) -> int:
    """One shim a replica, also when two daemons, one just killed, start it at once. Raises OSError after 2 s."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    for _ in range(40):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.05)  # the one before may be writing its last words
        else:
            return descriptor
    raise OSError("another shim holds this replica")


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


def _start_time() -> str:
    """As `control.processes` has it: the 22nd field of proc(5)'s stat."""
    with open("/proc/self/stat") as file:
        return file.read().rpartition(")")[2].split()[19]


def _object(fields: dict[str, Any]) -> str:
    return "{" + ", ".join(f'"{name}": {_json(value)}' for name, value in fields.items()) + "}\n"


def _json(value: int | str | None) -> str:
    """Enough for numbers and for our own words; the json module would be a megabyte for each replica."""
    return "null" if value is None else str(value) if isinstance(value, int) else f'"{value}"'


def _replace(path: str, text: str) -> None:
    try:
        with open(f"{path}.new", "w") as file:
            file.write(text)
        os.replace(f"{path}.new", path)
    except OSError:  # on a full disk there is still the room of what stands there: an exit code must not be lost
        with open(path, "r+") as file:
            file.write(text)
            file.truncate()


def _read_all(descriptor: int) -> bytes:
    parts = []
    while data := os.read(descriptor, CHUNK):
        parts.append(data)
    return b"".join(parts)


def main() -> None:
    orders = marshal.loads(_read_all(0))  # noqa: S302 - from the driver that started us
    answer, tell = os.pipe()
    if os.fork():
        os.close(tell)
        os.write(1, _read_all(answer) or b"the shim ended at once\n")
        return
    os.close(answer)
    os.setsid()
    os.chdir("/")
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    try:
        shim = Shim(orders)
    except OSError as error:
        os.write(tell, f"{error}\n".encode(errors="replace"))
        return
    orders.clear()
    os.write(tell, f"{os.getpid()}\n".encode())
    os.close(tell)
    shim.run()


if __name__ == "__main__":
    main()
