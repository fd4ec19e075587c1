"""The gateway's driver for Traefik.

A new configuration is written outside the watched folder and renamed into it: a temporary file inside would be read
too, and cost up to two seconds. Then Traefik's own account of what is in effect is polled until it equals what was
written: its API is rebuilt together with the handlers that answer requests, so what it shows is what they do.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import psutil

from roadbed.gateway.domain import RoutingTable, UpstreamMetrics
from roadbed.gateway.driver import Addresses
from roadbed.gateway.settings import GatewaySettings
from roadbed.gateway.traefik import process
from roadbed.gateway.traefik.api import TraefikApi, wanted
from roadbed.gateway.traefik.config import Ports, dynamic_config, pool_entry_point, static_config
from roadbed.gateway.traefik.ports import KeptPorts, choose, usable, wait_for_release
from roadbed.kit.errors import Problem, Unavailable

_START_PATIENCE_S, _APPLY_PATIENCE_S = 20.0, 10.0
_EVERY_S = 0.01
_ATTEMPTS = 3


class Traefik:
    """Keeps everything of Traefik's in `folder`: its configurations, its log, its ports."""

    def __init__(self, folder: Path, settings: GatewaySettings) -> None:
        self._folder = folder.absolute()
        self._settings = settings
        self._kept = KeptPorts(self._folder / "ports.json", settings)
        self._process: psutil.Process | None = None
        self._ports: Ports | None = None
        self._api: TraefikApi | None = None

    async def start(self) -> Addresses:
        await asyncio.to_thread(self._make_folders)
        running = await asyncio.to_thread(process.find, self._static)
        if running is None or not await self._adopt(running):
            await self._replace(running)
        if self._ports is None:
            raise Unavailable("Traefik has no ports")
        return Addresses(self._settings.host, self._ports.web, self._ports.pool)

    async def stop(self) -> None:
        running = await asyncio.to_thread(process.find, self._static)
        if running:
            await asyncio.to_thread(process.end, running)
        if self._api:
            await self._api.close()
        self._process = self._api = None

    async def close(self) -> None:
        """Lets go of Traefik, which runs on."""
        if self._api:
            await self._api.close()
        self._api = None

    async def apply(self, table: RoutingTable) -> None:
        if self._ports is None:
            raise Unavailable("the gateway has not been started")
        dynamic = dynamic_config(table, self._ports.pool)
        await asyncio.to_thread(self._write, dynamic)
        await self._shown(wanted(dynamic))

    async def metrics(self) -> Sequence[UpstreamMetrics]:
        try:
            return await self._client().metrics()
        except httpx.HTTPError as error:
            raise Unavailable("the gateway does not answer", hint="see `roadbed status`") from error

    def pid(self) -> int | None:
        return self._process.pid if self._process and process.alive(self._process) else None

    @property
    def _static(self) -> Path:
        return self._folder / "traefik.yaml"

    @property
    def _watched(self) -> Path:
        return self._folder / "watched"

    @property
    def _log(self) -> Path:
        return self._folder / "traefik.log"

    def _make_folders(self) -> None:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._watched.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise Unavailable(
                f"{error.filename} can't be written: {error.strerror}", hint="set ROADBED_HOME to another folder"
            ) from error

    async def _adopt(self, running: psutil.Process) -> bool:
        """Whether the Traefik that runs is the one that would be started now."""
        ports = self._kept.load()
        if ports is None or not self._static.exists():
            return False
        text = self._static.read_text()
        used = Ports(ports.web, ports.admin, ports.metrics, _pool_in(text, ports))
        if text != self._static_text(used):
            return False
        self._process = running
        return await self._ready(used)

    async def _replace(self, running: psutil.Process | None) -> None:
        if running:
            await asyncio.to_thread(process.end, running)
        for attempt in range(1, _ATTEMPTS + 1):
            if await self._start_anew():
                return
            if attempt == _ATTEMPTS or "address already in use" not in "\n".join(self._last_words()):
                raise self._failure("did not start")

    async def _start_anew(self) -> bool:
        """False if Traefik ended at once: another program may have been quicker to take a port."""
        kept = self._kept.load()
        if kept:
            await asyncio.to_thread(wait_for_release, kept, self._settings.host)
        chosen = await asyncio.to_thread(choose, self._settings, kept)
        used = await asyncio.to_thread(usable, chosen)
        self._write_static(self._static_text(used))
        self._log.unlink(missing_ok=True)
        self._process = await asyncio.to_thread(process.spawn, self._static, self._folder / "output.log")
        if not await self._ready(used):
            return False
        self._kept.keep(chosen)
        return True

    def _static_text(self, ports: Ports) -> str:
        """JSON, which is YAML."""
        return json.dumps(static_config(self._settings.host, ports, self._watched, self._log), indent=1)

    def _write_static(self, text: str) -> None:
        self._static.write_text(text)
        self._static.chmod(0o600)

    async def _ready(self, ports: Ports) -> bool:
        """Waits until the API answers; False if the process ends before that."""
        await self.close()
        self._ports, self._api = ports, TraefikApi(ports.admin, ports.metrics)
        deadline = asyncio.get_running_loop().time() + _START_PATIENCE_S
        while self.pid() and asyncio.get_running_loop().time() < deadline:
            try:
                await self._api.in_effect()
            except httpx.HTTPError:
                await asyncio.sleep(_EVERY_S)
            else:
                return True
        return False

    def _write(self, dynamic: dict[str, Any]) -> None:
        aside = self._folder / "routes.new"
        try:
            aside.write_text(json.dumps(dynamic, indent=1, sort_keys=True))
            aside.rename(self._watched / "routes.yaml")
        except OSError as error:
            raise Unavailable(
                f"the gateway's configuration can't be written: {error.strerror}", hint="free some space on the disk"
            ) from error

    async def _shown(self, expected: dict[str, Any]) -> None:
        deadline = asyncio.get_running_loop().time() + _APPLY_PATIENCE_S
        while asyncio.get_running_loop().time() < deadline:
            try:
                if await self._client().in_effect() == expected:
                    return
            except httpx.HTTPError:
                if self.pid() is None:
                    raise self._failure("has ended") from None
            await asyncio.sleep(_EVERY_S)
        raise self._failure(f"did not take over its new configuration within {_APPLY_PATIENCE_S:.0f} s")

    def _client(self) -> TraefikApi:
        if self._api is None:
            raise Unavailable("the gateway has not been started")
        return self._api

    def _failure(self, what: str) -> Unavailable:
        lines = self._last_words()
        return Unavailable(
            f"the gateway (Traefik) {what}{': ' + lines[-1] if lines else ''}",
            hint=f"all that it said is in {self._log}",
            problems=[Problem(line) for line in lines[-5:]],
        )

    def _last_words(self) -> list[str]:
        lines: list[str] = []
        for path in (self._log, self._folder / "output.log"):
            if path.exists():
                lines += path.read_text(errors="replace").splitlines()[-50:]
        return [line for line in lines if " WRN " not in line]


def _pool_in(static: str, ports: Ports) -> tuple[int, ...]:
    """The ports of the pool for which the running Traefik has entry points."""
    entry_points = json.loads(static).get("entryPoints", {})
    return tuple(port for port in ports.pool if pool_entry_point(port) in entry_points)
