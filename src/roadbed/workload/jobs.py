"""The jobs of `roadbed.yaml`: what runs by the clock."""

from __future__ import annotations

from dataclasses import dataclass

from roadbed.workload.document import Place
from roadbed.workload.domain import Text
from roadbed.workload.durations import duration, seconds_of
from roadbed.workload.forms import COMMAND, LABELS, Choice, Field, Flag, Integer, Judged, Section
from roadbed.workload.forms import Text as TextForm
from roadbed.workload.reader import Fields
from roadbed.workload.schedules import SCHEDULE, TIMEZONE, wrong_schedule, wrong_timezone

OVERLAPS = ("forbid", "allow", "replace")

JOB = Section(
    {
        "schedule": Field(
            Judged(TextForm(SCHEDULE, 'five cron fields in quotes: "0 3 * * *"'), wrong_schedule),
            "When it runs, in cron's five fields, or `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`.",
            required=True,
        ),
        "timezone": Field(
            Judged(TextForm(TIMEZONE, "a name of the IANA database: Europe/Madrid"), wrong_timezone),
            "In which time zone the schedule is read.",
            default="UTC",
        ),
        "command": Field(COMMAND, "What runs.", required=True),
        "workload": Field(
            LABELS, "Whose files, variables, resources and limits it has; needed when there are several."
        ),
        "overlap": Field(
            Choice(OVERLAPS),
            "What becomes of a run whose time comes while another one of the job runs: it is left out (forbid), begins "
            "beside it (allow), or ends it and takes its place (replace).",
            default="forbid",
        ),
        "timeout": Field(duration("1s", "7d"), "The longest one attempt may take.", default="1h"),
        "retries": Field(
            Integer(0, 10),
            "How often a run that failed is tried again: after 10 s, 20 s, 40 s, at most 5 min.",
            default=0,
        ),
        "starting_deadline": Field(
            duration("1s", "1d"),
            "How late a run may begin whose time came while the platform was down. Of several only the last one does.",
            default="1h",
        ),
        "history": Field(Integer(1, 100), "How many runs that ended are kept, with their logs.", default=20),
        "suspended": Field(Flag(), "Whether it rests: then only `roadbed jobs run` runs it."),
    }
)


@dataclass(frozen=True, slots=True)
class JobSettings:
    """`workload` is the one that it names, or an empty text. The lengths of time are in seconds."""

    name: str
    place: Place
    schedule: str
    timezone: str
    command: tuple[str, ...]
    workload: Text
    overlap: str
    timeout_s: int
    retries: int
    starting_deadline_s: int
    history: int
    suspended: bool


def job_of(name: str, fields: Fields, place: Place) -> JobSettings:
    """From a checked tree."""
    return JobSettings(
        name=name,
        place=place,
        schedule=fields.text("schedule"),
        timezone=fields.text("timezone", "UTC"),
        command=fields.words("command"),
        workload=Text(fields.text("workload"), fields.place("workload")),
        overlap=fields.choice("overlap", OVERLAPS, OVERLAPS[0]),
        timeout_s=seconds_of(fields.text("timeout", "1h")),
        retries=fields.integer("retries", 0, 10, 0),
        starting_deadline_s=seconds_of(fields.text("starting_deadline", "1h")),
        history=fields.integer("history", 1, 100, 20),
        suspended=fields.flag("suspended"),
    )
