"""What a plan makes of what its stack costs: an estimate of every resource before and after. Pure.

It is the platform's bill: what is let go or only looked at is no longer on it, though somebody may pay for it still.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from roadbed.engine.domain import Kind, Recorded, Step, key
from roadbed.estimates.domain import Estimate, PlanCost, ResourceCost
from roadbed.estimates.pricing import Pricer
from roadbed.estimates.totals import totals
from roadbed.kit.errors import RoadbedError

_NEW = ("create", "adopt", "import")
_GONE = ("delete", "retain")
_NOTHING: Mapping[Kind, Estimate] = {
    "component": Estimate(free="what it holds is counted"),
    "read": Estimate(free="only looked at: it is paid for where it is made"),
}


def plan_cost(pricer: Pricer, steps: Iterable[Step], state: Mapping[str, Recorded]) -> PlanCost:
    """Also of what is in the state and has no step: that stays as it is."""
    found = tuple(_resources(pricer, steps, state))
    sheet = pricer.sheet
    return PlanCost(sheet.currency, totals(found), found, sheet.location, sheet.grid.source)


def stack_cost(pricer: Pricer, rows: Iterable[Recorded]) -> tuple[tuple[str, Estimate], ...]:
    """What there is now, by URN."""
    return tuple((row.urn, _recorded(pricer, row)) for row in rows)


def not_known(error: RoadbedError) -> PlanCost:
    """Why nothing could be estimated, with the place."""
    first = error.problems[0] if error.problems else error.problem
    return PlanCost("", problem=str(first))


def _resources(pricer: Pricer, steps: Iterable[Step], state: Mapping[str, Recorded]) -> Iterator[ResourceCost]:
    told = set[str]()
    for step in steps:
        was = key(step.moved_from, step.deposed) if step.moved_from else step.key
        told.add(was)
        yield _step(pricer, step, state.get(was))
    for row in state.values():
        if row.key not in told:
            same = _recorded(pricer, row)
            yield ResourceCost(row.urn, same, same)


def _step(pricer: Pricer, step: Step, row: Recorded | None) -> ResourceCost:
    known = row is not None and not (row.broken and not row.id)
    before = _recorded(pricer, row) if row is not None and known and step.action not in _NEW else None
    if step.action in _GONE:
        return ResourceCost(step.urn, before)
    if step.action == "none":
        return ResourceCost(step.urn, before, before)
    after = _NOTHING.get(step.kind) or pricer.estimate(step.type, step.after)
    return ResourceCost(step.urn, before, after)


def _recorded(pricer: Pricer, row: Recorded) -> Estimate:
    return _NOTHING.get(row.kind) or pricer.estimate(row.type, row.properties)
