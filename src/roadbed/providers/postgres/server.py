"""What changes a PostgreSQL server: the applications' own over its administrator's socket, or another over TCP.

Only what is beside it imports this. Names are composed as identifiers, never as text; a password goes to the
server as a SCRAM verifier, so no log of it can hold the password.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, LiteralString, Protocol, TypeAlias

import psycopg
from psycopg import AsyncConnection, sql
from psycopg.conninfo import make_conninfo

from roadbed.kit.errors import Conflict, RoadbedError
from roadbed.providers.driver import Transient
from roadbed.providers.postgres.naming import mark, marked, marker, reserved
from roadbed.storage.ports import LOOPBACK

CONNECTIONS_EACH = 50
_CONNECT_TIMEOUT_S = 10
_ADMINISTRATION = "postgres"
_SHARED = (_ADMINISTRATION, "template1")

_ROLE: LiteralString = (
    "ALTER ROLE {name} {login} {creates} NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS INHERIT"
    " CONNECTION LIMIT {limit} PASSWORD {verifier}"
)
_ROLE_MARK: LiteralString = "SELECT shobj_description(oid, 'pg_authid') FROM pg_roles WHERE rolname = %s"
_CLAIMED: LiteralString = (
    "SELECT coalesce((SELECT rolsuper OR rolname = current_user FROM pg_roles WHERE rolname = %(name)s), false),"
    " (SELECT shobj_description(oid, 'pg_authid') FROM pg_roles WHERE rolname = %(name)s),"
    " (SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %(name)s)"
)
_PASSING = ("08", "40", "53", "57", "55006", "55P03")
"""SQLSTATEs, or their classes: connection lost, rolled back for another's sake, out of something, shut down, in use."""
_RACED = ("tuple concurrently", "cache lookup failed")
"""What the server says of two that change, or remove, the same catalog row at a time. It has no SQLSTATE of its own."""
_NEVER = re.compile(
    r"does not exist|authentication failed|no pg_hba\.conf entry|permission denied|not permitted to log in"
    r"|certificate verify failed|does not match host name|does not support SSL"
)
"""Refusals at the door. libpq gives their text and no SQLSTATE; in another language they are tried again in vain."""
_EXTERNAL_ROLE: LiteralString = "ALTER ROLE {name} {login} {creates} CONNECTION LIMIT {limit} PASSWORD {verifier}"
"""Only a superuser may name the other attributes, which a new role doesn't have."""


Whose: TypeAlias = Literal["new", "known", "taken over"]
"""What a name is to a resource: of its own creation, if there is anything; known to be its own by the state, perhaps
made under another URN; or somebody else's so far, which is imported."""


class Address(Protocol):
    """Where the server is: an `EmbeddedPostgres`, or anything that can say the same."""

    @property
    def port(self) -> int | None: ...

    def url(self, database: str) -> str:
        """The administrator's libpq URL."""
        ...


@dataclass(frozen=True, slots=True)
class External:
    """A server that somebody else runs. `password` is in no representation of it."""

    host: str
    port: int
    username: str
    password: str = field(repr=False)
    sslmode: str = "prefer"
    database: str = "postgres"

    def url(self, database: str) -> str:
        """For `postgres` the database that the server's administrators use there."""
        name = self.database if database == "postgres" else database
        parts: dict[str, str | int] = {
            "host": self.host,
            "port": self.port,
            "user": self.username,
            "password": self.password,
        }
        return make_conninfo("", **parts, dbname=name, sslmode=self.sslmode)


class NoDatabase(Conflict):
    """There is no such database, or it was dropped while it was used."""


class ApplicationServer:
    """Raises Transient when the server can't be reached, Conflict when a name is somebody else's.

    The applications' own server belongs to the platform whole, an `External` one only as far as it made something.
    """

    def __init__(self, address: Address) -> None:
        self._address = address
        self._external = isinstance(address, External)
        self._closed_to_public = False
        self._closing = asyncio.Lock()

    @property
    def host(self) -> str:
        return self._address.host if isinstance(self._address, External) else LOOPBACK

    @property
    def port(self) -> int:
        if self._address.port is None:
            raise Transient("the applications' PostgreSQL server has no port yet")
        return self._address.port

    def url(self, database: str) -> str:
        """The administrator's libpq URL, which may hold a password."""
        return self._address.url(database)

    async def exists(self, name: str, *, managed: bool) -> bool:
        """Whether the database is there; of one that is `managed`, also its role, and both the platform's."""
        async with self.connect() as connection:
            if not managed:
                return await _is_database(connection, name)
            await self.check_mark(connection, name)
            row = await one(
                connection,
                "SELECT 1 FROM pg_database JOIN pg_roles ON rolname = datname WHERE datname = %s",
                name,
            )
            return row is not None

    async def ensure(self, name: str, urn: str, password: str, whose: Whose) -> bool:
        """Makes the role and the database, or completes what a crash left; either way the password is set.

        Says whether the database was there before. The role is marked in the transaction that makes it, so whatever
        is found under this name is known to be this resource's, or is refused.
        """
        async with self.connect() as connection:
            await self.close_to_public(connection)
            await self.check_claim(connection, name, urn, whose)
            async with connection.transaction():
                await self.ensure_role(connection, name, urn, password)
            found = await _is_database(connection, name)
            if not found:
                await self.run(connection, "CREATE DATABASE {name}", name)
            async with connection.transaction():
                await self._give(connection, name, urn)
        async with self.connect(name) as inside:
            await self.run(inside, "ALTER SCHEMA public OWNER TO {name}", name)
        return found

    async def drop(self, name: str, urn: str | None) -> None:
        """Ends the connections to the database and removes it and its role. Also when they are gone.

        `urn` None: the state says that they are this resource's, whatever it was called when it made them.
        """
        async with self.connect() as connection:
            await self.check_mark(connection, name, urn)
            await self.run(connection, "DROP DATABASE IF EXISTS {name} WITH (FORCE)", name)
            await self.run(connection, "DROP ROLE IF EXISTS {name}", name)

    async def ensure_role(
        self,
        connection: AsyncConnection,
        name: str,
        urn: str,
        password: str,
        *,
        login: bool = True,
        limit: int = CONNECTIONS_EACH,
        create_databases: bool = False,
    ) -> None:
        """A role that has no power over the server. `limit` of its connections; -1 for none."""
        if await one(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", name) is None:
            await self.run(connection, "CREATE ROLE {name}", name)
        verifier = connection.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256").decode()
        await self.run(
            connection,
            _EXTERNAL_ROLE if self._external else _ROLE,
            name,
            login=sql.SQL("LOGIN" if login else "NOLOGIN"),
            creates=sql.SQL("CREATEDB" if create_databases else "NOCREATEDB"),
            limit=sql.Literal(limit),
            verifier=sql.Literal(verifier),
        )
        if self._external:  # who is no superuser must be a member, to give something to it and to take it away
            await self.run(connection, "GRANT {name} TO CURRENT_USER", name)
        await self.run(connection, "COMMENT ON ROLE {name} IS {mark}", name, mark=sql.Literal(mark(urn)))

    async def let_administrate(self, connection: AsyncConnection, name: str, *, allowed: bool) -> None:
        """Who makes databases must be connected to one that is there, and our own server's are closed to everybody."""
        if self._external:
            return
        row = await one(connection, "SELECT has_database_privilege(%s, 'postgres', 'CONNECT')", name)
        if (row is not None and row[0]) == allowed:
            return
        if allowed:
            await self.run(connection, "GRANT CONNECT ON DATABASE postgres TO {name}", name)
        else:
            await self.run(connection, "REVOKE CONNECT ON DATABASE postgres FROM {name}", name)

    async def _give(self, connection: AsyncConnection, name: str, urn: str) -> None:
        """The role may use the database and fill it; it does not own it, so it can't drop or rename it."""
        await self.run(connection, "COMMENT ON DATABASE {name} IS {mark}", name, mark=sql.Literal(mark(urn)))
        await self.run(connection, "REVOKE ALL ON DATABASE {name} FROM PUBLIC", name)
        await self.run(connection, "GRANT CONNECT, CREATE, TEMPORARY ON DATABASE {name} TO {name}", name)

    async def close_to_public(self, connection: AsyncConnection) -> None:
        """PostgreSQL lets every role connect to the databases that it brings: they are closed before one is made.

        Once for each start is enough.
        """
        async with self._closing:
            if not self._closed_to_public and not self._external:
                for shared in _SHARED:
                    await self.run(connection, "REVOKE ALL ON DATABASE {name} FROM PUBLIC", shared)
                self._closed_to_public = True

    async def check_claim(self, connection: AsyncConnection, name: str, urn: str, whose: Whose) -> None:
        """Raises Conflict if the role or the database may not become, or stay, this resource's."""
        if whose == "taken over":
            await self._check_free(connection, name, urn)
        else:
            await self.check_mark(connection, name, None if whose == "known" else urn)

    async def _check_free(self, connection: AsyncConnection, name: str, urn: str) -> None:
        """Anything but what the server itself needs, and what another resource has."""
        row = await (await connection.execute(_CLAIMED, {"name": name})).fetchone()
        powerful, by_role, by_database = row or (False, None, None)
        if powerful or name in (*_SHARED, "template0"):
            raise Conflict(f"{name} is the server's own and can't be taken over", hint="import another one")
        if reserved(name):
            raise Conflict(
                f"{name} can't be taken over: PostgreSQL lets nobody have a role of this name",
                hint="import another one, or rename it first",
            )
        for other in (marker(by_role), marker(by_database)):
            if other not in (None, urn):
                raise Conflict(
                    f"{name} belongs to {other}",
                    hint="forget it there first: roadbed stack forget STACK RESOURCE",
                )

    async def claimed(self, name: str, urn: str) -> bool:
        """Whether the role is there and is this resource's."""
        async with self.connect() as connection:
            row = await one(connection, _ROLE_MARK, name)
            return row is not None and marked(row[0], urn)

    async def check_mark(self, connection: AsyncConnection, name: str, urn: str | None = None) -> None:
        """Raises Conflict if the role is there and is not this resource's; without `urn`, not the platform's."""
        row = await one(connection, _ROLE_MARK, name)
        if row is not None and not marked(row[0], urn):
            raise Conflict(
                f"the role {name} on the PostgreSQL server is not this resource's",
                hint="remove or rename it: it was not made by the platform",
            )

    async def run(
        self, connection: AsyncConnection, statement: LiteralString, name: str, **parts: sql.Composable
    ) -> None:
        """`statement` is a text of this package, and never holds anything from outside."""
        template = sql.SQL(statement)
        await connection.execute(template.format(name=sql.Identifier(name), **parts))

    @asynccontextmanager
    async def connect(self, database: str = _ADMINISTRATION) -> AsyncIterator[AsyncConnection[Any]]:
        """Raises NoDatabase for any failure in a database that isn't there any more: others may drop it meanwhile."""
        url = self._address.url(database)
        try:
            connection = await AsyncConnection.connect(url, autocommit=True, connect_timeout=_CONNECT_TIMEOUT_S)
            async with connection:
                yield connection
        except psycopg.Error as error:
            if database != _ADMINISTRATION and not await self._has_database(database):
                raise NoDatabase(f"the PostgreSQL server has no database {database}") from error
            raise _told(error) from error

    async def _has_database(self, name: str) -> bool:
        """Asked rather than read from an error: a refusal to connect has no SQLSTATE, and a text in any language."""
        async with self.connect() as connection:
            return await _is_database(connection, name)


async def one(connection: AsyncConnection[Any], query: Any, name: str) -> tuple[Any, ...] | None:
    row: tuple[Any, ...] | None = await (await connection.execute(query, [name])).fetchone()
    return row


async def _is_database(connection: AsyncConnection[Any], name: str) -> bool:
    return await one(connection, "SELECT 1 FROM pg_database WHERE datname = %s", name) is not None


def _told(error: psycopg.Error) -> RoadbedError:
    """Transient for what may work the next time, Conflict for what the server will refuse again."""
    said, state = _first_line(error), error.sqlstate or ""
    if not state and isinstance(error, psycopg.OperationalError) and not _NEVER.search(said):
        return Transient("the PostgreSQL server can't be reached", hint=said)
    if state.startswith(_PASSING) or said.startswith(_RACED):
        return Transient(f"the PostgreSQL server is busy: {said}")
    return Conflict(f"the PostgreSQL server refused: {said}")


def _first_line(error: psycopg.Error) -> str:
    """What went wrong, without the statement and its context."""
    first = (error.diag.message_primary or str(error)).splitlines()[0]
    return first.rpartition("FATAL:")[2].strip()
