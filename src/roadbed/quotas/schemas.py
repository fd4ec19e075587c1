"""Quotas on the wire."""

from __future__ import annotations

from pydantic import BaseModel, Field

from roadbed.quotas.domain import Line, Standing


class UserOut(BaseModel):
    stack: str
    used: int
    used_shown: str


class LineOut(BaseModel):
    """One limit of a team, or what it uses without one."""

    of: str = Field(description="replicas, cpu, memory, storage, cost, or a pattern over resource types.")
    used: int = Field(
        description="cpu in thousandths of a core, memory and storage in bytes, cost by the month in millionths of the "
        "currency, else a number."
    )
    limit: int | None = Field(description="In the same unit; null where there is none.")
    share: float | None = Field(description="Of the limit: 1 is all of it.")
    used_shown: str
    limit_shown: str | None
    limit_from: str | None = Field(description="The line of quotas.yaml that says so.")
    unsaid: int = Field(
        description="How many containers or volumes say nothing of it, or resources have no known cost: they count as "
        "nothing."
    )
    users: list[UserOut] = Field(description="The team's stacks, the largest first.")


class StandingOut(BaseModel):
    """How a team stands in an environment. `ask` is who can raise a limit; `problem` why nothing is known of costs."""

    team: str
    environment: str
    kind: str
    ask: str
    problem: str
    lines: list[LineOut]


class StandingListOut(BaseModel):
    items: list[StandingOut]
    next: None = None


def standing_out(one: Standing) -> StandingOut:
    lines = [_line(line) for line in one.lines]
    told = {"team": one.team, "environment": one.environment, "kind": one.kind, "ask": one.ask, "problem": one.problem}
    return StandingOut.model_validate({**told, "lines": lines})


def _line(line: Line) -> LineOut:
    most = line.limit.most if line.limit else None
    return LineOut(
        of=line.of,
        used=line.used,
        limit=most,
        share=line.share,
        used_shown=line.used_shown,
        limit_shown=None if most is None else line.shown(most),
        limit_from=line.limit.place.shown if line.limit else None,
        unsaid=line.unsaid,
        users=[UserOut(stack=user.stack, used=user.used, used_shown=line.shown(user.used)) for user in line.users],
    )
