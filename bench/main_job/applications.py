"""The two services that are measured: one of a single file, and `orders` from the golden path, with its database."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench.platform import Platform, answers, wait_for

SINGLE = Path(__file__).parent / "service"


class Single:
    """The service of one file. Each `deploy` changes it."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._source = platform.work / "single"
        self._version = 0
        shutil.copytree(SINGLE, self._source)
        self.url: str = platform.cli("deploy", self._source)["url"]

    def change(self) -> bytes:
        """Edits the one file; gives what the new version will answer."""
        main = self._source / "main.py"
        old, self._version = self._version, self._version + 1
        main.write_text(main.read_text().replace(f'VERSION = "{old}"', f'VERSION = "{self._version}"'))
        return str(self._version).encode()

    def deploy(self) -> float:
        """Seconds from the start of `roadbed deploy` until the new version answers through the gateway."""
        expected = self.change()
        began = time.perf_counter()
        command = subprocess.Popen(
            [str(Path(sys.executable).with_name("roadbed")), "deploy", str(self._source), "-o", "json"],
            env=self._platform.environment,
            stdout=subprocess.DEVNULL,
        )
        try:
            wait_for(lambda: answers(self.url, expected), "the new release")
            return time.perf_counter() - began
        finally:
            if command.wait() != 0:
                raise RuntimeError("roadbed deploy failed")

    def own_start(self, runs: int) -> float:
        """Seconds that the service takes by itself, from exec to its first answer: the median of so many starts."""
        return statistics.median(self._start(18_400 + run) for run in range(runs))

    def _start(self, port: int) -> float:
        began = time.perf_counter()
        process = subprocess.Popen([sys.executable, str(self._source / "main.py")], env={"PORT": str(port)})
        try:
            wait_for(lambda: answers(f"http://127.0.0.1:{port}/"), "its first answer")
            return time.perf_counter() - began
        finally:
            process.kill()
            process.wait()


class Orders:
    """`roadbed new python-api orders`: two replicas and a PostgreSQL database."""

    name = "orders"

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._source = platform.work / self.name
        self._changes = 0
        made = platform.cli("new", "python-api", self.name, "--directory", self._source)
        self.url: str = made["url"]

    def change(self) -> None:
        """Adds a line to a source file: a new digest, the same service."""
        self._changes += 1
        with (self._source / "app" / "main.py").open("a") as file:
            file.write(f"\n# change {self._changes}\n")

    def deploy(self, *options: str) -> Any:
        self.change()
        return self._platform.cli("deploy", self._source, *options)

    def ready(self) -> list[dict[str, Any]]:
        return [replica for replica in self._platform.replicas(self.name) if replica["state"] == "ready"]
