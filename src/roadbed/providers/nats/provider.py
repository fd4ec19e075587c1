"""NATS: accounts, each with a user of its own."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, ClassVar

import bcrypt

from roadbed.kit.errors import NotFound
from roadbed.providers.driver import Actual, Desired, Property, Report, ResourceType
from roadbed.providers.embedded.naming import own_name
from roadbed.providers.nats.config import DEFAULTS, users
from roadbed.providers.nats.server import NatsServer
from roadbed.storage.ports import LOOPBACK

_PASSWORD_BYTES = 24
_ROUNDS = 4
"""bcrypt's least: slowness guards what people choose, and 192 random bits need no guard. Each login pays for it."""
ACCOUNT = ResourceType(
    "nats:Account",
    "An account on the platform's NATS server, with a user of its own: nobody else meets its subjects and streams.",
    {
        "jetstream": Property(
            {"type": "boolean", "default": DEFAULTS["jetstream"]},
            description="Whether it has streams, key-value and object stores; true.",
        ),
        "max_storage_mb": Property(
            {"type": "integer", "minimum": 1, "maximum": 1_000_000, "default": DEFAULTS["max_storage_mb"]},
            description="How much of them it may keep on disk, in MB; 1024.",
        ),
        "max_connections": Property(
            {"type": "integer", "minimum": 1, "maximum": 1_000_000, "default": DEFAULTS["max_connections"]},
            description="How many connections it may have at a time; 1000.",
        ),
    },
    outputs={
        "host": "The host to connect to.",
        "port": "The port to connect to.",
        "username": "The user.",
        "account": "The account.",
    },
    secret_outputs={"password": "The user's password."},
    replacement="create_first",
    holds_data=True,
)


class NatsProvider:
    """An account's id is its name."""

    name: ClassVar[str] = "nats"
    parallel: ClassVar[int] = 4
    types: ClassVar[Mapping[str, ResourceType]] = {ACCOUNT.name: ACCOUNT}
    rotated: ClassVar[frozenset[str]] = frozenset({ACCOUNT.name})

    def __init__(self, server: NatsServer) -> None:
        self._server = server

    def check_machine(self) -> None:
        self._server.server.check_installed()

    async def create(self, desired: Desired, report: Report) -> Actual:
        """Called again after a crash, it finds what it made; nobody has the first password yet, so it sets another."""
        return await self._put(desired, own_name(desired.urn, desired.token), report, known=False)

    async def read(self, desired: Desired, id: str) -> Actual | None:
        """Without a password, of which only a digest is kept."""
        record = self._server.records.get(id)
        if record is None:
            return None
        return _actual(id, _user(record, id), self._server.port, None, _shown(desired, record))

    async def update(self, desired: Desired, id: str, report: Report) -> Actual:
        """What was imported has no password here: it gets a new one."""
        self._known(id)
        return await self._put(desired, id, report, known="password" in desired.secrets)

    async def delete(self, desired: Desired, id: str, report: Report) -> None:
        name = id or own_name(desired.urn, desired.token)
        found = self._server.records.get(name)
        if found is not None and "password" not in desired.secrets and found["urn"] != desired.urn:
            await report(f"left {name} alone: it was never taken over")
            return
        await self._server.remove(name)

    async def settle(self, desired: Desired, id: str, report: Report) -> None:
        """Nothing is under way when a change returns."""

    async def rotate(self, desired: Desired, id: str, report: Report) -> Actual:
        """A new user of the account; who has logged in as the old one stays connected."""
        record = self._known(id)
        user, password = f"{id}-{secrets.token_hex(4)}", secrets.token_urlsafe(_PASSWORD_BYTES)
        changed = {**record, "user": user, "hash": _hash(password, None), "former": users(id, record)}
        port = await self._server.put(id, changed, password)
        await report(f"made the user {user}")
        return _actual(id, user, port, password, dict(desired.properties))

    async def revoke(self, desired: Desired, id: str, report: Report) -> None:
        """The server ends the connections of the users that are gone."""
        record, user = self._known(id), str(desired.outputs["username"])
        there = users(id, record)
        kept = {**record, "user": user, "hash": there[user], "former": {}}
        await self._server.put(id, kept, desired.secrets["password"])
        for former in there.keys() - {user}:
            await report(f"{former} can't log in any more")

    def _known(self, id: str) -> dict[str, Any]:
        record = self._server.records.get(id)
        if record is None:
            raise NotFound(f"there is no account {id} any more", hint="roadbed plan shows that it would be made again")
        return record

    async def _put(self, desired: Desired, name: str, report: Report, *, known: bool) -> Actual:
        found = self._server.records.claim(name, desired.urn, known=known)
        password = desired.secrets.get("password") or secrets.token_urlsafe(_PASSWORD_BYTES)
        logins = {key: value for key, value in (found or {}).items() if key in ("user", "former")}
        record = {**_wanted(desired.properties), **logins, "urn": desired.urn, "hash": _hash(password, found)}
        if self._server.server.pid() is None:
            await report("starting the NATS server")
        port = await self._server.put(name, record, password)
        return _actual(name, _user(record, name), port, password, dict(desired.properties))


def _hash(password: str, found: Mapping[str, Any] | None) -> str:
    """The one that there is while it is right: a hash of the same password differs each time."""
    if found is not None and bcrypt.checkpw(password.encode(), found["hash"].encode()):
        return str(found["hash"])
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(_ROUNDS, b"2a")).decode()


def _wanted(given: Mapping[str, Any]) -> dict[str, Any]:
    return {**DEFAULTS, **{name: given[name] for name in DEFAULTS if given.get(name) is not None}}


def _shown(desired: Desired, record: Mapping[str, Any]) -> dict[str, Any]:
    """As it was declared while that holds: what was left out is told where it isn't as it is by itself."""
    wanted = _wanted({name: value for name, value in desired.properties.items() if not isinstance(value, Mapping)})
    differs = {name: record[name] for name in wanted if record.get(name) != wanted[name]}
    return {**desired.properties, **differs}


def _user(record: Mapping[str, Any], name: str) -> str:
    """The account's own name, until its credentials are rotated for the first time."""
    return str(record.get("user", name))


def _actual(name: str, user: str, port: int, password: str | None, properties: Mapping[str, Any]) -> Actual:
    outputs = {"host": LOOPBACK, "port": port, "username": user, "account": name}
    return Actual(name, outputs, {} if password is None else {"password": password}, properties=properties)
