"""What a server on this machine and the commands that start and stop it tell each other, by files in its home.

    run/server.json   which process the server is; written by `roadbed server` before it becomes the server
    run/progress      one line for each thing that the start is doing now
    run/ready.json    the address, once it answers; and a one-time login URL after the first start
    run/failure.json  why it could not start: a problem document
    logs/server.log   what it prints

`main` writes the last three through `announce_*`; the CLI reads them. All are private to their owner.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from roadbed.client.files import write_private, writing_home
from roadbed.client.problems import error_of
from roadbed.kit.errors import RoadbedError, Unavailable


@dataclass(frozen=True, slots=True)
class ServerProcess:
    """`started` is the process's creation time as the kernel tells it: a pid alone may be somebody else's by now."""

    pid: int
    started: float

    def alive(self) -> bool:
        import psutil  # noqa: PLC0415  # 40 ms that most commands don't need

        try:
            process = psutil.Process(self.pid)
            return process.create_time() == self.started and process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False

    @classmethod
    def of(cls, pid: int) -> ServerProcess:
        """A process that runs now, or our own child: raises Unavailable for any other."""
        import psutil  # noqa: PLC0415

        try:
            return cls(pid, psutil.Process(pid).create_time())
        except psutil.Error as error:
            raise Unavailable(f"there is no process {pid}") from error


@dataclass(frozen=True, slots=True)
class Ready:
    """`login_url` logs its first visitor in as the owner, once; None after the first start."""

    pid: int
    url: str
    login_url: str | None = None


@dataclass(frozen=True, slots=True)
class RunFiles:
    """The files above, of one home."""

    home: Path

    @property
    def log(self) -> Path:
        return self.home / "logs" / "server.log"

    @property
    def progress(self) -> Path:
        return self.home / "run" / "progress"

    def prepare(self) -> None:
        """Makes the directories and forgets what an earlier start said."""
        with writing_home(self.home):
            for directory in (self.progress.parent, self.log.parent):
                directory.mkdir(parents=True, exist_ok=True)
            self.progress.write_text("", encoding="utf-8")
            for name in ("ready", "failure"):
                self._path(name).unlink(missing_ok=True)

    def claim(self, process: ServerProcess) -> None:
        self._write("server", asdict(process))

    def server(self) -> ServerProcess | None:
        """The server that runs on this home; None when none does, whatever a file from before a crash says."""
        held = self._read("server")
        try:
            process = ServerProcess(int(held["pid"]), float(held["started"])) if held else None
        except (KeyError, TypeError, ValueError):
            return None
        return process if process and process.alive() else None

    def announce_progress(self, line: str) -> None:
        """Says what is being done now, in a few words: `Starting the applications' database`."""
        with writing_home(self.home), self.progress.open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def announce_ready(self, url: str, login_url: str | None = None) -> None:
        self._write("ready", asdict(Ready(os.getpid(), url, login_url)))

    def announce_failure(self, error: RoadbedError) -> None:
        self._write("failure", error.to_dict())

    def ready(self, process: ServerProcess) -> Ready | None:
        """What `process` announced; None while it hasn't."""
        held = self._read("ready")
        if not held or held.get("pid") != process.pid:
            return None
        return Ready(process.pid, str(held.get("url", "")), held.get("login_url"))

    def failure(self) -> RoadbedError | None:
        held = self._read("failure")
        return error_of(held) if held else None

    def forget_login_url(self, ready: Ready) -> None:
        """It was shown: it need not stay on the disk."""
        self._write("ready", asdict(Ready(ready.pid, ready.url)))

    def _path(self, name: str) -> Path:
        return self.home / "run" / f"{name}.json"

    def _write(self, name: str, content: Mapping[str, Any]) -> None:
        write_private(self._path(name), json.dumps(content))

    def _read(self, name: str) -> Mapping[str, Any] | None:
        with suppress(OSError, ValueError):
            held = json.loads(self._path(name).read_text(encoding="utf-8"))
            return held if isinstance(held, dict) else None
        return None
