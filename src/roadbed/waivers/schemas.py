"""Waivers on the wire."""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from roadbed.control.schemas import Instant
from roadbed.waivers.domain import LONGEST_WHY, Scope, Status, Waiver


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class WaiverBody(_Body):
    """What is asked for. `for` is a URN, a stack (`orders@prod`) or an application in all of its environments."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    policy: str = Field(max_length=128)
    subject: str = Field(alias="for", max_length=1_000)
    why: str = Field(max_length=LONGEST_WHY)
    until: AwareDatetime | None = Field(default=None, description="When it ends; it must.")


class WaiverDecisionBody(_Body):
    comment: str = Field(default="", max_length=LONGEST_WHY)


class WaiverOut(BaseModel):
    """`subject` is what it is for; `status` follows the clock. `decided_by` decided on it, `ended_by` took it back."""

    id: str
    policy: str
    scope: Scope
    subject: str
    owner: str | None
    environment: str | None = Field(description="Null: every environment of the application.")
    why: str
    until: Instant
    status: Status
    ends_soon: bool
    asked_by: str
    asked_at: Instant
    decided_by: str | None
    decided_at: Instant | None
    comment: str
    ended_by: str | None
    ended_at: Instant | None


class WaiversOut(BaseModel):
    items: list[WaiverOut]
    next: None = None


def waiver_out(one: Waiver, now: datetime, soon: timedelta) -> WaiverOut:
    same = ("id", "policy", "owner", "environment", "why", "until", "asked_by", "asked_at", "decided_by", "decided_at")
    more = ("comment", "ended_by", "ended_at")
    return WaiverOut(
        **{name: getattr(one, name) for name in (*same, *more)},
        scope=one.subject.scope,
        subject=one.subject.name,
        status=one.status(now),
        ends_soon=one.ends_soon(now, soon),
    )
