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
    quotas = visit.services.quotas
    try:
        taken = await quotas.standings(visit.call, team, environment)
        spent = {one.environment: one.lines for one in await quotas.budgets(visit.call, team, environment)}
    except (InvalidInput, NotFound):
        return ()
    whole = [replace(one, lines=(*one.lines, *spent.get(one.environment, ()))) for one in taken]
    return [one for one in whole if one.lines]
