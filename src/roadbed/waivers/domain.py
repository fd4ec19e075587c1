"""Waivers, what each covers, and what may be done with one. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from roadbed.kit.access import Target
from roadbed.kit.errors import Conflict, InvalidInput, Refused
from roadbed.kit.names import StackName, check_label
from roadbed.policy.domain import Verdict

Scope: TypeAlias = Literal["resource", "stack", "application"]
Decision: TypeAlias = Literal["waiting", "approved", "refused", "revoked"]
Status: TypeAlias = Literal["waiting", "approved", "refused", "revoked", "expired"]

LONGEST_WHY = 2_000
SHORTEST_WHY = 8


@dataclass(frozen=True, slots=True)
class Subject:
    """What a waiver is for: one resource by its URN, one stack, or an application in all of its environments."""

    scope: Scope
    name: str

    @classmethod
    def parse(cls, text: str) -> Subject:
        """`orders@prod/web#runtime:Service`, `orders@prod` or `orders`. Raises InvalidInput for anything else."""
        stack, slash, _ = text.partition("/")
        if slash and "#" in text:
            StackName.parse(stack)
            return cls("resource", text)
        if "@" in text:
            return cls("stack", str(StackName.parse(text)))
        return cls("application", check_label(text, "the application"))

    @property
    def stack(self) -> StackName | None:
        """The only one that it can be about; None for an application."""
        return None if self.scope == "application" else StackName.parse(self.name.partition("/")[0])

    @property
    def owner(self) -> str:
        """The application or module."""
        return self.name if self.stack is None else self.stack.owner

    def covers(self, stack: str, resource: str) -> bool:
        """Whether a finding on a resource is meant; on the plan as a whole where that is empty."""
        if self.scope == "resource":
            return resource == self.name
        return stack == self.name if self.scope == "stack" else stack.partition("@")[0] == self.name


@dataclass(frozen=True, slots=True)
class Waiver:
    """`owner` is the group that owns what it is for, `kind` that of the environment (None for several).

    `decided_by` decided on what was asked, `ended_by` took it back; the comments are theirs.
    """

    id: str
    policy: str
    subject: Subject
    owner: str | None
    kind: str | None
    why: str
    until: datetime
    asked_by: str
    asked_at: datetime
    decision: Decision = "waiting"
    decided_by: str | None = None
    decided_at: datetime | None = None
    comment: str = ""
    ended_by: str | None = None
    ended_at: datetime | None = None
    announced_at: datetime | None = None

    @property
    def environment(self) -> str | None:
        """None for an application in all of its environments."""
        return self.subject.stack.environment if self.subject.stack else None

    @property
    def target(self) -> Target:
        kind = {"kind": self.kind} if self.kind else {}
        return Target("waiver", self.id, self.owner, self.environment, {**kind, "user": self.asked_by})

    def status(self, now: datetime) -> Status:
        ended = self.decision in ("waiting", "approved") and now >= self.until
        return "expired" if ended else self.decision

    def in_force(self, now: datetime) -> bool:
        return self.status(now) == "approved"

    def ends_soon(self, now: datetime, within: timedelta) -> bool:
        return self.in_force(now) and self.until - now <= within

    def covers(self, stack: str, verdict: Verdict) -> bool:
        return verdict.policy == self.policy and self.subject.covers(stack, verdict.resource)


def waived(stack: str, verdicts: Iterable[Verdict], waivers: Sequence[Waiver], now: datetime) -> tuple[Verdict, ...]:
    """The verdicts as they are by the waivers in force: with the one that lasts longest, of several; and not otherwise.

    What a verdict was waived by before counts for nothing.
    """
    return tuple(_waived(stack, verdict, waivers, now) for verdict in verdicts)


def _waived(stack: str, verdict: Verdict, waivers: Sequence[Waiver], now: datetime) -> Verdict:
    acting = [one for one in waivers if one.in_force(now) and one.covers(stack, verdict)]
    if not acting:
        bare = verdict.waived_by is None and verdict.waived_until is None
        return verdict if bare else replace(verdict, waived_by=None, waived_until=None)
    lasting = max(acting, key=lambda one: (one.until, one.id))
    return replace(verdict, waived_by=lasting.id, waived_until=lasting.until)


def check_wish(why: str, until: datetime, now: datetime, longest: timedelta) -> None:
    """Raises InvalidInput for a reason that says nothing, and for an end that is past or too far off."""
    if len(why.strip()) < SHORTEST_WHY or len(why) > LONGEST_WHY:
        raise InvalidInput(
            f"a waiver says why it is needed, in {SHORTEST_WHY} to {LONGEST_WHY:,} characters",
            hint="who decides on it, and who reads the log later, has nothing else to go by",
        )
    if until <= now:
        raise InvalidInput("a waiver can't end in the past", hint="say until when it is needed: --days 14")
    if until - now > longest:
        raise InvalidInput(
            f"a waiver may last {longest.days} days at most",
            hint=f"ask until {(now + longest).date().isoformat()}, and again when that is near",
        )


def decided(one: Waiver, by: str, *, approve: bool, comment: str, now: datetime) -> Waiver:
    """Raises Refused for who asked for it, Conflict for one on which nothing is to be decided any more."""
    status = one.status(now)
    if status != "waiting":
        raise Conflict(f"the waiver {one.id} is {status} already", hint=f"see: roadbed waiver show {one.id}")
    if by == one.asked_by:
        raise Refused(
            f"{by} asked for the waiver {one.id}, so another person decides on it",
            hint=f"to take it back: roadbed waiver revoke {one.id}",
        )
    decision: Decision = "approved" if approve else "refused"
    return replace(one, decision=decision, decided_by=by, decided_at=now, comment=comment)


def revoked(one: Waiver, by: str, *, comment: str, now: datetime) -> Waiver:
    """Raises Conflict for one that acts no more and never will."""
    status = one.status(now)
    if status not in ("waiting", "approved"):
        raise Conflict(f"the waiver {one.id} is {status} already", hint=f"see: roadbed waiver show {one.id}")
    told = comment or one.comment
    return replace(one, decision="revoked", ended_by=by, ended_at=now, comment=told)
