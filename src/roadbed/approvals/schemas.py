"""Approvals on the wire."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from roadbed.approvals.domain import State
from roadbed.approvals.views import ApprovalView
from roadbed.control.schemas import Instant, OperationOut
from roadbed.kit.access import Role


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class DecisionBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    comment: str = Field(default="", max_length=2_000)


class NeedOut(_Out):
    """`because` says who wants that: an environment, or a policy."""

    count: int
    role: Role
    because: str


class VoteOut(_Out):
    by: str
    approves: bool
    comment: str
    at: Instant


class ApprovalOut(_Out):
    """`left` is what is still missing. `stale`: it can't be approved any more, since the stack was changed; `decides`:
    who asks may; `again`: it can be planned again.
    """

    id: str
    stack: str
    plan: int
    digest: str = Field(description="The plan's: just that is applied.")
    owner: str | None
    environment: str
    operation: str
    title: str
    asked_by: str
    planned_by: str
    asked_at: Instant
    state: State
    needs: list[NeedOut]
    left: list[NeedOut]
    votes: list[VoteOut]
    stale: bool
    decides: bool
    again: bool
    ended_at: Instant | None
    why: str
    reminders: int
    reminded_at: Instant | None


class ApprovalsOut(BaseModel):
    items: list[ApprovalOut]
    next: None = None


class AgainOut(_Out):
    operation: OperationOut


def approval_out(view: ApprovalView) -> ApprovalOut:
    seen: dict[str, Any] = {name: getattr(view, name) for name in ("left", "stale", "decides", "again")}
    one = view.approval
    names = ApprovalOut.model_fields.keys() - seen.keys()
    return ApprovalOut.model_validate({name: getattr(one, name) for name in names} | seen)
