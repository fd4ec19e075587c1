"""The shim: stays beside one replica, whatever becomes of the daemon that started it.

Run as `python -I -S -E shim.py`, with marshalled orders (`orders.py`) on standard input. It makes itself independent,
starts the replica's containers, and answers one line: the shim's pid, or what went wrong. From then on it keeps their
output and writes `state.json`, always by rename: when a container starts or ends, and when the replica has ended.

SIGTERM to the shim ends the replica: TERM to each container's process group, and KILL after the grace time. `kill -9`
of the shim ends it at once. On SIGUSR1 it looks for what the daemon has to say, each an empty file in its folder:

- `healthy.NAME`: this container is, and what waits for that is started;
- `ready`: the replica was, so that a container that ends from now on is started again alone;
- `restart.NAME`: this container failed its liveness probe.
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

from roadbed.runtimes.drivers.process.shim_container import CHUNK, Container
from roadbed.runtimes.drivers.process.shim_output import Log, Mask, now

TYPE_CHECKING = False  # `typing` costs more memory than the shim itself
if TYPE_CHECKING:
    from typing import Any

CANNOT_START = 126


class Shim:
    def __init__(self, orders: dict[str, Any]) -> None:
        self._folder: str = orders["folder"]
        self._grace: float = orders["grace_s"]
        self._fixed = {name: orders[name] for name in ("attempt", "stack", "port", "ports")}
        self._lock = _lock(f"{self._folder}/lock")
        self._forget_marks()
        mask = Mask(orders["forms"])
        self._log = Log(self._folder, orders["log_bytes"], orders["log_files"])
        self._stop_asked = False
        self._ended_by: Container | None = None  # the one whose end is the replica's
        self._wake = _wake_by(signal.SIGTERM, signal.SIGCHLD, signal.SIGUSR1)
        self._containers = {one["name"]: Container(one, self._log, mask) for one in orders["containers"]}
        self._started_at = now()
        try:
            self._advance()
            self._write_state(None)
        except OSError:
            self._kill_all()  # nobody would ever find it again
            raise

    def run(self) -> None:
        """Returns when the replica has ended and all of its output is kept."""
        while not self._over():
            self._read()
            self._act()
        self._write_state(self._code())

    def _over(self) -> bool:
        ending = self._stop_asked or self._ended_by is not None
        return ending and not any(one.running for one in self._containers.values())

    def _act(self) -> None:
        if STOP and not self._stop_asked:
            self._stop_asked = True
            self._stop_all("stopping")
        changed = False
        for container in self._containers.values():
            container.watch()
            container.kill(self._grace)
            if container.collect():
                changed = True
                self._has_ended(container)
        while TOLD:
            TOLD.pop()
            self._restart()
        if self._advance() or changed:
            self._write_state(None)

    def _has_ended(self, container: Container) -> None:
        stopped = self._stop_asked or self._ended_by is not None
        container.say(container.last_words(stopped=stopped))
        if stopped or (container.once and container.code == 0):
            return
        if container.name and not container.once and self._marked("ready"):
            container.say(f"starting it again in {container.schedule():g} s")
            return
        self._ended_by = container
        self._stop_all(f"{container.name} has ended")

    def _restart(self) -> None:
        """Ends those whose liveness probe failed: what has ended is started again."""
        for container in self._containers.values():
            if self._marked(f"restart.{container.name}"):
                os.unlink(f"{self._folder}/restart.{container.name}")
                if container.running:
                    container.stop(self._grace, "its liveness probe failed")

    def _advance(self) -> bool:
        """Starts what is to start now. Whether anything was."""
        began = False
        while not self._stop_asked and self._ended_by is None and (ready := self._next()) is not None:
            try:
                ready.start()
            except OSError as error:
                if not began and not any(one.started for one in self._containers.values()):
                    raise  # nothing runs yet: whoever started the shim is told
                ready.say(f"cannot start: {error}")
                ready.code = CANNOT_START
                self._ended_by = ready
                self._stop_all(f"{ready.name} can't start")
            began = True
        return began

    def _next(self) -> Container | None:
        for container in self._containers.values():
            due = container.again_at is not None and time.monotonic() >= container.again_at
            first = not container.started and all(self._is(other, how) for other, how in container.waits.items())
            if due or first:
                return container
        return None

    def _is(self, name: str, how: str) -> bool:
        other = self._containers[name]
        if how == "complete":
            return other.code == 0
        return other.started if how == "started" else self._marked(f"healthy.{name}")

    def _read(self) -> None:
        """Waits until there is something to do, and keeps what was written."""
        writers = {descriptor: one for one in self._containers.values() for descriptor in one.streams}
        poll = select.poll()
        for descriptor in (self._wake, *writers):
            poll.register(descriptor, select.POLLIN)
        for descriptor, _ in poll.poll(self._patience()):
            if descriptor == self._wake:
                os.read(self._wake, 512)
            else:
                writers[descriptor].read(descriptor)

    def _stop_all(self, why: str) -> None:
        for container in self._containers.values():
            container.stop(self._grace, why)

    def _kill_all(self) -> None:
        for container in self._containers.values():
            if container.process is not None:
                container.process.kill()

    def _patience(self) -> float | None:
        """Milliseconds until there is something to do that no descriptor tells of."""
        waits = [wait for container in self._containers.values() for wait in container.patience()]
        return min(waits) * 1000 + 1 if waits else None

    def _marked(self, mark: str) -> bool:
        return os.path.exists(f"{self._folder}/{mark}")

    def _forget_marks(self) -> None:
        """Of the replica's process before this one."""
        for name in os.listdir(self._folder):
            if name == "ready" or name.startswith(("healthy.", "restart.")):
                os.unlink(f"{self._folder}/{name}")

    def _main(self) -> Container:
        """The first: what a replica of one container is."""
        return next(iter(self._containers.values()))

    def _code(self) -> int:
        return (self._ended_by or self._main()).code or 0

    def _reason(self) -> str | None:
        if self._ended_by is None:
            return "stopped" if self._stop_asked else None
        reason = "out of memory" if self._ended_by.out_of_memory else None
        if not self._ended_by.name:
            return reason or ("stopped" if self._stop_asked else None)
        return f"container {self._ended_by.name}: {reason or f'exit code {self._ended_by.code}'}"

    def _write_state(self, code: int | None) -> None:
        main = self._main().process
        fields = {
            **self._fixed,
            "pid": os.getpid(),
            "started": _start_time(),
            "replica": None if main is None else main.pid,
            "containers": {name: _state_of(container) for name, container in self._containers.items()},
            "started_at": self._started_at,
            "ended_at": None if code is None else now(),
            "code": code,
            "reason": self._reason(),
        }
        _replace(f"{self._folder}/state.json", _json(fields) + "\n")


def _state_of(container: Container) -> dict[str, Any]:
    """`down` is 1 for one that should run and doesn't; `last` says how its last process that ended did."""
    return {
        "pid": container.process.pid if container.process is not None and container.running else None,
        "code": container.code,
        "restarts": container.restarts,
        "down": int(container.down),
        "last": container.last,
    }


STOP: list[int] = []
"""Filled by SIGTERM."""

TOLD: list[int] = []
"""Filled by SIGUSR1."""


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
    elif number == signal.SIGUSR1:
        TOLD.append(number)


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


def _start_time() -> str:
    """As `control.processes` has it: the 22nd field of proc(5)'s stat."""
    with open("/proc/self/stat") as file:
        return file.read().rpartition(")")[2].split()[19]


def _json(value: dict[str, Any] | int | str | None) -> str:
    """Enough for numbers and for our own words; the json module would be a megabyte for each replica."""
    if isinstance(value, dict):
        return "{" + ", ".join(f'"{name}": {_json(item)}' for name, item in value.items()) + "}"
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
