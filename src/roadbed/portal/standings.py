"""How a team stands, for the pages that show it beside something else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from roadbed.kit.errors import InvalidInput, NotFound
from roadbed.portal.visit import Visit
from roadbed.quotas.domain import Standing


async def standings(visit: Visit, team: str | None, environment: str | None = None) -> Sequence[Standing]:
    """Of a group, by environment: what it takes and what it spends. Nothing where nobody owns it, or `quotas.yaml`
    can't be read: plans tell what is wrong with that.
    """
    if team is None:
        return ()
    return await _standings(visit, team, environment)


async def all_standings(visit: Visit) -> Sequence[Standing]:
    """Of every team that may be seen, where it has something."""
    found = await _standings(visit, None, None)
    return [one for one in found if any(line.used or line.unsaid for line in one.lines)]


async def _standings(visit: Visit, team: str | None, environment: str | None) -> Sequence[Standing]:
    quotas = visit.services.quotas
    try:
        taken = await quotas.standings(visit.call, team, environment)
        budgets = await quotas.budgets(visit.call, team, environment)
    except (InvalidInput, NotFound):
        return ()
    spent = {(one.team, one.environment): one.lines for one in budgets}
    whole = [replace(one, lines=(*one.lines, *spent.pop((one.team, one.environment), ()))) for one in taken]
    alone = [one for one in budgets if (one.team, one.environment) in spent]
    return [one for one in (*whole, *alone) if one.lines]
