"""Redis: databases, each on a Valkey server of its own."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, BinaryIO, ClassVar

from roadbed.kit.errors import Conflict, NotFound, RoadbedError
from roadbed.kit.names import resource_name
from roadbed.providers.driver import Actual, Desired, Property, Report, ResourceType, Transient
from roadbed.providers.embedded.naming import own_name
from roadbed.providers.redis import administrator, backups
from roadbed.providers.redis.config import DEFAULTS, EVICTIONS, USERNAME, digest
from roadbed.providers.redis.server import RedisServers
from roadbed.sdk.backups import Archive, Contents
from roadbed.storage.ports import LOOPBACK

_PASSWORD_BYTES = 24
_SCRATCH_MB = 64
"""What a server needs beside what is in it."""
DATABASE = ResourceType(
    "redis:Database",
    "A Valkey server of its own, which speaks the protocol of Redis 7.2: 16 databases, scripts, streams, channels.",
    {
        "max_memory_mb": Property(
            {"type": "integer", "minimum": 1, "maximum": 1_000_000, "default": DEFAULTS["max_memory_mb"]},
            description="How much it may hold, in MB; 128.",
        ),
        "eviction": Property(
            {"enum": list(EVICTIONS), "default": DEFAULTS["eviction"]},
            description="What goes when it is full: noeviction (writes are refused), allkeys-lru, volatile-ttl, …;"
            " noeviction.",
        ),
        "persistent": Property(
            {"type": "boolean", "default": DEFAULTS["persistent"]},
            description="Whether it keeps what it holds over a restart, but for the last second; true.",
        ),
        "passwordless": Property(
            {"type": "boolean", "default": DEFAULTS["passwordless"]},
            description="Whether it lets in who gives no password, and so every program on this machine; false.",
        ),
        "keyspace_events": Property(
            {
                "type": "string",
                "pattern": "^[KEg$lshzxetdmnA]*$",
                "default": "",
                "title": "a choice of changes",
                "description": "letters of `notify-keyspace-events`: KEA for all",
            },
            description="Which changes it tells of, by the letters of `notify-keyspace-events`; none.",
        ),
    },
    outputs={"host": "The host to connect to.", "port": "The port to connect to.", "username": "Who logs in."},
    secret_outputs={"password": "The password; enough by itself."},
    replacement="create_first",
    holds_data=True,
)


class RedisProvider:
    """A database's id is its name on this machine."""

    name: ClassVar[str] = "redis"
    parallel: ClassVar[int] = 4
    types: ClassVar[Mapping[str, ResourceType]] = {DATABASE.name: DATABASE}
    kept: ClassVar[frozenset[str]] = frozenset({DATABASE.name})
    rotated: ClassVar[frozenset[str]] = frozenset({DATABASE.name})

    def __init__(self, servers: RedisServers) -> None:
        self._servers = servers

    def check_machine(self) -> None:
        self._servers.check_installed()

    async def create(self, desired: Desired, report: Report) -> Actual:
        """Called again after a crash, it finds what it made; nobody has the first password yet, so it sets another."""
        return await self._put(desired, own_name(desired.urn, desired.token), report, known=False)

    async def read(self, desired: Desired, id: str) -> Actual | None:
        """Without a password, of which only a digest is kept."""
        record = self._servers.records.get(id)
        if record is None:
            return None
        return _actual(desired, id, self._port(id), None, _shown(desired, record))

    async def update(self, desired: Desired, id: str, report: Report) -> Actual:
        """What was imported has no password here: it gets a new one."""
        self._known(id)
        if (password := desired.secrets.get("password")) is not None and self._shrinks(desired.properties, id):
            held = (await backups.count(self._port(id), password)).held
            if (error := _too_small(desired.name, held, desired.properties)) is not None:
                raise error
        return await self._put(desired, id, report, known="password" in desired.secrets)

    async def claimed(
        self, stack: str, owner: str | None, wanted: Mapping[str, Mapping[str, Any]]
    ) -> Mapping[str, RoadbedError]:
        """One that is to be smaller than what is in it is refused before anything is begun."""
        found = {record["urn"]: name for name, record in self._servers.records.all()}
        asked = {urn: await self._refusal(urn, found[urn], given) for urn, given in wanted.items() if urn in found}
        return {urn: error for urn, error in asked.items() if error is not None}

    async def _refusal(self, urn: str, id: str, given: Mapping[str, Any]) -> RoadbedError | None:
        """None also where that isn't known now: an update asks again."""
        if isinstance(given.get("max_memory_mb"), Mapping) or not self._shrinks(given, id):
            return None
        try:
            held = await administrator.held(self._port(id), self._known(id).get("admin") or "")
        except Transient:
            return None
        return _too_small(resource_name(urn), held, given)

    async def delete(self, desired: Desired, id: str, report: Report) -> None:
        name = id or own_name(desired.urn, desired.token)
        found = self._servers.records.get(name)
        if found is not None and "password" not in desired.secrets and found["urn"] != desired.urn:
            await report(f"left {name} alone: it was never taken over")
            return
        await self._servers.remove(name)

    async def settle(self, desired: Desired, id: str, report: Report) -> None:
        """Nothing is under way when a change returns."""

    async def rotate(self, desired: Desired, id: str, report: Report) -> Actual:
        record, password = self._known(id), secrets.token_urlsafe(_PASSWORD_BYTES)
        former = [record["password_sha256"], *record.get("former_sha256", [])]
        changed = {**_with_admin(record), "password_sha256": digest(password), "former_sha256": former}
        port = await self._servers.let_in(id, changed)
        await report("made another password")
        return _actual(desired, id, port, password, dict(desired.properties))

    async def revoke(self, desired: Desired, id: str, report: Report) -> None:
        kept = {**_with_admin(self._known(id)), "password_sha256": digest(desired.secrets["password"])}
        await self._servers.let_in(id, {**kept, "former_sha256": []})
        await report("no other password lets in any more")

    def _shrinks(self, given: Mapping[str, Any], id: str) -> bool:
        return int(_wanted(given)["max_memory_mb"]) < int(self._known(id)["max_memory_mb"])

    def _known(self, id: str) -> dict[str, Any]:
        record = self._servers.records.get(id)
        if record is None:
            raise NotFound(f"there is no database {id} any more", hint="roadbed plan shows that it would be made again")
        return record

    async def save(self, desired: Desired, id: str, sink: BinaryIO, report: Report) -> Contents:
        return await backups.save(self._port(id), desired.secrets["password"], sink, report)

    async def restore(self, desired: Desired, id: str, archive: Archive, report: Report) -> Contents:
        return await backups.restore(self._port(id), desired.secrets["password"], archive, report)

    async def rehearse(self, desired: Desired, archive: Archive, report: Report) -> Contents:
        """On a server of its own, which keeps nothing on the disk."""
        scratch, password = own_name("scratch", archive.id), secrets.token_urlsafe(_PASSWORD_BYTES)
        room = archive.contents.held * 2 // 2**20 + _SCRATCH_MB
        wanted = _wanted({"max_memory_mb": room, "persistent": False})
        await self._servers.remove(scratch)
        try:
            record = {**wanted, "urn": f"scratch of {archive.id}", "password_sha256": digest(password)}
            return await backups.restore(await self._servers.put(scratch, record), password, archive, report)
        finally:
            await self._servers.remove(scratch)

    def room(self, desired: Desired) -> int | None:
        return _room(desired.properties)

    def _port(self, id: str) -> int:
        """Raises Transient while it doesn't run."""
        server = self._servers.server(id)
        if server.pid() is None or server.ports is None:
            raise Transient(f"the Valkey server of {id} doesn't run", hint="it is started again within seconds")
        return server.ports["client"]

    async def _put(self, desired: Desired, name: str, report: Report, *, known: bool) -> Actual:
        found = self._servers.records.claim(name, desired.urn, known=known)
        password = desired.secrets.get("password") or secrets.token_urlsafe(_PASSWORD_BYTES)
        former = {"former_sha256": found["former_sha256"]} if found and "former_sha256" in found else {}
        record = {**_wanted(desired.properties), **former, "urn": desired.urn, "password_sha256": digest(password)}
        record["admin"] = (found or {}).get("admin") or secrets.token_urlsafe(_PASSWORD_BYTES)
        if found is None:
            await report("starting a Valkey server")
        port = await self._servers.put(name, record)
        return _actual(desired, name, port, password, dict(desired.properties))


def _room(given: Mapping[str, Any]) -> int:
    return int(_wanted(given)["max_memory_mb"]) * 2**20


def _too_small(name: str, held: int, given: Mapping[str, Any]) -> Conflict | None:
    if held <= (room := _room(given)):
        return None
    return Conflict(
        f"{name} holds {held / 2**20:.1f} MB and can't be made to hold {room / 2**20:.0f} MB",
        hint="take something out of it first, or make it larger",
    )


def _with_admin(record: Mapping[str, Any]) -> dict[str, Any]:
    return {**record, "admin": record.get("admin") or secrets.token_urlsafe(_PASSWORD_BYTES)}


def _wanted(given: Mapping[str, Any]) -> dict[str, Any]:
    chosen = {name: given[name] for name in DATABASE.properties if given.get(name) is not None}
    return {"keyspace_events": "", **DEFAULTS, **chosen}


def _shown(desired: Desired, record: Mapping[str, Any]) -> dict[str, Any]:
    """As it was declared while that holds: what was left out is told where it isn't as it is by itself."""
    wanted = _wanted({name: value for name, value in desired.properties.items() if not isinstance(value, Mapping)})
    known = _wanted(record)
    differs = {name: known[name] for name in wanted if known[name] != wanted[name]}
    return {**desired.properties, **differs}


def _actual(desired: Desired, name: str, port: int, password: str | None, properties: Mapping[str, Any]) -> Actual:
    outputs = {"host": LOOPBACK, "port": port, "username": USERNAME}
    return Actual(name, outputs, {} if password is None else {"password": password}, properties=properties)
