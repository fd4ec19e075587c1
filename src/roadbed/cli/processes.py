"""Starting and stopping the server's process on this machine.

The server is `python -m roadbed.main`, run as a process of its own: the command imports none of it.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from roadbed.client.files import writing_home
from roadbed.client.local import RunFiles, ServerProcess
from roadbed.kit.errors import Conflict, OperationFailed, RoadbedError, Unavailable

MAIN = (sys.executable, "-m", "roadbed.main")
_GRACE_SECONDS = 20.0
_POLL_SECONDS = 0.05
_TAIL = 12


def serve_command(roles: str | None) -> list[str]:
    return [*MAIN, "serve", *(("--roles", roles) if roles else ())]


def stop_command() -> list[str]:
    return [*MAIN, "stop"]


def serve_environment(port: int | None) -> dict[str, str]:
    return {**os.environ, **({"ROADBED_API__PORT": str(port)} if port is not None else {})}


@contextmanager
def starting(files: RunFiles) -> Iterator[None]:
    """Held by whoever starts a server on this home, so that two starts at once make one server."""
    with writing_home(files.home):
        files.progress.parent.mkdir(parents=True, exist_ok=True)
        lock = (files.progress.parent / "start.lock").open("w")
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def launch(files: RunFiles, port: int | None) -> ServerProcess:
    """Starts the server in a session of its own, its output in its log. Call inside `starting`.

    It outlives this process by design, which `subprocess` takes for an oversight; hence the call below it.
    """
    files.prepare()
    command = serve_command(None)
    with writing_home(files.home), files.log.open("ab") as log:
        pid = os.posix_spawn(
            command[0],
            command,
            serve_environment(port),
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_DUP2, log.fileno(), 1),
                (os.POSIX_SPAWN_DUP2, log.fileno(), 2),
            ],
            setsid=True,
        )
    process = ServerProcess.of(pid)
    files.claim(process)
    return process


def become_server(files: RunFiles, roles: str | None, port: int | None) -> None:
    """Turns this process into the server; doesn't return."""
    with starting(files):
        if (running := files.server()) is not None:
            raise Conflict(
                f"the platform is running already (process {running.pid})", hint="stop it with `roadbed down`"
            )
        files.prepare()
        files.claim(ServerProcess.of(os.getpid()))
    command = serve_command(roles)
    os.execve(command[0], command, serve_environment(port))  # noqa: S606  # no shell is what is wanted


def end(process: ServerProcess, tick: Callable[[], None]) -> None:
    """Asks the server to end, and after 20 s ends it."""
    for signal_number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal_number)
        deadline = time.monotonic() + _GRACE_SECONDS
        while process.alive():
            if time.monotonic() > deadline:
                break
            tick()
            time.sleep(_POLL_SECONDS)
        else:
            return
    raise OperationFailed(f"the server (process {process.pid}) does not end")


def stop_the_rest(say: Callable[[str], None]) -> None:
    """Stops what outlives the server: applications, gateway, databases. `say` gets each line that tells of it."""
    with subprocess.Popen(
        stop_command(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as child:
        said: deque[str] = deque(maxlen=_TAIL)
        for line in child.stdout or ():
            said.append(line.rstrip())
            say(line.rstrip())
    if child.returncode != 0:
        raise OperationFailed("not everything could be stopped", hint="\n".join(said) or None)


def died(files: RunFiles, process: ServerProcess) -> RoadbedError:
    """Why the server that we launched ended before it was ready: what it said itself, else the end of its log."""
    code = os.waitstatus_to_exitcode(os.waitpid(process.pid, 0)[1])
    if (failure := files.failure()) is not None:
        return failure
    how = f"exit code {code}" if code >= 0 else signal.Signals(-code).name
    return Unavailable(
        f"the platform did not start ({how})",
        hint="\n".join([f"the end of {files.log}:", *tail(files)]),
    )


def tail(files: RunFiles, lines: int = _TAIL) -> Sequence[str]:
    with suppress(OSError), files.log.open(encoding="utf-8", errors="replace") as log:
        return [line.rstrip() for line in deque(log, maxlen=lines)]
    return []
