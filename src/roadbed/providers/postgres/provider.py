"""PostgreSQL: databases, roles, privileges and extensions, on the applications' own server or on one that is given.

What is made is marked by a comment with its URN, so that it is found again after a crash and nothing of somebody
else's is touched. Once the state knows an id, that decides: a resource that was moved keeps what it has.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, BinaryIO, ClassVar

from roadbed.kit.errors import Conflict, InvalidInput
from roadbed.providers.driver import Actual, Desired, Report, ResourceType
from roadbed.providers.postgres import backups, logins
from roadbed.providers.postgres.naming import creation, identifier
from roadbed.providers.postgres.objects import Objects, RoleAttributes
from roadbed.providers.postgres.privileges import PRIVILEGES, Grant
from roadbed.providers.postgres.server import CONNECTIONS_EACH, ApplicationServer, External, Whose
from roadbed.providers.postgres.types import DATABASE, ROLE, TYPES
from roadbed.sdk.backups import Archive, Contents

_PASSWORD_BYTES = 24


class PostgresProvider:
    """A database's or role's id is its name, an extension's `database/extension`, a privilege's its whole target."""

    name: ClassVar[str] = "postgres"
    parallel: ClassVar[int] = 10
    types: ClassVar[Mapping[str, ResourceType]] = TYPES
    kept: ClassVar[frozenset[str]] = frozenset({DATABASE})
    rotated: ClassVar[frozenset[str]] = frozenset({DATABASE, ROLE})

    def __init__(self, server: ApplicationServer) -> None:
        """`server` is used by what names no other."""
        self._server = server

    async def create(self, desired: Desired, report: Report) -> Actual:
        """Called again after a crash, it finds what it made; nobody has the first password yet, so it sets another."""
        return await self._put(desired, "", report)

    async def read(self, desired: Desired, id: str) -> Actual | None:
        """Without a password: the server holds none, only what checks one."""
        server = self._on(desired)
        match desired.type:
            case "postgres:Database":
                return _login(desired, server, id) if await server.exists(id, managed=_managed(desired)) else None
            case "postgres:Role":
                found = await Objects(server).role(id, managed=_managed(desired))
                return None if found is None else _login(desired, server, id, seen=_role_seen(desired, found))
            case "postgres:Extension":
                database, _, name = id.partition("/")
                version = await Objects(server).extension(database, name)
                return None if version is None else _extension(desired, database, name, version)
            case "postgres:Grant":
                return await _granted(desired, Objects(server), id)
            case _:
                return await self._server_seen(desired, id)

    async def update(self, desired: Desired, id: str, report: Report) -> Actual:
        """What is there is made to be as it should be, password and all: the one that its users have.

        What was imported has none here: it is marked as this resource's, and gets a new one.
        """
        return await self._put(desired, id, report)

    async def delete(self, desired: Desired, id: str, report: Report) -> None:
        urn = None if id else desired.urn
        try:
            server, grant = self._on(desired), _revoked(desired, id) if desired.type == "postgres:Grant" else None
        except InvalidInput:
            if id:
                raise
            return  # its creation was refused for the same reason: there is nothing
        imported = bool(id) and desired.type in (DATABASE, ROLE) and not _managed(desired)
        if imported and not await server.claimed(id, desired.urn):
            await report(f"left {id} alone: it was never taken over")
            return
        match desired.type:
            case "postgres:Database":
                await server.drop(id or _name(desired), urn)
                await logins.remove(server, id or _name(desired))
                await report(f"removed the database {id or _name(desired)}")
            case "postgres:Role":
                makes = desired.properties.get("create_databases") is True
                await Objects(server).drop_role(id or _name(desired), urn, with_databases=makes)
                await logins.remove(server, id or _name(desired))
            case "postgres:Extension":
                database, _, name = (id or _extension_id(desired)).partition("/")
                await Objects(server).drop_extension(database, name, urn and creation(urn, desired.token))
            case "postgres:Grant" if grant is not None:
                await Objects(server).revoke(grant)

    async def settle(self, desired: Desired, id: str, report: Report) -> None:
        """Nothing is under way when a change returns."""

    async def rotate(self, desired: Desired, id: str, report: Report) -> Actual:
        server = self._on(desired)
        if desired.type == ROLE and not _attributes(desired.properties).login:
            raise Conflict(f"the role {id} doesn't log in", hint="it has no credentials to exchange")
        login, password = await logins.add(server, id, _limit(desired))
        await report(f"made the login {login}")
        return _login(desired, server, id, password, login=login)

    async def revoke(self, desired: Desired, id: str, report: Report) -> None:
        for ended in await logins.keep_only(self._on(desired), id, _username(desired, id)):
            await report(f"{ended} can't log in any more")

    async def save(self, desired: Desired, id: str, sink: BinaryIO, report: Report) -> Contents:
        return await backups.save(self._on(desired), id, sink, report)

    async def restore(self, desired: Desired, id: str, archive: Archive, report: Report) -> Contents:
        return await backups.restore(self._on(desired), id, archive, report)

    async def rehearse(self, desired: Desired, archive: Archive, report: Report) -> Contents:
        return await backups.rehearse(self._on(desired), archive, report)

    def room(self, desired: Desired) -> int | None:
        """A database grows as far as its server's disk."""
        return None

    async def _put(self, desired: Desired, id: str, report: Report) -> Actual:
        server = self._on(desired)
        match desired.type:
            case "postgres:Database":
                return await _database(desired, server, id, report)
            case "postgres:Role":
                return await _role(desired, server, id)
            case "postgres:Extension":
                database, name = desired.properties["database"], desired.properties["name"]
                schema = desired.properties.get("schema")
                wanted, known = desired.properties.get("version"), bool(id)
                owner = creation(desired.urn, desired.token)
                version = await Objects(server).ensure_extension(database, name, owner, schema, wanted, known=known)
                return _extension(desired, database, name, version)
            case "postgres:Grant":
                await Objects(server).grant(_grant(desired))
                return _grant_actual(desired, list(desired.properties["privileges"]))
            case _:
                return await _server(desired, id or desired.token or desired.urn)

    def _on(self, desired: Desired) -> ApplicationServer:
        given = desired.configuration
        if given is None:
            return self._server
        if missing := {"host", "port", "username", "password"} - given.keys():
            raise InvalidInput(
                f"the provider of {desired.urn} has no {', '.join(sorted(missing))}", hint="give it a postgres:Server"
            )
        return ApplicationServer(_external(given))

    async def _server_seen(self, desired: Desired, id: str) -> Actual | None:
        if "password" not in desired.secrets or "host" not in desired.outputs:
            return None
        version = await Objects(ApplicationServer(_external({**desired.outputs, **desired.secrets}))).version()
        return Actual(id, {**desired.outputs, "version": version}, dict(desired.secrets))


def _external(given: Mapping[str, Any]) -> External:
    return External(
        given["host"],
        int(given.get("port") or 5432),
        given["username"],
        given["password"],
        given.get("sslmode") or "prefer",
        given.get("database") or "postgres",
    )


async def _server(desired: Desired, id: str) -> Actual:
    """It stands for a server once that answers."""
    address = _external(desired.properties)
    version = await Objects(ApplicationServer(address)).version()
    outputs = {"host": address.host, "port": address.port, "username": address.username}
    more = {"database": address.database, "sslmode": address.sslmode, "version": version}
    return Actual(id, {**outputs, **more}, {"password": address.password})


async def _database(desired: Desired, server: ApplicationServer, id: str, report: Report) -> Actual:
    name, password = id or _name(desired), desired.secrets.get("password") or secrets.token_urlsafe(_PASSWORD_BYTES)
    if (login := _username(desired, name)) != name:
        await logins.ensure(server, name, login, password)
        return _login(desired, server, name, password)
    found = await server.ensure(name, desired.urn, password, _whose(desired, id))
    if id and "password" not in desired.secrets:
        await report(f"took over the database {name}, with a new password for the role {name}")
    elif not found:
        await report(f"made the database {name}")
    elif not id:
        await report(f"took over the database {name}, which an interrupted creation had left")
    return _login(desired, server, name, password)


async def _role(desired: Desired, server: ApplicationServer, id: str) -> Actual:
    """Its password stays at a change: those who have it would be locked out."""
    name = id or _name(desired)
    password = desired.secrets.get("password") or secrets.token_urlsafe(_PASSWORD_BYTES)
    wanted = _attributes(desired.properties)
    dropped = set((desired.previous or {}).get("member_of") or []) - set(wanted.member_of)
    login = _username(desired, name)
    own = wanted if login == name else replace(wanted, login=False)
    await Objects(server).ensure_role(name, desired.urn, password, own, sorted(dropped), _whose(desired, id))
    if login != name:
        await logins.ensure(server, name, login, password, wanted.connection_limit)
    return _login(desired, server, name, password)


def _limit(desired: Desired) -> int:
    return _attributes(desired.properties).connection_limit if desired.type == ROLE else CONNECTIONS_EACH


def _attributes(given: Mapping[str, Any]) -> RoleAttributes:
    limit = given.get("connection_limit")
    return RoleAttributes(
        given.get("login") is not False,
        CONNECTIONS_EACH if limit is None else limit,
        given.get("create_databases") is True,
        tuple(given.get("member_of") or ()),
    )


def _role_seen(desired: Desired, found: RoleAttributes) -> dict[str, Any]:
    """As it was declared while that holds: what was left out is told where it isn't as it is by itself."""
    declared, wanted = dict(desired.properties), _attributes(desired.properties)
    if found.login is not wanted.login and not _has_other_login(desired):
        declared["login"] = found.login
    if found.connection_limit != wanted.connection_limit:
        declared["connection_limit"] = found.connection_limit
    if found.create_databases is not wanted.create_databases:
        declared["create_databases"] = found.create_databases
    if not set(wanted.member_of) <= set(found.member_of):
        declared["member_of"] = [group for group in wanted.member_of if group in found.member_of]
    return declared


def _managed(desired: Desired) -> bool:
    """Whether the platform made it or has taken it over: then it has its password."""
    return "password" in desired.secrets


def _whose(desired: Desired, id: str) -> Whose:
    return "new" if not id else "known" if _managed(desired) else "taken over"


def _login(
    desired: Desired,
    server: ApplicationServer,
    name: str,
    password: str | None = None,
    seen: Mapping[str, Any] | None = None,
    login: str | None = None,
) -> Actual:
    username = login or _username(desired, name)
    outputs = {"host": server.host, "port": server.port, "name": name, "username": username}
    hidden = {} if password is None else {"password": password}
    return Actual(name, outputs, hidden, properties=dict(desired.properties if seen is None else seen))


def _username(desired: Desired, name: str) -> str:
    """Who logs in: the role itself, until its credentials are rotated for the first time."""
    known = desired.outputs.get("username") if desired.type in (DATABASE, ROLE) else None
    return name if known is None else str(known)


def _has_other_login(desired: Desired) -> bool:
    return _username(desired, (name := str(desired.outputs.get("name")))) != name


def _name(desired: Desired) -> str:
    return identifier(desired.urn, desired.properties.get("name"), desired.token)


def _extension_id(desired: Desired) -> str:
    return f"{desired.properties['database']}/{desired.properties['name']}"


def _extension(desired: Desired, database: str, name: str, version: str) -> Actual:
    shown = {**desired.properties, "database": database, "name": name}
    if "version" in desired.properties:
        shown["version"] = version
    return Actual(f"{database}/{name}", {"name": name, "version": version}, properties=shown)


def _target(desired: Desired) -> Grant:
    """Whatever is granted there."""
    given = desired.properties
    return Grant(given["role"], given["database"], given.get("on") or "database", given.get("schema") or "public", ())


def _revoked(desired: Desired, id: str) -> Grant:
    """Raises InvalidInput for what can't have been granted."""
    known = isinstance(desired.properties["privileges"], list)  # not after an update that failed
    return _grant(desired) if known and not id else _target(desired)


def _grant(desired: Desired) -> Grant:
    """Raises InvalidInput for a privilege that there isn't on such a thing."""
    target, wanted = _target(desired), desired.properties["privileges"]
    on, allowed = target.on, PRIVILEGES[target.on]
    if unknown := set(wanted) - set(allowed):
        raise InvalidInput(f"there is no {', '.join(sorted(unknown))} on {on}", hint=f"there are: {', '.join(allowed)}")
    chosen = tuple(privilege for privilege in allowed if privilege in wanted)
    return replace(target, privileges=chosen)


def _grant_actual(desired: Desired, privileges: list[str]) -> Actual:
    wanted = _target(desired)
    whole = "/".join((wanted.role, wanted.database, wanted.on, wanted.schema))
    outputs = {"role": wanted.role, "database": wanted.database}
    return Actual(whole, outputs, properties={**desired.properties, "privileges": privileges})


async def _granted(desired: Desired, objects: Objects, id: str) -> Actual | None:
    """As it was declared while all of that is held, since a role can have more by what it belongs to."""
    held = await objects.holds(_target(desired))
    if not held:
        return None
    declared = desired.properties["privileges"]
    if not isinstance(declared, list):
        return _grant_actual(desired, list(held))
    return _grant_actual(desired, declared if set(declared) <= set(held) else [one for one in declared if one in held])
