"""`postgres:Database`: a database with a role of its own, and nothing that the role could reach beside it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import ClassVar

from roadbed.providers.driver import Actual, Desired, Property, Report, ResourceType
from roadbed.providers.postgres.naming import identifier
from roadbed.providers.postgres.server import ApplicationServer

DATABASE = "postgres:Database"
_PASSWORD_BYTES = 24


class PostgresProvider:
    """A resource's id is the name of its database, which is the name of its role too."""

    name: ClassVar[str] = "postgres"
    parallel: ClassVar[int] = 10
    types: ClassVar[Mapping[str, ResourceType]] = {
        DATABASE: ResourceType(
            DATABASE,
            "A PostgreSQL database with a role of its own on the applications' server.",
            {
                "name": Property(
                    {"type": "string", "minLength": 1, "maxLength": 63},
                    replace=True,
                    description="What its name begins with; the resource's place in the stack when left out.",
                )
            },
            outputs={
                "host": "The host to connect to.",
                "port": "The port to connect to.",
                "name": "The database.",
                "username": "The role.",
            },
            secret_outputs={"password": "The role's password."},
        )
    }

    def __init__(self, server: ApplicationServer) -> None:
        self._server = server

    async def create(self, desired: Desired, report: Report) -> Actual:
        """Called again after a crash, it finds what it made; nobody has the first password yet, so it sets another."""
        name = identifier(desired.urn, desired.properties.get("name"))
        password = secrets.token_urlsafe(_PASSWORD_BYTES)
        if await self._server.ensure(name, desired.urn, password):
            await report(f"took over the database {name}, which an interrupted creation had left")
        else:
            await report(f"made the database {name}")
        return self._actual(desired, name, {"password": password})

    async def read(self, desired: Desired, id: str) -> Actual | None:
        """Without the password: the server holds none, only what checks one."""
        return self._actual(desired, id, {}) if await self._server.exists(id, desired.urn) else None

    async def update(self, desired: Desired, id: str, report: Report) -> Actual:
        """No property can change in place; what is asked for anyway is to have it as it should be, password and all."""
        return await self.create(desired, report)

    async def delete(self, desired: Desired, id: str, report: Report) -> None:
        name = id or identifier(desired.urn, desired.properties.get("name"))
        await self._server.drop(name, desired.urn)
        await report(f"removed the database {name}")

    async def settle(self, desired: Desired, id: str, report: Report) -> None:
        """Nothing is under way when a change returns."""

    def _actual(self, desired: Desired, name: str, hidden: Mapping[str, str]) -> Actual:
        outputs = {"host": self._server.host, "port": self._server.port, "name": name, "username": name}
        return Actual(name, outputs, hidden, properties=dict(desired.properties))
