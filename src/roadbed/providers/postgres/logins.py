"""The logins of a role, beside itself: of the one that a database is made with, or of one that stands alone.

A PostgreSQL role has one password. So what is rotated is the login: a role of its own that is a member of the first
one and becomes it as it connects (`ALTER ROLE … SET role`): whoever connects, all belongs to the one role.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, LiteralString

from psycopg import AsyncConnection, sql

from roadbed.providers.postgres.objects import reached
from roadbed.providers.postgres.server import CONNECTIONS_EACH, ApplicationServer, NoDatabase, one

_LONGEST = 63
_OTHERS: LiteralString = "SELECT r.rolname FROM pg_roles r WHERE shobj_description(r.oid, 'pg_authid') = %s ORDER BY 1"
_END: LiteralString = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s AND pid <> pg_backend_pid()"
)


async def add(server: ApplicationServer, role: str, limit: int = CONNECTIONS_EACH) -> tuple[str, str]:
    """Makes a new login: its name and its password. `limit` is of its connections at a time."""
    suffix = f"_{secrets.token_hex(4)}"
    name, password = role[: _LONGEST - len(suffix)] + suffix, secrets.token_urlsafe(24)
    await ensure(server, role, name, password, limit)
    return name, password


async def ensure(server: ApplicationServer, role: str, name: str, password: str, limit: int = CONNECTIONS_EACH) -> None:
    """The login as it should be, whether or not it is there."""
    async with server.connect() as connection, connection.transaction():
        await server.ensure_role(connection, name, "", password, limit=limit)
        owner = sql.Identifier(role)
        await server.run(connection, "GRANT {owner} TO {name}", name, owner=owner)
        await server.run(connection, "ALTER ROLE {name} SET role TO {owner}", name, owner=owner)
        await server.run(connection, "COMMENT ON ROLE {name} IS {mark}", name, mark=sql.Literal(_mark(role)))


async def keep_only(server: ApplicationServer, role: str, login: str) -> list[str]:
    """Ends every other login, with its connections: their names."""
    async with server.connect() as connection:
        ended = [name for name in await others(connection, role) if name != login]
        for name in ended:
            await server.run(connection, "ALTER ROLE {name} NOLOGIN", name)
            await connection.execute(_END, [name])
            for database in await reached(connection, name):
                with suppress(NoDatabase):
                    await _hand_over(server, database, name, role)
            await server.run(connection, "DROP ROLE IF EXISTS {name}", name)
        if login != role and await _logs_in(connection, role):
            await server.run(connection, "ALTER ROLE {name} NOLOGIN PASSWORD NULL", role)
            await connection.execute(_END, [role])
            ended.append(role)
    return ended


async def _hand_over(server: ApplicationServer, database: str, name: str, role: str) -> None:
    """What it made there by itself, which takes an explicit `RESET ROLE`, belongs to the role, too."""
    async with server.connect(database) as inside:
        await server.run(inside, "REASSIGN OWNED BY {name} TO {owner}", name, owner=sql.Identifier(role))
        await server.run(inside, "DROP OWNED BY {name}", name)


async def remove(server: ApplicationServer, role: str) -> None:
    """All of them; what the role had is gone already, and with it what they had."""
    async with server.connect() as connection:
        for name in await others(connection, role):
            await server.run(connection, "DROP ROLE IF EXISTS {name}", name)


async def others(connection: AsyncConnection[Any], role: str) -> Sequence[str]:
    """The logins that were made beside the role itself."""
    return [row[0] for row in await (await connection.execute(_OTHERS, [_mark(role)])).fetchall()]


async def _logs_in(connection: AsyncConnection[Any], name: str) -> bool:
    row = await one(connection, "SELECT rolcanlogin FROM pg_roles WHERE rolname = %s", name)
    return row is not None and bool(row[0])


def _mark(role: str) -> str:
    return f"roadbed: login of {role}"
