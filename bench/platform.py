"""A platform of the bench's own, in a fresh home, handled as a user would: by its CLI and by HTTP."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import psutil

ROOT = Path(__file__).parents[1]
ROADBED = Path(sys.executable).with_name("roadbed")
ENVIRONMENT = "dev"
_PATIENCE = 120.0
_POLL = 0.01

T = TypeVar("T")


class Platform:
    """`home` is its ROADBED_HOME; `work` holds the sources that are deployed; `settings` are environment variables."""

    def __init__(self, home: Path, work: Path, settings: Mapping[str, str] | None = None) -> None:
        self.home = home
        self.work = work
        own = {name: value for name, value in os.environ.items() if not name.startswith("ROADBED_")}
        self.environment = own | {"ROADBED_HOME": str(home)} | dict(settings or {})

    def cli(self, *arguments: str | Path) -> Any:
        """Runs `roadbed …` and gives the JSON that it prints. Raises CalledProcessError if it fails."""
        command = [str(ROADBED), *map(str, arguments), "-o", "json"]
        done = subprocess.run(command, env=self.environment, cwd=self.work, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            print(f"$ roadbed {' '.join(command[1:])}\n{done.stderr}", file=sys.stderr)
            done.check_returncode()
        return json.loads(done.stdout)

    def up(self) -> float:
        """Starts it, and gives the seconds until it was ready."""
        began = time.perf_counter()
        self.cli("up", "--detach")
        return time.perf_counter() - began

    def down(self) -> None:
        self.cli("down")

    def kill_server(self) -> None:
        """kill -9 of the daemon alone: gateway, databases and applications go on."""
        pid = self.server_pid()
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: not psutil.pid_exists(pid) or _is_zombie(pid), "the daemon's death")

    def server_pid(self) -> int:
        return int(json.loads((self.home / "run" / "server.json").read_text())["pid"])

    def api(self, path: str) -> Any:
        """GET below /api/v1, with the login that the first start stored for this home."""
        login = json.loads((self.home / "client.json").read_text())
        status, body = get(f"{login['url']}/api/v1{path}", {"Authorization": f"Bearer {login['token']}"})
        if status >= 400:
            raise RuntimeError(f"GET {path}: {status} {body[:300]!r}")
        return json.loads(body)

    def application(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.api(f"/applications/{name}?environment={ENVIRONMENT}")
        return found

    def replicas(self, name: str) -> list[dict[str, Any]]:
        """Those that serve or are about to."""
        items = self.api(f"/applications/{name}/replicas?environment={ENVIRONMENT}")["items"]
        return [item for item in items if item["state"] not in ("stopped", "crashed")]

    def processes(self) -> list[psutil.Process]:
        """Server, databases and gateway with all their children, but none of the applications' replicas."""
        components = [item["pid"] for item in self.api("/status")["components"] if item.get("pid")]
        roots = {psutil.Process(pid) for pid in {*components, self.server_pid()}}
        family = roots | {child for root in roots for child in root.children(recursive=True)}
        return list(family - self._replica_processes(roots))

    def _replica_processes(self, roots: set[psutil.Process]) -> set[psutil.Process]:
        """Each replica with its sandbox and shim: whatever stands between it and the platform's own processes."""
        found: set[psutil.Process] = set()
        for application in self.api("/applications")["items"]:
            for replica in self.replicas(application["application"]):
                process = listener(replica["endpoint"])
                between = [parent for parent in process.parents() if parent.pid > 1]
                top = next((index for index, parent in enumerate(between) if parent in roots), len(between))
                found |= {process, *process.children(recursive=True), *between[:top]}
        return found


@contextmanager
def fresh_platform(settings: Mapping[str, str] | None = None) -> Iterator[Platform]:
    """A platform that runs; everything of it is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="roadbed-bench-"))
    folder.chmod(0o711)  # other users (PostgreSQL's, the replicas') pass through
    platform = Platform(folder / "home", folder / "work", settings)
    platform.work.mkdir()
    try:
        platform.up()
        yield platform
    finally:
        try:
            platform.down()
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def get(url: str, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    """Status and body of one request, sent once. Names below `localhost` are this machine, resolver or not."""
    parts = urlsplit(url)
    host = "127.0.0.1" if (parts.hostname or "").endswith("localhost") else parts.hostname or ""
    connection = http.client.HTTPConnection(host, parts.port, timeout=10)
    try:
        path = parts.path or "/"
        target = f"{path}?{parts.query}" if parts.query else path
        connection.request("GET", target, headers={"Host": parts.netloc, **(headers or {})})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def answers(url: str, expected: bytes | None = None) -> bool:
    """Whether it answers 200, with `expected` if that is given."""
    try:
        status, body = get(url)
    except (OSError, http.client.HTTPException):
        return False
    return status == 200 and expected in (None, body)


def listener(endpoint: str) -> psutil.Process:
    """The process that listens on a replica's loopback port. Raises LookupError if none does."""
    port = port_of(endpoint)
    for connection in psutil.net_connections("tcp"):
        here = connection.laddr
        if connection.status == psutil.CONN_LISTEN and here and here.port == port and connection.pid:
            return psutil.Process(connection.pid)
    raise LookupError(f"nobody listens on {endpoint}")


def port_of(endpoint: str) -> int:
    """Of `127.0.0.1:41234`."""
    return int(endpoint.rpartition(":")[2])


def wait_for(condition: Callable[[], T | None], what: str, patience: float = _PATIENCE) -> T:
    """The first true answer of `condition`, asked every 10 ms."""
    deadline = time.monotonic() + patience
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not come in {patience} s")
        time.sleep(_POLL)
    return answer


def _is_zombie(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
