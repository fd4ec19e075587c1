"""The logins of a database, beside the role that it is made with.

A PostgreSQL role has one password. So what is rotated is the login: a role of its own that is a member of the
database's role and becomes it as it connects (`ALTER ROLE … SET role`): whoever connects, all belongs to the one role.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any, LiteralString

from psycopg import AsyncConnection, sql

from roadbed.providers.postgres.server import CONNECTIONS_EACH, ApplicationServer, one

_LONGEST = 63
_OTHERS: LiteralString = "SELECT r.rolname FROM pg_roles r WHERE shobj_description(r.oid, 'pg_authid') = %s ORDER BY 1"
_END: LiteralString = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s AND pid <> pg_backend_pid()"
)


async def add(server: ApplicationServer, database: str) -> tuple[str, str]:
    """Makes a new login: its name and its password."""
    suffix = f"_{secrets.token_hex(4)}"
    name, password = database[: _LONGEST - len(suffix)] + suffix, secrets.token_urlsafe(24)
    await ensure(server, database, name, password)
    return name, password


async def ensure(server: ApplicationServer, database: str, name: str, password: str) -> None:
    """The login as it should be, whether or not it is there."""
    async with server.connect() as connection, connection.transaction():
        await server.ensure_role(connection, name, "", password, limit=CONNECTIONS_EACH)
        owner = sql.Identifier(database)
        await server.run(connection, "GRANT {owner} TO {name}", name, owner=owner)
        await server.run(connection, "ALTER ROLE {name} SET role TO {owner}", name, owner=owner)
        await server.run(connection, "COMMENT ON ROLE {name} IS {mark}", name, mark=sql.Literal(_mark(database)))


async def keep_only(server: ApplicationServer, database: str, login: str) -> list[str]:
    """Ends every other login, with its connections: their names."""
    async with server.connect() as connection:
        ended = [name for name in await others(connection, database) if name != login]
        for name in ended:
            await server.run(connection, "ALTER ROLE {name} NOLOGIN", name)
            await connection.execute(_END, [name])
            async with server.connect(database) as inside:
                await server.run(inside, "REASSIGN OWNED BY {name} TO {owner}", name, owner=sql.Identifier(database))
                await server.run(inside, "DROP OWNED BY {name}", name)
            await server.run(connection, "DROP ROLE IF EXISTS {name}", name)
        if login != database and await _logs_in(connection, database):
            await server.run(connection, "ALTER ROLE {name} NOLOGIN PASSWORD NULL", database)
            await connection.execute(_END, [database])
            ended.append(database)
    return ended


async def remove(server: ApplicationServer, database: str) -> None:
    """All of them; the database is gone already, and with it what they had."""
    async with server.connect() as connection:
        for name in await others(connection, database):
            await server.run(connection, "DROP ROLE IF EXISTS {name}", name)


async def others(connection: AsyncConnection[Any], database: str) -> Sequence[str]:
    """The logins that were made beside the database's own role."""
    return [row[0] for row in await (await connection.execute(_OTHERS, [_mark(database)])).fetchall()]


async def _logs_in(connection: AsyncConnection[Any], name: str) -> bool:
    row = await one(connection, "SELECT rolcanlogin FROM pg_roles WHERE rolname = %s", name)
    return row is not None and bool(row[0])


def _mark(database: str) -> str:
    return f"roadbed: login of {database}"
