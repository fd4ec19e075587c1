"""The projects that are deployed: folders as their teams would have them."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bench.platform import ROOT, answers, get, wait_for

PROJECTS = ROOT / "tests" / "projects"
STARTS = 5
_PORT = 18_500


@dataclass(frozen=True, slots=True)
class Kind:
    """`changed` is the file that says `greeting`. The rest is how its developer would run it without a platform.

    `install` fills a copy of the folder; `before` is what every release runs, `start` what serves on `$PORT`.
    """

    name: str
    title: str
    greeting: str
    changed: str
    install: tuple[tuple[str, ...], ...]
    start: tuple[str, ...]
    before: tuple[tuple[str, ...], ...] = ()


UV = str(Path(sys.executable).with_name("uv"))
VENV = (
    (UV, "venv", "--quiet", ".venv"),
    (UV, "pip", "install", "--quiet", "--compile-bytecode", "--python", ".venv", "-r", "requirements.txt"),
)
FASTAPI = Kind(
    "fastapi",
    "FastAPI",
    "Hello from FastAPI",
    "main.py",
    VENV,
    (".venv/bin/uvicorn", "main:app", "--port", "{port}"),
)
EXPRESS = Kind(
    "express",
    "Express",
    "Hello from Express",
    "server.js",
    (("npm", "ci", "--silent", "--no-audit", "--no-fund"),),
    ("node", "server.js"),
)
DJANGO = Kind(
    "django",
    "Django + PostgreSQL",
    "Hello from Django",
    "products/views.py",
    VENV,
    (".venv/bin/gunicorn", "shop.wsgi"),
    (
        (".venv/bin/python", "manage.py", "collectstatic", "--noinput"),
        (".venv/bin/python", "manage.py", "migrate", "--noinput"),
    ),
)
KINDS = (FASTAPI, EXPRESS, DJANGO)


class Folder:
    """A copy of a project, whose greeting can be changed."""

    def __init__(self, kind: Kind, path: Path) -> None:
        self.kind, self.path = kind, path
        self.greeting = kind.greeting
        self._changes = 0
        shutil.copytree(PROJECTS / kind.name, path)

    def change(self) -> None:
        """Of code alone: what it depends on stays."""
        old, self._changes = self.greeting, self._changes + 1
        self.greeting = f"{self.kind.greeting}, change {self._changes}"
        file = self.path / self.kind.changed
        file.write_text(file.read_text().replace(f'"{old}"', f'"{self.greeting}"'))

    def answers(self, url: str) -> bool:
        """Whether what answers is this code."""
        try:
            status, body = get(url)
        except OSError:
            return False
        return status == 200 and self.greeting.encode() in body


class ByItself:
    """A project as it runs on its developer's machine: what of a deploy's time is its own."""

    def __init__(self, kind: Kind, path: Path) -> None:
        self._kind, self._path = kind, path
        shutil.copytree(PROJECTS / kind.name, path)
        for command in kind.install:
            subprocess.run(command, cwd=path, check=True)

    @cached_property
    def seconds(self) -> float:
        """What a release runs, then from exec to the first answer: the median of five."""
        self._once(_PORT)  # compiles what is compiled once
        return statistics.median(self._once(_PORT + 1 + number) for number in range(STARTS))

    def _once(self, port: int) -> float:
        began = time.perf_counter()
        environment = {**os.environ, "PORT": str(port)}
        for command in self._kind.before:
            subprocess.run(command, cwd=self._path, env=environment, stdout=subprocess.DEVNULL, check=True)
        server = self._served(port, environment)
        try:
            wait_for(lambda: answers(f"http://127.0.0.1:{port}/"), "its first answer")
            return time.perf_counter() - began
        finally:
            server.terminate()
            server.wait()

    def _served(self, port: int, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
        command = [word.format(port=port) for word in self._kind.start]
        quiet = subprocess.DEVNULL
        return subprocess.Popen(command, cwd=self._path, env=environment, stdout=quiet, stderr=quiet)
