"""The standard architecture that is resources alone: a data store with backups.

Those with a workload are golden paths: `roadbed templates`. This one is a class of `postgres`, so that whatever works
with a database works with it: `roadbed resource add postgres --class backed-up`.
"""

from __future__ import annotations

from typing import Unpack

from roadbed.sdk import Component, ComponentOptions, Param, Request, provisioner
from roadbed.sdk.provisioners import Example
from roadbed.sdk.types import backups, postgres


class DataStore(Component):
    """A database, and when it is backed up. With `protect`, no plan deletes it."""

    def __init__(
        self, name: str, *, schedule: str, timezone: str, keep: int, days: int, **options: Unpack[ComponentOptions]
    ) -> None:
        inputs = {"schedule": schedule, "timezone": timezone, "keep": keep, "days": days}
        super().__init__("standard:DataStore", name, inputs=inputs, **options)
        with self:
            database = postgres.Database(name)
            backups.Schedule(name, of=database, schedule=schedule, timezone=timezone, keep=keep, days=days)
        self.outputs(
            host=database.host,
            port=database.port,
            name=database.name,
            database=database.name,
            username=database.username,
            password=database.password,
        )


@provisioner(
    "postgres",
    resource_class="backed-up",
    owner="group:default/platform",
    version="1.0.0",
    maturity="stable",
    params={
        "schedule": Param(str, default="0 2 * * *", help="When it is backed up, in cron's five fields."),
        "timezone": Param(str, default="UTC", help="In which time zone: Europe/Madrid."),
        "keep": Param(int, default=14, help="How many of the newest backups stay."),
        "days": Param(int, default=30, help="For how many days one stays beside those."),
    },
    examples={
        "default": Example(resource_class="backed-up"),
        "hourly-in-production": Example(
            {"schedule": "0 * * * *", "keep": 48}, environment="prod", kind="production", resource_class="backed-up"
        ),
    },
)
def data_store(request: Request) -> dict[str, object]:
    """A data store with backups: each night, encrypted, counted. In production no plan may delete it."""
    params = request.params
    store = DataStore(
        request.name,
        schedule=params["schedule"],
        timezone=params["timezone"],
        keep=params["keep"],
        days=params["days"],
        protect=request.kind == "production",
    )
    return {name: store[name] for name in ("host", "port", "name", "database", "username", "password")}
