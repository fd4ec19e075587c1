"""A real platform in a home of its own, handled as a user would: by the `roadbed` command and by HTTP."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias, TypeVar
from urllib.parse import urlsplit

import psutil

ROADBED = Path(sys.executable).with_name("roadbed")
OWNER = "group:default/payments"
PATIENCE = 90.0
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended."""

    code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        return json.loads(self.stdout)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class LivePlatform:
    """`folder` holds its home and what is deployed to it. `settings` are environment variables: `ROADBED_…`."""

    folder: Path
    settings: dict[str, str]

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def log(self) -> str:
        return (self.home / "logs" / "server.log").read_text()

    def roadbed(
        self,
        *arguments: str | Path,
        ok: bool = True,
        cwd: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Done:
        """Runs `roadbed …`. With `ok`, a failure fails the test and shows what was said."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("ROADBED_")}
        ran = subprocess.run(
            [str(ROADBED), *map(str, arguments)],
            env={**own, "ROADBED_HOME": str(self.home), **self.settings, **(environment or {})},
            cwd=cwd or self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        done = Done(ran.returncode, ran.stdout, ran.stderr)
        if ok and done.code != 0:
            raise AssertionError(f"roadbed {' '.join(map(str, arguments))} ended with {done.code}:\n{done.stderr}")
        return done

    def json(self, *arguments: str | Path, **options: Any) -> Any:
        """What `roadbed … -o json` prints."""
        return self.roadbed(*arguments, "-o", "json", **options).json

    def items(self, *arguments: str | Path) -> list[Any]:
        found: list[Any] = self.json(*arguments)["items"]
        return found

    @property
    def login(self) -> Mapping[str, str]:
        """`url` and `token`, as the first start stored them."""
        stored: Mapping[str, str] = json.loads((self.home / "client.json").read_text())
        return stored

    def api(self, method: str, path: str, body: Any = None, *, token: str | None = None) -> Answer:
        """A request below `/api/v1` as the owner, or with `token`."""
        headers = {"Authorization": f"Bearer {token or self.login['token']}"}
        return call(f"{self.login['url']}/api/v1{path}", method=method, body=body, headers=headers)

    def replicas(self, application: str) -> list[Any]:
        """Those that run."""
        ended = ("stopped", "crashed")
        return [one for one in self.items("ps", application) if one["state"] not in ended]

    def pids(self, application: str) -> set[int]:
        """The processes that listen for its replicas."""
        ports = {int(one["endpoint"].rpartition(":")[2]) for one in self.replicas(application) if one["endpoint"]}
        return {pid for port in ports if (pid := listener(port)) is not None}

    @property
    def server(self) -> int:
        return int(json.loads((self.home / "run" / "server.json").read_text())["pid"])

    def component(self, name: str) -> int:
        """The process of a part of the platform, as `roadbed status` tells it."""
        parts = {part["name"]: part["pid"] for part in self.json("status")["components"]}
        return int(parts[name])

    def kill_server(self) -> None:
        kill(self.server)

    def kill_everything(self) -> None:
        """Whatever runs for this home: server, databases, gateway, shims, sandboxes, replicas."""
        while found := self.processes():
            for process in found:
                with suppress(psutil.NoSuchProcess):  # one's end is often another's
                    process.kill()
            psutil.wait_procs(found, timeout=PATIENCE)

    def processes(self) -> list[psutil.Process]:
        """Those that name this home, with all their descendants."""
        named = [one for one in psutil.process_iter() if _names(one, str(self.home))]
        family = {*named, *(child for one in named for child in _children(one))}
        return [one for one in family if one.pid != os.getpid() and _lives(one)]


def call(
    url: str, method: str = "GET", body: Any = None, headers: Mapping[str, str] | None = None, *, timeout: float = 30
) -> Answer:
    """One request, sent once, to this machine whatever the host: names below `localhost` resolve in browsers alone."""
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    content = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = {"Host": parts.netloc, **({"Content-Type": "application/json"} if content else {}), **(headers or {})}
    connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=timeout)
    try:
        connection.request(method, target, content, sent)
        answer = connection.getresponse()
        return Answer(answer.status, answer.read(), {name.lower(): value for name, value in answer.getheaders()})
    finally:
        connection.close()


def wait_for(condition: Callable[[], T], what: str, patience: float = PATIENCE) -> T:
    """The first true answer. `patience`, in seconds, only ends a test that hangs."""
    deadline = time.monotonic() + patience
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"{what} did not come in {patience} s; last: {answer!r}"
        time.sleep(0.1)
    return answer


def listener(port: int) -> int | None:
    """The process that listens on a loopback port."""
    for connection in psutil.net_connections("tcp"):
        if connection.status == psutil.CONN_LISTEN and connection.laddr and connection.laddr.port == port:
            return connection.pid
    return None


def kill(pid: int) -> None:
    """kill -9, and waits until it is gone."""
    process = psutil.Process(pid)
    process.kill()
    wait_for(lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE, f"the end of {pid}")


def _names(process: psutil.Process, home: str) -> bool:
    """By its command line, its folder or its environment."""
    try:
        return (
            any(home in word for word in process.cmdline())
            or process.cwd().startswith(home)
            or process.environ().get("ROADBED_HOME") == home
        )
    except (psutil.Error, OSError):
        return False


def _lives(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


StartPlatform: TypeAlias = Callable[..., LivePlatform]
"""Starts one more platform; takes its settings."""


@contextmanager
def live_platform(folder: Path, first_port: int, **settings: str) -> Iterator[LivePlatform]:
    """A platform that runs, on ports from `first_port` on; nothing of it is left afterwards."""
    folder.mkdir(mode=0o755)
    ports = {
        "ROADBED_API__PORT": str(first_port),
        "ROADBED_GATEWAY__PORT": str(first_port + 100),
        "ROADBED_DATABASE__APPLICATIONS_PORT": str(first_port + 200),
        "ROADBED_GATEWAY__INTERNAL_PORT": str(first_port + 300),
        "ROADBED_GATEWAY__INTERNAL_PORTS": "16",
        "ROADBED_RUNTIMES__SETTLE_S": "1",
    }
    platform = LivePlatform(folder, {**ports, **settings})
    try:
        platform.roadbed("up", "--detach")
        yield platform
    finally:
        try:
            platform.roadbed("down", ok=False)
        finally:
            platform.kill_everything()  # what a test has broken beyond `down`
            shutil.rmtree(folder, ignore_errors=True)
