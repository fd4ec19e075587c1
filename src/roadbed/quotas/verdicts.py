"""What the policy `quota` says of what a plan asks for. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from roadbed.kit.names import group_name
from roadbed.platform.packs import BUILT_IN
from roadbed.policy.domain import Place, Verdict
from roadbed.quotas.counting import Ask
from roadbed.quotas.domain import User, shown
from roadbed.sdk.policies import Level, PlannedResource

POLICY = "quota"
REASON = "What one team takes is not there for the others, and nobody notices before it is gone."

_LARGEST = 3


def verdicts(asks: Iterable[Ask], team: str, environment: str, *, level: Level, near: float, ask: str) -> list[Verdict]:
    """One for each limit that a plan breaks, at `level`; and advice for each of which it takes `near` percent or more.

    `ask` is who can raise a limit, empty where nobody says.
    """
    whose = f"{group_name(team)} in {environment}"
    return [_verdict(one, whose, level, ask) for one in asks if one.refused or one.share * 100 >= near]


def _verdict(one: Ask, whose: str, level: Level, ask: str) -> Verdict:
    used, more, most = (shown(one.limit.of, amount) for amount in (one.line.used, one.more, one.limit.most or 0))
    said = f"{one.limit.of} of {whose}: {used} used, {more} more asked for, {most} allowed"
    if not one.refused:
        said += f" ({one.share:.0%} of it then)"
    place = _place(one.most)
    return Verdict(
        policy=POLICY,
        level=level if one.refused else "advisory",
        resource=one.most.urn if one.most else "",
        message=said,
        remedy="; ".join(_remedies(one, ask)),
        pack=BUILT_IN,
        reason=REASON,
        source=place,
    )


def _remedies(one: Ask, ask: str) -> Iterator[str]:
    if one.refused:
        yield "ask for less" if not one.line.users else "ask for less, or free some"
    if one.line.users:
        yield f"most of it has {_largest(one.limit.of, one.line.users[:_LARGEST])}"
    yield f"{ask or 'the platform team'} can raise it: {one.limit.place.shown}"


def _largest(of: str, users: Iterable[User]) -> str:
    return ", ".join(f"{user.stack} ({shown(of, user.used)})" for user in users)


def _place(resource: PlannedResource | None) -> Place | None:
    source = resource.source if resource else None
    return Place(source["file"], source.get("line")) if source else None
