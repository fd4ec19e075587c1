"""The resource type of a scheduled job."""

from __future__ import annotations

from roadbed.providers.driver import Property, ResourceType
from roadbed.runtimes.types import NAME, RUNS
from roadbed.workload.jobs import OVERLAPS

SCHEDULED = "runtime:ScheduledJob"

SCHEDULED_JOB = ResourceType(
    SCHEDULED,
    "A command that runs by the clock. Each run is that of the release which was in force when it began.",
    {
        **RUNS,
        "workload": Property(
            {"type": "string", "minLength": 1}, required=True, description="The workload that it runs as."
        ),
        "job": Property(NAME, required=True, replace=True, description="Its name in its stack."),
        "schedule": Property(
            {"type": "string", "minLength": 1},
            required=True,
            description="Cron's five fields, or `@hourly`, `@daily`, …",
        ),
        "timezone": Property(
            {"type": "string", "minLength": 1, "default": "UTC"}, description="Of the IANA database; UTC."
        ),
        "overlap": Property(
            {"enum": [*OVERLAPS], "default": OVERLAPS[0]},
            description="What becomes of a run that comes while another runs: forbid leaves it out, allow begins it, "
            "replace ends the other.",
        ),
        "timeout_s": Property(
            {"type": "number", "exclusiveMinimum": 0, "maximum": 604_800, "default": 3600},
            description="The longest one attempt may take; 3600.",
        ),
        "retries": Property(
            {"type": "integer", "minimum": 0, "maximum": 10, "default": 0},
            description="How often a run that failed is tried again; 0.",
        ),
        "starting_deadline_s": Property(
            {"type": "number", "minimum": 1, "maximum": 86_400, "default": 3600},
            description="How late a run may begin; 3600.",
        ),
        "history": Property(
            {"type": "integer", "minimum": 1, "maximum": 100, "default": 20},
            description="How many runs that ended are kept; 20.",
        ),
        "suspended": Property({"type": "boolean", "default": False}, description="Whether it rests."),
    },
    phase="rollout",
)
