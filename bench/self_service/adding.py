"""From `roadbed resource add postgres` to a database that the running application can use, and what others lose."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

from bench.figures import Figure
from bench.main_job.applying_load import load_on
from bench.platform import ROADBED, Platform, answers, get, wait_for

RUNS = 3
SOURCE = Path(__file__).parent / "service"

ADDED = Figure("resource add postgres to a usable database, beyond the application's start", None, "s", 5)
LOST = Figure(f"requests lost while {RUNS} databases were added", None, "", 0)


class Shop:
    """The service of one file. Each database is taken away again, so that the next is its first."""

    def __init__(self, platform: Platform) -> None:
        self._platform, self._source = platform, platform.work / "shop"
        shutil.copytree(SOURCE, self._source)
        self.url: str = platform.cli("deploy", self._source)["url"]

    def add(self) -> float:
        """Seconds from the start of the command until the application knows a database that takes a table."""
        began = time.perf_counter()
        command = self._begin("add", "postgres")
        try:
            address = wait_for(self._database, "the database in the application")
            with psycopg.connect(address) as database:
                database.execute("CREATE TABLE orders (id int)")
            return time.perf_counter() - began
        finally:
            _end(command)

    def remove(self) -> None:
        _end(self._begin("remove", "db", "--delete-data"))
        wait_for(lambda: answers(self.url, b"none"), "the application without a database")

    def _begin(self, *words: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [str(ROADBED), "resource", *words, "--yes", "-o", "json"],
            cwd=self._source,
            env=self._platform.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def _database(self) -> str:
        """Empty while it has none. The load counts what fails; here the next answer will do."""
        status, body = get(self.url)
        return body.decode() if status == 200 and body != b"none" else ""

    def own_start(self) -> float:
        """Seconds from exec to its first answer, by itself: the median."""
        return statistics.median(self._start(18_500 + run) for run in range(RUNS))

    def _start(self, port: int) -> float:
        began = time.perf_counter()
        process = subprocess.Popen([sys.executable, str(self._source / "main.py")], env={"PORT": str(port)})
        try:
            wait_for(lambda: answers(f"http://127.0.0.1:{port}/"), "its first answer")
            return time.perf_counter() - began
        finally:
            process.kill()
            process.wait()


def _end(command: subprocess.Popen[bytes]) -> None:
    if command.wait() != 0:
        raise RuntimeError("roadbed resource failed")


def adding(shop: Shop) -> Iterator[Figure]:
    """The median of three, under load."""
    taken = []
    with load_on(shop.url) as load:
        for _ in range(RUNS):
            taken.append(shop.add())
            shop.remove()
    own = shop.own_start()
    print(f"  added in: {[round(seconds, 2) for seconds in taken]} s, own start {own:.2f} s", file=sys.stderr)
    yield ADDED.measured(statistics.median(taken) - own)
    yield LOST.measured(load.lost())
