"""What the policies `quota` and `budget` say of what a plan asks for. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from roadbed.kit.errors import RoadbedError
from roadbed.kit.names import group_name
from roadbed.platform.packs import BUILT_IN
from roadbed.policy.domain import Place, Verdict
from roadbed.quotas.counting import Ask, Counting
from roadbed.quotas.domain import COST, Line
from roadbed.sdk.policies import Level, PlannedResource

QUOTA, BUDGET = "quota", "budget"
REASONS = {
    QUOTA: "What one team takes is not there for the others, and nobody notices before it is gone.",
    BUDGET: "What is spent is known at the end of the month, and decided when it is asked for.",
}

_LARGEST = 3


def verdicts(
    counting: Counting, stack: str, after: Mapping[str, PlannedResource], *, level: Level, near: float
) -> list[Verdict]:
    """One for each limit that a team breaks if a stack is to hold this, at `level`; and advice for each of which it has
    `near` percent or more then.
    """
    asks = [one for one in counting.asks(stack, after) if one.refused or one.share * 100 >= near]
    return [_verdict(one, _whose(counting), level, counting.allowances.ask) for one in asks]


def unpriced(counting: Counting, resource: PlannedResource, level: Level, problem: RoadbedError) -> Verdict:
    """Of a plan that changes what a team spends, where nobody can say how much that is."""
    first = problem.problems[0] if problem.problems else problem.problem
    return Verdict(
        policy=BUDGET,
        level=level,
        resource=resource.urn,
        message=f"the budget of {_whose(counting)} can't be judged: {first.message}",
        remedy=first.hint or "mend it in the platform repo",
        pack=BUILT_IN,
        reason=REASONS[BUDGET],
        source=_place(resource),
        broken=Place(first.file or "prices.yaml", first.line),
    )


def _whose(counting: Counting) -> str:
    return f"{group_name(counting.team)} in {counting.environment}"


def _verdict(one: Ask, whose: str, level: Level, ask: str) -> Verdict:
    used, more, most = (one.line.shown(amount) for amount in (one.line.used, one.more, one.limit.most or 0))
    spent = one.limit.of == COST
    what, done, by = ("budget", "spent", " by the month") if spent else (one.limit.of, "used", "")
    said = f"{what} of {whose}: {used} {done}, {more} more asked for, {most} allowed{by}"
    if not one.refused:
        said += f" ({one.share:.0%} of it then)"
    if spent and one.line.unsaid:
        cost = "costs" if one.line.unsaid == 1 else "cost"
        said += f"; what {_resources(one.line.unsaid)} more {cost} is not known, and not in it"
    policy = BUDGET if spent else QUOTA
    return Verdict(
        policy=policy,
        level=level if one.refused else "advisory",
        resource=one.most.urn if one.most else "",
        message=said,
        remedy="; ".join(_remedies(one, ask)),
        pack=BUILT_IN,
        reason=REASONS[policy],
        source=_place(one.most),
    )


def _remedies(one: Ask, ask: str) -> Iterator[str]:
    if one.refused:
        yield "ask for less" if not one.line.users else "ask for less, or free some"
    if one.line.users:
        yield f"most of it has {_largest(one.line)}"
    yield f"{ask or 'the platform team'} can raise it: {one.limit.place.shown}"


def _largest(line: Line) -> str:
    return ", ".join(f"{user.stack} ({line.shown(user.used)})" for user in line.users[:_LARGEST])


def _resources(count: int) -> str:
    return "1 resource" if count == 1 else f"{count:,} resources"


def _place(resource: PlannedResource | None) -> Place | None:
    source = resource.source if resource else None
    return Place(source["file"], source.get("line")) if source else None
