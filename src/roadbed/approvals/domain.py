"""Who must approve what, who has, and what that comes to. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from roadbed.kit.access import Principal, Role, Target
from roadbed.kit.errors import Conflict, Refused
from roadbed.kit.names import StackName
from roadbed.platform.domain import REMIND_AFTER, ApprovalRule
from roadbed.policy.domain import Need, Verdict

State: TypeAlias = Literal["waiting", "approved", "refused", "stale", "cancelled"]
"""`approved`: the apply goes on; `stale`: the stack was changed before; `cancelled`: the operation was, or failed."""

Holds: TypeAlias = Callable[[str, Role], bool]
"""Whether somebody (`user:ada`) has a role now, for the group that owns the stack."""


@dataclass(frozen=True, slots=True)
class Vote:
    by: str
    approves: bool
    comment: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Approval:
    """What is asked for: a plan of a stack, made at `planned_at`, which `operation` is to apply.

    `base` is the serial of the state that the plan was made for. `why` says how it ended, where that needs words.
    """

    id: str
    stack: str
    plan: int
    planned_at: datetime
    digest: str
    base: int
    owner: str | None
    kind: str
    operation: str
    operation_kind: str
    title: str
    asked_by: str
    planned_by: str
    asked_at: datetime
    needs: tuple[Need, ...]
    remind: timedelta
    votes: tuple[Vote, ...] = ()
    state: State = "waiting"
    ended_at: datetime | None = None
    why: str = ""
    reminded_at: datetime | None = None
    reminders: int = 0

    @property
    def environment(self) -> str:
        return StackName.parse(self.stack).environment

    @property
    def target(self) -> Target:
        attributes = {"kind": self.kind, "user": self.asked_by}
        return Target("approval", self.id, self.owner, self.environment, attributes)


def needs_of(environment: str, rule: ApprovalRule | None, verdicts: Iterable[Verdict]) -> tuple[Need, ...]:
    """What an environment asks for, and each policy whose finding stands and may pass by approval."""
    found = {f"environment {environment}": Need(rule.count, rule.role, f"environment {environment}")} if rule else {}
    for verdict in verdicts:
        if (asked := verdict.awaits) is not None:
            because = f"policy {verdict.policy}"
            found[because] = Need(asked.count, asked.role, because)
    return tuple(found.values())


def remind_after(rule: ApprovalRule | None) -> timedelta:
    return rule.remind if rule else REMIND_AFTER


def missing(needs: Iterable[Need], votes: Sequence[Vote], holds: Holds) -> tuple[Need, ...]:
    """What is left of each need: one person's approval counts for each need whose role that person has now."""
    approvers = [vote.by for vote in votes if vote.approves]
    left = (replace(need, count=need.count - sum(holds(by, need.role) for by in approvers)) for need in needs)
    return tuple(need for need in left if need.count > 0)


def told(needs: Iterable[Need]) -> str:
    """`1 approval by an operator (environment prod)`."""
    return " and ".join(f"{_counted(need.count)} by {_person(need)} ({need.because})" for need in needs)


def _counted(count: int) -> str:
    return "1 approval" if count == 1 else f"{count} approvals"


def _person(need: Need) -> str:
    if need.count > 1:
        return f"{need.role}s"
    return f"{'a' if need.role == 'developer' else 'an'} {need.role}"


def voted(one: Approval, by: Principal, *, approve: bool, comment: str, now: datetime) -> Approval:
    """With that vote; a refusal ends it. Whether they have the role is for whoever asks this to see.

    Raises Conflict for what is decided already, Refused for who may not decide on this one.
    """
    _check_open(one)
    _check_voter(one, by, approve=approve)
    name = str(by)
    votes = (*(vote for vote in one.votes if vote.by != name), Vote(name, approve, comment, now))
    if approve:
        return replace(one, votes=votes)
    return replace(one, votes=votes, state="refused", ended_at=now, why=f"{name} refused it")


def _check_open(one: Approval) -> None:
    if one.state != "waiting":
        raise Conflict(f"{one.id} is {one.state} already", hint=f"see: roadbed approval show {one.id}")


def _check_voter(one: Approval, by: Principal, *, approve: bool) -> None:
    """Who asked may cancel instead; who only planned what another one applies may not be its second pair of eyes."""
    if by.kind != "user":
        raise Refused(f"a person decides on {one.id}, not {by}", hint="log in as yourself: roadbed login")
    if str(by) == one.asked_by:
        hint = f"to take it back: roadbed ops cancel {one.operation}"
        raise Refused(f"{by} asked for {one.id}, so somebody else decides on it", hint=hint)
    if str(by) == one.planned_by:
        raise Refused(f"{by} made plan {one.plan} of {one.stack}, so somebody else decides on {one.id}")
    if approve and any(vote.by == str(by) and vote.approves for vote in one.votes):
        raise Conflict(f"{by} has approved {one.id} already", hint="it takes another person")


def ended(one: Approval, state: State, why: str, now: datetime) -> Approval:
    """As it is once the operation has ended before the apply; what was refused stays so."""
    return replace(one, state=state, why=why, ended_at=now) if one.state in ("waiting", "approved") else one
