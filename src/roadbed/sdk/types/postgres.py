"""PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Unpack

from roadbed.sdk.options import Options
from roadbed.sdk.references import Deferred, Reference
from roadbed.sdk.resources import Resource


class Database(Resource):
    """A PostgreSQL database with a role of its own.

    - `name_`, the property `name`: what its name begins with; the resource's place in the stack when left out.
      A change replaces it.
    """

    TYPE = "postgres:Database"

    if TYPE_CHECKING:
        host: Reference
        """The host to connect to."""
        port: Reference
        """The port to connect to."""
        name: Reference
        """The database."""
        username: Reference
        """The role."""
        password: Reference
        """The role's password. Secret."""

    def __init__(
        self,
        name: str,
        /,
        *,
        name_: str | Deferred | None = None,
        **options: Unpack[Options],
    ) -> None:
        given = {
            "name": name_,
        }
        super().__init__(self.TYPE, name, given, **options)


class Role(Resource):
    """A role, with what other roles give it and what is granted to it.

    - `name_`, the property `name`: what its name begins with; the resource's place in the stack when left out.
      A change replaces it.
    - `member_of`: roles whose privileges it has, too.
    - `login`: whether it can log in; true.
    - `connection_limit`: how many connections it may have at a time; 50. -1: any.
    - `create_databases`: whether it may make databases of its own, from the database `postgres`; false. They go when it
      does, which a deployment does only if it is told to.
    """

    TYPE = "postgres:Role"

    if TYPE_CHECKING:
        host: Reference
        """The host to connect to."""
        port: Reference
        """The port to connect to."""
        name: Reference
        """The role."""
        username: Reference
        """The role."""
        password: Reference
        """Its password. Secret."""

    def __init__(
        self,
        name: str,
        /,
        *,
        name_: str | Deferred | None = None,
        member_of: Sequence[str | Deferred] | None = None,
        login: bool | Deferred | None = None,
        connection_limit: int | Deferred | None = None,
        create_databases: bool | Deferred | None = None,
        **options: Unpack[Options],
    ) -> None:
        given = {
            "name": name_,
            "member_of": member_of,
            "login": login,
            "connection_limit": connection_limit,
            "create_databases": create_databases,
        }
        super().__init__(self.TYPE, name, given, **options)


class Grant(Resource):
    """Privileges of a role on a database, a schema, or all tables or sequences of a schema; no others stay.
    PostgreSQL doesn't know who gave one: two resources for the same role and target are one, so declare one.

    - `role`: the role that gets them. A change replaces it.
    - `database`: the database. A change replaces it.
    - `on`: database, schema, tables or sequences; database. A change replaces it.
    - `schema`: the schema; public. A change replaces it.
    - `privileges`: on database: CONNECT, CREATE, TEMPORARY; on schema: USAGE, CREATE; on tables: SELECT, INSERT,
      UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER; on sequences: USAGE, SELECT, UPDATE.
    """

    TYPE = "postgres:Grant"

    if TYPE_CHECKING:
        role: Reference
        """The role that has them."""
        database: Reference
        """The database."""

    def __init__(
        self,
        name: str,
        /,
        *,
        role: str | Deferred,
        database: str | Deferred,
        privileges: Sequence[str | Deferred],
        on: str | Deferred | None = None,
        schema: str | Deferred | None = None,
        **options: Unpack[Options],
    ) -> None:
        given = {
            "role": role,
            "database": database,
            "on": on,
            "schema": schema,
            "privileges": privileges,
        }
        super().__init__(self.TYPE, name, given, **options)


class Extension(Resource):
    """An extension in a database, which has each once. It must be available on the server.

    - `name_`, the property `name`: the extension. A change replaces it.
    - `database`: the database. A change replaces it.
    - `schema`: the schema for what it brings; the database's default. A change replaces it.
    - `version`: its version; the server's default when it is made, then as it is.
    """

    TYPE = "postgres:Extension"

    if TYPE_CHECKING:
        name: Reference
        """The extension."""
        version: Reference
        """Its version."""

    def __init__(
        self,
        name: str,
        /,
        *,
        name_: str | Deferred,
        database: str | Deferred,
        schema: str | Deferred | None = None,
        version: str | Deferred | None = None,
        **options: Unpack[Options],
    ) -> None:
        given = {
            "name": name_,
            "database": database,
            "schema": schema,
            "version": version,
        }
        super().__init__(self.TYPE, name, given, **options)


class Server(Resource):
    """A PostgreSQL server that somebody else runs; the others use it by `provider=`. It must answer to be there.

    - `host`: the host to connect to. A change replaces it.
    - `port`: the port to connect to; 5432. A change replaces it.
    - `username`: A role that may create roles and databases.
    - `password`: its password, a secret.
    - `database`: the database to connect to for administration; postgres.
    - `sslmode`: disable, prefer, require, verify-ca or verify-full, as libpq has them; prefer.
    """

    TYPE = "postgres:Server"

    if TYPE_CHECKING:
        host: Reference
        """The host to connect to."""
        port: Reference
        """The port to connect to."""
        username: Reference
        """Who administers it."""
        database: Reference
        """The database to connect to for administration."""
        sslmode: Reference
        """How the connection is protected."""
        version: Reference
        """The server's version."""
        password: Reference
        """The administrator's password. Secret."""

    def __init__(
        self,
        name: str,
        /,
        *,
        host: str | Deferred,
        username: str | Deferred,
        password: str | Deferred,
        port: int | Deferred | None = None,
        database: str | Deferred | None = None,
        sslmode: str | Deferred | None = None,
        **options: Unpack[Options],
    ) -> None:
        given = {
            "host": host,
            "port": port,
            "username": username,
            "password": password,
            "database": database,
            "sslmode": sslmode,
        }
        super().__init__(self.TYPE, name, given, **options)
