"""How teams stand, for a person to read: a line with a bar for each limit. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from roadbed.cli.style import Style
from roadbed.cli.text import NOTHING, clean, entity, width

if TYPE_CHECKING:
    from roadbed.client.models import Quota, QuotaLine, QuotaList

WIDE = 20
_NEAR, _FULL = 0.8, 1.0
_USERS = 2
_COST = "cost"


def standings(found: QuotaList, style: Style, *, whole: bool = True) -> str:
    """A block for each team and environment; unless `whole`, those that have nothing yet are only named."""
    if not found["items"]:
        return "Nobody has anything yet, and no limit is set: quotas.yaml of the platform repo sets them."
    return "\n\n".join(_blocks(found, style, whole, "quota"))


def budgets(found: QuotaList, style: Style, *, whole: bool = True) -> str:
    """The same of what is spent."""
    if not found["items"]:
        return "Nobody spends anything yet, and no budget is set: quotas.yaml of the platform repo sets them."
    problems = dict.fromkeys(one["problem"] for one in found["items"] if one["problem"])
    told = (f"What is spent is not known: {clean(problem)}" for problem in problems)
    return "\n\n".join([*_blocks(found, style, whole, "budget"), *told])


def _blocks(found: QuotaList, style: Style, whole: bool, command: str) -> Iterator[str]:
    shown = [one for one in found["items"] if one["lines"] or not one["problem"]]
    empty = [] if whole else [one for one in shown if _empty(one)]
    yield from ("\n".join(_standing(one, style)) for one in shown if one not in empty)
    if empty:
        places: dict[str, list[str]] = {}
        for one in empty:
            places.setdefault(clean(entity(one["team"]) or NOTHING), []).append(one["environment"])
        names = "; ".join(f"{team} in {', '.join(where)}" for team, where in places.items())
        yield f"Limited, with nothing yet: {names}. See: roadbed {command} TEAM"


def _empty(one: Quota) -> bool:
    return not one["problem"] and not any(line["used"] or line["unsaid"] for line in one["lines"])


def _standing(one: Quota, style: Style) -> Iterator[str]:
    yield style.paint(clean(f"{entity(one['team'])} in {one['environment']}"), "bold")
    if not one["lines"]:
        yield "  nothing yet, and no limit"
        return
    columns = [_columns(line) for line in one["lines"]]
    widths = [max(width(row[place]) for row in columns) for place in range(3)]
    for line, row in zip(one["lines"], columns, strict=True):
        yield _line(line, row, widths, style).rstrip()
    for line in one["lines"]:
        if line["unsaid"] and (line["limit"] is not None or line["of"] == _COST):
            yield style.paint(f"  {unsaid(line)}", "dim")
    if any(line["share"] is not None and line["share"] >= _NEAR for line in one["lines"]):
        yield f"  {clean(one['ask'] or 'the platform team')} can raise a limit: {_places(one['lines'])}"


def _columns(line: QuotaLine) -> tuple[str, str, str]:
    limit = "no limit" if line["limit_shown"] is None else f"of {line['limit_shown']}"
    return "by the month" if line["of"] == _COST else clean(line["of"]), line["used_shown"], limit


def _line(line: QuotaLine, row: Sequence[str], widths: Sequence[int], style: Style) -> str:
    of, used, limit = row
    begin = f"  {of}{' ' * (widths[0] - width(of))}  {used:>{widths[1]}} {limit:<{widths[2]}}"
    users = ", ".join(f"{user['stack']} {user['used_shown']}" for user in line["users"][:_USERS])
    more = len(line["users"]) - _USERS
    told = style.paint(clean(f"{users} and {more} more" if more > 0 else users), "dim")
    if line["share"] is None:
        return f"{begin}  {' ' * (WIDE + 5)}  {told}"
    share = line["share"]
    return f"{begin}  {style.paint(bar(share), colour(share))} {min(share, 9.99):>4.0%}  {told}"


def bar(share: float) -> str:
    """`██████░░░░`: full only where nothing is left."""
    filled = WIDE if share >= 1 else min(int(share * WIDE + 0.5), WIDE - 1)
    return "█" * filled + "░" * (WIDE - filled)


def colour(share: float) -> str:
    if share >= _FULL:
        return "red"
    return "yellow" if share >= _NEAR else "green"


def unsaid(line: QuotaLine) -> str:
    """What a limit doesn't hold, since nobody knows how much it is."""
    count = line["unsaid"]
    say, those = ("says", "it counts") if count == 1 else ("say", "they count")
    if line["of"] == _COST:
        what = "the cost of 1 resource" if count == 1 else f"what {count:,} resources cost"
        return f"{what} is not known, and counts as nothing, unless quotas.yaml says as what (`unsaid`)"
    things = ("volume" if line["of"] == "storage" else "container") + ("" if count == 1 else "s")
    return f"{count} {things} {say} no {line['of']}: {those} as nothing, unless quotas.yaml says as what (`unsaid`)"


def _places(lines: Sequence[QuotaLine]) -> str:
    near = (line["limit_from"] for line in lines if line["share"] is not None and line["share"] >= _NEAR)
    return ", ".join(dict.fromkeys(place for place in near if place))
