"""Backups: when something is backed up, and what of that is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

from roadbed.sdk.errors import ProgramError
from roadbed.sdk.options import Options
from roadbed.sdk.program import Declared
from roadbed.sdk.provisioners import Request
from roadbed.sdk.references import Deferred, Reference
from roadbed.sdk.resources import Resource

WORDS = ("schedule", "timezone", "keep", "days")


class Schedule(Resource):
    """When a resource is backed up, and which of those backups stay.

    - `of`: the URN of what is backed up: `database.urn`. Give the resource itself, which must be there first.
    - `schedule`: when, as cron's five fields have it: `0 3 * * *`; or @hourly, @daily, @weekly, @monthly.
    - `timezone`: in which time zone: `Europe/Madrid`; UTC.
    - `keep`: how many of the newest stay; 7. The newest that was found whole stays in any case.
    - `days`: for how many days one stays beside those; 0.

    ```python
    database = postgres.Database("db")
    backups.Schedule("db", of=database, schedule="0 3 * * *", timezone="Europe/Madrid", keep=14)
    ```
    """

    TYPE = "backups:Schedule"

    if TYPE_CHECKING:
        next: Reference
        """When the next one is made, as it was known when this was applied."""

    def __init__(
        self,
        name: str,
        /,
        *,
        of: Resource | str,
        schedule: str | Deferred,
        timezone: str | Deferred | None = None,
        keep: int | Deferred | None = None,
        days: float | Deferred | None = None,
        **options: Unpack[Options],
    ) -> None:
        if isinstance(of, Resource):
            before: list[Declared] = [*options.get("depends_on", ()), of]
            options["depends_on"] = before
        urn = of.urn if isinstance(of, Resource) else of
        given = {"of": urn, "schedule": schedule, "timezone": timezone, "keep": keep, "days": days}
        super().__init__(self.TYPE, name, given, **options)


def as_asked(request: Request, resource: Resource) -> None:
    """Declares the schedule that a request asks for by its param `backups`: `"@daily"`, or
    `{schedule: "0 3 * * *", timezone: Europe/Madrid, keep: 14, days: 30}`. Without the param there is none.

    A provisioner that calls it has `"backups": str | dict` among its params. Raises ProgramError for another word.
    """
    asked = request.params.get("backups")
    if asked is None:
        return
    wanted: dict[str, Any] = {"schedule": asked} if isinstance(asked, str) else dict(asked)
    wrong = sorted(wanted.keys() - set(WORDS))
    if wrong or "schedule" not in wanted:
        message = f"resource {request.name!r}: `backups` "
        message += f"has no {wrong[0]!r}" if wrong else "says no `schedule`"
        raise ProgramError(
            message, f"write for example backups: {{schedule: 0 3 * * *, keep: 7}}; words: {', '.join(WORDS)}"
        )
    Schedule(request.name, of=resource, **wanted)
