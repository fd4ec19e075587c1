"""What changes a PostgreSQL server beside its databases: roles, privileges and extensions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, LiteralString

from psycopg import AsyncConnection, sql
from psycopg.errors import DependentObjectsStillExist, InvalidSchemaName, UndefinedObject

from roadbed.kit.errors import Conflict
from roadbed.providers.postgres.naming import mark, marked
from roadbed.providers.postgres.privileges import PRIVILEGES, Grant
from roadbed.providers.postgres.server import ApplicationServer, NoDatabase, Whose, one

_REACHED: LiteralString = (
    "SELECT DISTINCT datname FROM pg_shdepend JOIN pg_roles r ON r.oid = refobjid JOIN pg_database b ON b.oid = dbid"
    " WHERE refclassid = 'pg_authid'::regclass AND rolname = %s AND datname <> current_database()"
    " AND datallowconn AND datconnlimit <> -2 AND has_database_privilege(b.oid, 'CONNECT')"
)
"""The other databases in which a role has something, as far as they can be connected to: a limit of -2 is what the
server gives to one whose removal was interrupted. By its oid, one that vanishes meanwhile is no error."""
_OWNED: LiteralString = (
    "SELECT current_database() FROM pg_shdepend JOIN pg_roles r ON r.oid = refobjid"
    " WHERE refclassid = 'pg_authid'::regclass AND rolname = %s AND deptype = 'o'"
    " AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
_DATABASES: LiteralString = "SELECT datname FROM pg_database JOIN pg_roles r ON r.oid = datdba WHERE rolname = %s"
_LISTINGS = 5
"""How often databases are looked for before a role that still has something is said to be in use."""
_ROLE: LiteralString = (
    "SELECT rolcanlogin, rolconnlimit, rolcreatedb, ARRAY(SELECT g.rolname::text FROM pg_auth_members m"
    " JOIN pg_roles g ON g.oid = m.roleid WHERE m.member = r.oid ORDER BY 1) FROM pg_roles r WHERE rolname = %s"
)
_TARGETS: Mapping[str, LiteralString] = {
    "database": "DATABASE {database}",
    "schema": "SCHEMA {schema}",
    "tables": "ALL TABLES IN SCHEMA {schema}",
    "sequences": "ALL SEQUENCES IN SCHEMA {schema}",
}
_HELD: Mapping[str, LiteralString] = {
    "database": "SELECT has_database_privilege(%(role)s, %(database)s, %(privilege)s)",
    "schema": "SELECT has_schema_privilege(%(role)s, %(schema)s, %(privilege)s)",
    "tables": "SELECT coalesce(bool_and(has_table_privilege(%(role)s, c.oid, %(privilege)s)), true) FROM pg_class c"
    " JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = %(schema)s AND relkind IN ('r', 'v', 'm', 'p', 'f')",
    "sequences": "SELECT coalesce(bool_and(has_sequence_privilege(%(role)s, c.oid, %(privilege)s)), true)"
    " FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = %(schema)s AND relkind = 'S'",
}


@dataclass(frozen=True, slots=True)
class RoleAttributes:
    """`connection_limit` -1 is none."""

    login: bool
    connection_limit: int
    create_databases: bool
    member_of: tuple[str, ...]


class Objects:
    def __init__(self, server: ApplicationServer) -> None:
        self._server = server

    async def ensure_role(
        self, name: str, urn: str, password: str, wanted: RoleAttributes, dropped: Sequence[str], whose: Whose
    ) -> None:
        """Makes the role or takes its own; sets its password; makes it a member of some roles, and not of `dropped`."""
        server = self._server
        async with server.connect() as connection:
            await server.close_to_public(connection)
            await server.check_claim(connection, name, urn, whose)
            async with connection.transaction():
                await server.ensure_role(
                    connection,
                    name,
                    urn,
                    password,
                    login=wanted.login,
                    limit=wanted.connection_limit,
                    create_databases=wanted.create_databases,
                )
                await server.let_administrate(connection, name, allowed=wanted.create_databases)
                for group in wanted.member_of:
                    await server.run(connection, "GRANT {group} TO {name}", name, group=sql.Identifier(group))
                for group in dropped:
                    if await _is_role(connection, group):
                        await server.run(connection, "REVOKE {group} FROM {name}", name, group=sql.Identifier(group))

    async def role(self, name: str, *, managed: bool) -> RoleAttributes | None:
        """What there is. Raises Conflict if one that is `managed` is not the platform's any more."""
        async with self._server.connect() as connection:
            if managed:
                await self._server.check_mark(connection, name)
            found = await one(connection, _ROLE, name)
            if found is None:
                return None
            login, limit, creates, groups = found
            return RoleAttributes(login, limit, creates, tuple(groups))

    async def drop_role(self, name: str, urn: str | None, *, with_databases: bool = False) -> None:
        """Also when it is gone. What it may do in databases is taken from it first; what it owns stays a Conflict, but
        for whole databases, which go `with_databases`.

        Databases come and go meanwhile. In one that is gone nothing is left to take; for one in which the role got
        something since they were listed, they are listed again.
        """
        server = self._server
        async with server.connect() as connection:
            await server.check_mark(connection, name, urn)
            if not await _is_role(connection, name):
                return
            if with_databases:
                found = await connection.execute(_DATABASES, [name])
                for (database,) in await found.fetchall():
                    await server.run(connection, "DROP DATABASE IF EXISTS {name} WITH (FORCE)", database)
        left: str | None = None
        for _ in range(_LISTINGS):
            for database in await self._strip_shared(name):
                with suppress(NoDatabase):
                    await self._strip_in(database, name)
            left = await self._drop(name)
            if left is None:
                return
        raise Conflict(f"the role {name} can't be removed, for it still has: {left}", hint="take that from it first")

    async def _strip_shared(self, name: str) -> list[str]:
        """Takes what it may do with databases themselves, too; the other databases in which it has something."""
        async with self._server.connect() as connection:
            await self._strip(connection, name)
            return await reached(connection, name)

    async def _strip_in(self, database: str, name: str) -> None:
        async with self._server.connect(database) as inside:
            await self._strip(inside, name)

    async def _strip(self, inside: AsyncConnection[Any], name: str) -> None:
        """Takes every privilege there from the role. `DROP OWNED` drops what it owns, too: so that is looked for."""
        owned = await one(inside, _OWNED, name)
        if owned is not None:
            raise Conflict(f"the role {name} owns something in {owned[0]}", hint="give it to another role first")
        with suppress(UndefinedObject):  # somebody else removed it
            await self._server.run(inside, "DROP OWNED BY {name}", name)

    async def _drop(self, name: str) -> str | None:
        """None once the role is gone; what the server names that depends on it, as long as there is something."""
        async with self._server.connect() as connection:
            try:
                await self._server.run(connection, "DROP ROLE IF EXISTS {name}", name)
            except DependentObjectsStillExist as error:
                return "; ".join((error.diag.message_detail or str(error)).splitlines())
            return None

    async def grant(self, wanted: Grant) -> None:
        """Gives exactly these privileges: others on the same are taken back."""
        async with self._server.connect(wanted.database) as inside, inside.transaction():
            await self._revoke(inside, wanted)
            await inside.execute(_statement("GRANT {privileges} ON {target} TO {role}", wanted, wanted.privileges))

    async def holds(self, wanted: Grant) -> tuple[str, ...] | None:
        """Those of PRIVILEGES that the role has there, or None when the role, the database or the schema is gone."""
        with suppress(NoDatabase):
            async with self._server.connect(wanted.database) as inside:
                schema = await one(inside, "SELECT 1 FROM pg_namespace WHERE nspname = %s", wanted.schema)
                if schema is not None and await _is_role(inside, wanted.role):
                    return tuple([one for one in PRIVILEGES[wanted.on] if await _has(inside, wanted, one)])
        return None

    async def revoke(self, wanted: Grant) -> None:
        """Also when the role, the database or the schema is gone."""
        with suppress(NoDatabase):
            async with self._server.connect(wanted.database) as inside:
                with suppress(UndefinedObject, InvalidSchemaName):
                    await self._revoke(inside, wanted)

    async def ensure_extension(
        self, database: str, name: str, owner: str, schema: str | None, version: str | None, *, known: bool
    ) -> str:
        """The version that is installed. Raises Conflict for one that is there and not of this creation (`owner`)."""
        async with self._server.connect(database) as inside, inside.transaction():
            found = await _extension(inside, name)
            if found is not None and not known and not marked(found[1], owner):
                raise Conflict(
                    f"the extension {name} is in {database} already, and not by this resource",
                    hint=f"import it: {database}/{name}",
                )
            if found is None:
                where = sql.SQL(" SCHEMA {}").format(sql.Identifier(schema)) if schema else sql.SQL("")
                which = sql.SQL(" VERSION {}").format(sql.Literal(version)) if version else sql.SQL("")
                await self._server.run(inside, "CREATE EXTENSION {name}{where}{which}", name, where=where, which=which)
            elif version and version != found[0]:
                to = sql.Literal(version)
                await self._server.run(inside, "ALTER EXTENSION {name} UPDATE TO {version}", name, version=to)
            comment = sql.Literal(mark(owner))
            await self._server.run(inside, "COMMENT ON EXTENSION {name} IS {mark}", name, mark=comment)
            installed = await _extension(inside, name)
            return str(installed[0]) if installed else ""

    async def extension(self, database: str, name: str) -> str | None:
        """The version that is installed, or None."""
        with suppress(NoDatabase):
            async with self._server.connect(database) as inside:
                found = await _extension(inside, name)
                return None if found is None else str(found[0])
        return None

    async def drop_extension(self, database: str, name: str, owner: str | None) -> None:
        """Removes it; with `owner` only one of that creation. Raises Conflict while something uses it."""
        with suppress(NoDatabase):
            async with self._server.connect(database) as inside:
                found = await _extension(inside, name)
                if found is not None and (owner is None or marked(found[1], owner)):
                    await self._server.run(inside, "DROP EXTENSION IF EXISTS {name}", name)

    async def version(self) -> str:
        async with self._server.connect() as connection:
            row = await (await connection.execute("SHOW server_version")).fetchone()
            return str(row[0]) if row else ""

    async def _revoke(self, inside: AsyncConnection[Any], wanted: Grant) -> None:
        await inside.execute(_statement("REVOKE {privileges} ON {target} FROM {role}", wanted, PRIVILEGES[wanted.on]))


async def reached(connection: AsyncConnection[Any], role: str) -> list[str]:
    """The other databases in which a role has something."""
    return [row[0] for row in await (await connection.execute(_REACHED, [role])).fetchall()]


def _statement(template: LiteralString, wanted: Grant, privileges: Sequence[LiteralString]) -> sql.Composed:
    """Privileges and targets are words of this module; names become identifiers."""
    names = {"database": sql.Identifier(wanted.database), "schema": sql.Identifier(wanted.schema)}
    return sql.SQL(template).format(
        privileges=sql.SQL(", ").join(sql.SQL(privilege) for privilege in privileges),
        target=sql.SQL(_TARGETS[wanted.on]).format(**names),
        role=sql.Identifier(wanted.role),
    )


async def _has(inside: AsyncConnection[Any], wanted: Grant, privilege: str) -> bool:
    values = {"role": wanted.role, "database": wanted.database, "schema": wanted.schema, "privilege": privilege}
    row = await (await inside.execute(_HELD[wanted.on], values)).fetchone()
    return bool(row and row[0])


async def _is_role(connection: AsyncConnection[Any], name: str) -> bool:
    return await one(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", name) is not None


async def _extension(inside: AsyncConnection[Any], name: str) -> tuple[Any, ...] | None:
    """Its version and its comment."""
    return await one(
        inside, "SELECT extversion, obj_description(oid, 'pg_extension') FROM pg_extension WHERE extname = %s", name
    )
