"""Plans that wait for people, and how they voted."""

from __future__ import annotations

from typing import TypedDict


class AskedApprovals(TypedDict):
    """How many people of a role must approve."""

    count: int
    role: str


class ApprovalNeed(AskedApprovals):
    """`because` says who wants that: an environment, or a policy."""

    because: str


class Vote(TypedDict):
    by: str
    approves: bool
    comment: str
    at: str


class Approval(TypedDict):
    """A plan that waits, or waited; `left` is what is missing. `again`: it can be planned again."""

    id: str
    stack: str
    plan: int
    digest: str
    owner: str | None
    environment: str
    operation: str
    title: str
    asked_by: str
    planned_by: str
    asked_at: str
    state: str
    needs: list[ApprovalNeed]
    left: list[ApprovalNeed]
    votes: list[Vote]
    stale: bool
    decides: bool
    again: bool
    ended_at: str | None
    why: str
    reminders: int
    reminded_at: str | None
