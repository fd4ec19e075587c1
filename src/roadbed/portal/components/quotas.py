"""How a team stands, for the pages that show it beside something else."""

from __future__ import annotations

from collections.abc import Sequence

from roadbed.kit.errors import InvalidInput, NotFound
from roadbed.portal.visit import Visit
from roadbed.quotas.domain import Standing


async def standings(visit: Visit, team: str | None, environment: str | None = None) -> Sequence[Standing]:
    """Of a group, those that say something. Nothing where nobody owns it, or `quotas.yaml` can't be read: plans say what
    is wrong with that.
    """
    if team is None:
        return ()
    try:
        found = await visit.services.quotas.standings(visit.call, team, environment)
    except (InvalidInput, NotFound):
        return ()
    return [one for one in found if one.lines]
