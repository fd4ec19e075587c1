"""The resource types of PostgreSQL, as the engine must know them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from roadbed.providers.driver import Property, ResourceType
from roadbed.providers.postgres.privileges import PRIVILEGES

DATABASE, ROLE, GRANT = "postgres:Database", "postgres:Role", "postgres:Grant"
EXTENSION, SERVER = "postgres:Extension", "postgres:Server"

_NAME: Mapping[str, Any] = {"type": "string", "minLength": 1, "maxLength": 63}


def _new(description: str, *, required: bool = False, schema: Mapping[str, Any] = _NAME) -> Property:
    return Property(schema, required=required, replace=True, description=description)


_BEGINS = _new("What its name begins with; the resource's place in the stack when left out.")
_WHERE = {"host": "The host to connect to.", "port": "The port to connect to."}

TYPES: Mapping[str, ResourceType] = {
    DATABASE: ResourceType(
        DATABASE,
        "A PostgreSQL database with a role of its own.",
        {"name": _BEGINS},
        outputs={**_WHERE, "name": "The database.", "username": "The role."},
        secret_outputs={"password": "The role's password."},
        holds_data=True,
    ),
    ROLE: ResourceType(
        ROLE,
        "A role, with what other roles give it and what is granted to it.",
        {
            "name": _BEGINS,
            "member_of": Property({"type": "array", "items": _NAME}, description="Roles whose privileges it has, too."),
            "login": Property({"type": "boolean", "default": True}, description="Whether it can log in; true."),
            "connection_limit": Property(
                {"type": "integer", "minimum": -1, "default": 50},
                description="How many connections it may have at a time; 50. -1: any.",
            ),
            "create_databases": Property(
                {"type": "boolean", "default": False},
                description="Whether it may make databases of its own, from the database `postgres`; false."
                " They go when it does, which a deployment does only if it is told to.",
            ),
        },
        outputs={**_WHERE, "name": "The role.", "username": "The role."},
        secret_outputs={"password": "Its password."},
        holds_data="create_databases",
    ),
    GRANT: ResourceType(
        GRANT,
        "Privileges of a role on a database, a schema, or all tables or sequences of a schema; no others stay."
        " PostgreSQL doesn't know who gave one: two resources for the same role and target are one, so declare one.",
        {
            "role": _new("The role that gets them.", required=True),
            "database": _new("The database.", required=True),
            "on": _new(
                "database, schema, tables or sequences; database.",
                schema={"enum": list(PRIVILEGES), "default": "database"},
            ),
            "schema": _new("The schema; public.", schema={**_NAME, "default": "public"}),
            "privileges": Property(
                {
                    "type": "array",
                    "minItems": 1,
                    "items": {"enum": sorted({word for words in PRIVILEGES.values() for word in words})},
                },
                required=True,
                description="; ".join(f"on {what}: {', '.join(words)}" for what, words in PRIVILEGES.items()) + ".",
            ),
        },
        outputs={"role": "The role that has them.", "database": "The database."},
    ),
    EXTENSION: ResourceType(
        EXTENSION,
        "An extension in a database, which has each once. It must be available on the server.",
        {
            "name": _new("The extension.", required=True),
            "database": _new("The database.", required=True),
            "schema": _new("The schema for what it brings; the database's default."),
            "version": Property(_NAME, description="Its version; the server's default when it is made, then as it is."),
        },
        outputs={"name": "The extension.", "version": "Its version."},
        follows={"version": ("version",)},
    ),
    SERVER: ResourceType(
        SERVER,
        "A PostgreSQL server that somebody else runs; the others use it by `provider=`. It must answer to be there.",
        {
            "host": _new("The host to connect to.", required=True, schema={"type": "string", "minLength": 1}),
            "port": _new(
                "The port to connect to; 5432.",
                schema={"type": "integer", "minimum": 1, "maximum": 65_535, "default": 5432},
            ),
            "username": Property(_NAME, required=True, description="A role that may create roles and databases."),
            "password": Property(
                {"type": "string", "writeOnly": True}, required=True, description="Its password, a secret."
            ),
            "database": Property(
                {**_NAME, "default": "postgres"}, description="The database to connect to for administration; postgres."
            ),
            "sslmode": Property(
                {"enum": ["disable", "prefer", "require", "verify-ca", "verify-full"], "default": "prefer"},
                description="disable, prefer, require, verify-ca or verify-full, as libpq has them; prefer.",
            ),
        },
        outputs={
            **_WHERE,
            "username": "Who administers it.",
            "database": "The database to connect to for administration.",
            "sslmode": "How the connection is protected.",
            "version": "The server's version.",
        },
        secret_outputs={"password": "The administrator's password."},
        follows={
            "username": ("username",),
            "database": ("database",),
            "sslmode": ("sslmode",),
            "password": ("password",),
            "version": ("username", "password", "database", "sslmode"),
        },
        replacement="create_first",
        configures=True,
    ),
}
