"""The runtime of a platform in one process: what a test asks of it, and what it answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from artifacts import make_artifact
from fakes.access import OWNER, allow
from fakes.audit import FakeAudit
from fakes.gateway import FakeGateway
from roadbed.control.events import Events
from roadbed.kit.clock import SystemClock
from roadbed.providers.driver import Desired
from roadbed.runtimes.controller import Controller
from roadbed.runtimes.declarations import Declarations
from roadbed.runtimes.domain import ReplicaView
from roadbed.runtimes.drivers.process.driver import ProcessDriver
from roadbed.runtimes.jobs import Jobs
from roadbed.runtimes.provider import RuntimeProvider
from roadbed.runtimes.scheduled.declarations import ScheduleDeclarations
from roadbed.runtimes.scheduled.provider import ScheduledJobProvider
from roadbed.runtimes.scheduled.recording import Recorder
from roadbed.runtimes.scheduled.service import ScheduledJobs
from roadbed.runtimes.service import Runtimes
from roadbed.runtimes.settings import RuntimeSettings
from roadbed.runtimes.tools import Tools
from roadbed.runtimes.volume_sizes import VolumeSizes
from roadbed.runtimes.volumes import Volumes
from roadbed.secrets.service import Secrets
from roadbed.storage.database import Database

STACK = "orders@dev"
KEY = f"{STACK}/web"

SERVER = """
import http.server, os, signal, sys
VERSION = os.environ.get("VERSION", "1")
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        code = int(os.environ.get("ANSWER", "200"))
        self.send_response(code)
        self.end_headers()
        self.wfile.write(VERSION.encode())
    def log_message(self, *_): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler)
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
print("serving", VERSION, os.environ.get("KEY", ""))
server.serve_forever()
"""


@dataclass
class Site:
    """`said` is what the provider reported."""

    home: Path
    driver: ProcessDriver
    gateway: FakeGateway
    tools: Tools
    runtimes: Runtimes
    declarations: Declarations
    jobs: Jobs
    provider: RuntimeProvider
    schedules: ScheduleDeclarations
    scheduled: ScheduledJobs
    scheduled_provider: ScheduledJobProvider
    controller: Controller
    audit: FakeAudit
    said: list[str] = field(default_factory=list)

    def desired(self, release: int = 1, kind: str = "Service", program: str = SERVER, **properties: Any) -> Desired:
        artifact = properties.pop("artifact", None) or make_artifact(
            self.home, {"main.py": program}, command=["python3", "main.py"]
        )
        secret = frozenset(properties.pop("secret", ()))
        ports = {"ports": {"http": {"port": 80, "target_port": 8080}}, "replicas": 2} if kind == "Service" else {}
        merged = {"workload": "web", "artifact": artifact, **ports, **properties}
        urn = f"{STACK}/web#runtime:{kind}"
        return Desired(urn, f"runtime:{kind}", "web", STACK, merged, secret, release, "group:default/payments")

    async def report(self, text: str) -> None:
        self.said.append(text)

    async def apply(self, desired: Desired) -> None:
        await self.provider.create(desired, self.report)

    async def replicas(self) -> list[ReplicaView]:
        async with self.tools.database.call(OWNER) as call:
            return await self.runtimes.replicas(call, STACK)

    async def log(self, n: int = 100) -> list[str]:
        async with self.tools.database.call(OWNER) as call:
            records = await self.runtimes.logs(call, STACK, n=n)
        return [f"{record.stream} {record.text}" async for record in records]

    def routed(self) -> tuple[str, ...]:
        return tuple(sorted(backend.id for backend in self.gateway.backends.get(KEY, ())))

    async def answers(self) -> list[str]:
        """What the routed replicas answer, one request each."""
        found = []
        for backend in self.gateway.backends.get(KEY, ()):
            reader, writer = await asyncio.open_connection(backend.host, backend.port)
            writer.write(b"GET / HTTP/1.0\r\n\r\n")
            found.append((await reader.read()).decode().rpartition("\r\n\r\n")[2])
            writer.close()
        return found


@asynccontextmanager
async def daemon(
    home: Path, database: Database, gateway: FakeGateway, audit: FakeAudit, **settings: Any
) -> AsyncIterator[Site]:
    """The site's daemon; leaving the block is its death, which replicas survive."""
    chosen = RuntimeSettings(**({"drain_s": 0.2, "grace_s": 5, "settle_s": 1} | settings))
    secrets, clock = Secrets(b"k" * 32), SystemClock()
    events = Events(database)
    await events.start()
    driver = ProcessDriver(home, chosen)
    tools = Tools(database, driver, gateway, secrets, events, clock, chosen)
    runtimes = Runtimes(database, driver, VolumeSizes(home), allow, clock)
    declarations = Declarations(driver, allow, audit, secrets, events, clock, chosen)  # type: ignore[arg-type]
    jobs = Jobs(tools)
    controller = Controller(tools)
    await controller.start()
    try:
        provider = RuntimeProvider(declarations, jobs, Volumes(home), database, events)
        recorder = Recorder(events, clock)
        schedules = ScheduleDeclarations(allow, audit, secrets, recorder, clock)  # type: ignore[arg-type]
        scheduled = ScheduledJobs(database, driver, allow, audit, recorder, clock)  # type: ignore[arg-type]
        timed = ScheduledJobProvider(schedules, driver, database, events)
        yield Site(
            home=home,
            driver=driver,
            gateway=gateway,
            tools=tools,
            runtimes=runtimes,
            declarations=declarations,
            jobs=jobs,
            provider=provider,
            schedules=schedules,
            scheduled=scheduled,
            scheduled_provider=timed,
            controller=controller,
            audit=audit,
        )
    finally:
        await controller.close()
        await events.close()


async def end_replicas(home: Path) -> None:
    """Ends what a site's daemon has left running."""
    leftover = ProcessDriver(home, RuntimeSettings(grace_s=0.5))
    for id_ in leftover.known():
        await leftover.stop(id_)
    for id_ in leftover.known():
        if leftover.inspect(id_):
            await leftover.wait(id_)


@asynccontextmanager
async def make_runtime_site(home: Path, database: Database, **settings: Any) -> AsyncIterator[Site]:
    """A site from its start to the end of all that it ran."""
    try:
        async with daemon(home, database, FakeGateway(), FakeAudit(), **settings) as made:
            yield made
    finally:
        await end_replicas(home)
