"""The door to what runs costs now, by stack, application, environment and owner."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from roadbed.engine.costing import not_known, stack_cost
from roadbed.engine.domain import Recorded
from roadbed.engine.service import Engine, StackInfo
from roadbed.engine.states import States
from roadbed.engine.views import PlanBill, StackSummary
from roadbed.estimates.domain import METRICS, Estimate, Metric, Total
from roadbed.estimates.pricing import Pricer
from roadbed.estimates.service import Estimates
from roadbed.estimates.totals import total
from roadbed.kit.access import Authorise, require_somebody
from roadbed.kit.errors import InvalidInput, NotFound
from roadbed.kit.names import StackName
from roadbed.platform.service import Platform
from roadbed.sdk.usage import ZERO
from roadbed.storage.call import Call

Found = Sequence[tuple[str, Estimate]]
"""Estimates by URN."""

_LOOKED_AT, _TOLD = 100, 10
"""Plans, of all stacks."""


@dataclass(frozen=True, slots=True)
class StackCost:
    """By the month, from what its state says. `problem`: why nothing could be estimated."""

    stack: str
    owner: str | None
    environment: str
    currency: str = ""
    location: str = ""
    grid: str = ""
    resources: Found = ()
    problem: str = ""

    @property
    def totals(self) -> Mapping[Metric, Total]:
        return _totals(self.resources)


@dataclass(frozen=True, slots=True)
class CostGroup:
    """What several stacks come to, of one currency."""

    name: str
    currency: str
    totals: Mapping[Metric, Total]


@dataclass(frozen=True, slots=True)
class CostReport:
    """`total` has an entry for each currency; `plans` are the last ones that make a difference, the newest first."""

    stacks: Sequence[StackCost] = ()
    applications: Sequence[CostGroup] = field(default=())
    environments: Sequence[CostGroup] = field(default=())
    owners: Sequence[CostGroup] = field(default=())
    total: Sequence[CostGroup] = field(default=())
    plans: Sequence[PlanBill] = ()


class Costs:
    def __init__(
        self, authorise: Authorise, estimates: Estimates, states: States, engine: Engine, platform: Platform
    ) -> None:
        self._authorise, self._estimates, self._states, self._engine = authorise, estimates, states, engine
        self._platform = platform

    async def report(self, call: Call, application: str | None = None, environment: str | None = None) -> CostReport:
        """Of every stack that the caller may see, or those of an application or module.

        Raises NotFound for an application without a stack, and for an environment that is not there.
        """
        require_somebody(call.principal)
        if environment is not None:
            await self._platform.environment(call, environment)
        found = await self._states.list(call, environment)
        if application is not None:
            found = [one for one in found if one.name.partition("@")[0] == application]
            if not found:
                where = f" in {environment}" if environment else ""
                raise NotFound(f"there is no stack of {application}{where}", hint="see: roadbed stack list")
        report = cost_report([await self._of(call, one) for one in found])
        return replace(report, plans=await self._plans(call, {one.name for one in found}))

    async def _plans(self, call: Call, stacks: Collection[str]) -> Sequence[PlanBill]:
        found = await self._states.bills(call, _LOOKED_AT)
        return [one for one in found if one.name in stacks and _makes_difference(one)][:_TOLD]

    async def stack(self, call: Call, name: str) -> StackCost:
        """Raises NotFound for a stack that the caller can't see."""
        require_somebody(call.principal)
        found = await self._states.find(call, StackName.parse(name))
        if found is None:
            raise NotFound(f"there is no stack {name}", hint="see: roadbed stack list")
        return await self._of(call, found)

    async def _of(self, call: Call, one: StackSummary) -> StackCost:
        info = StackInfo(StackName.parse(one.name), one.owner, one.kind)
        rows = await self._engine.resources(call, info)
        try:
            pricer = await self._estimates.pricer(call, one.environment)
            return await asyncio.to_thread(_estimated, one, rows.values(), pricer)
        except (InvalidInput, NotFound) as error:
            return StackCost(one.name, one.owner, one.environment, problem=not_known(error).problem)


def _estimated(one: StackSummary, rows: Iterable[Recorded], pricer: Pricer) -> StackCost:
    sheet = pricer.sheet
    found = stack_cost(pricer, rows)
    return StackCost(
        one.name, one.owner, one.environment, sheet.currency, sheet.location, sheet.grid.source, resources=found
    )


def cost_report(stacks: Sequence[StackCost]) -> CostReport:
    return CostReport(
        stacks,
        _groups(stacks, lambda one: one.stack.partition("@")[0]),
        _groups(stacks, lambda one: one.environment),
        _groups(stacks, lambda one: one.owner or ""),
        _groups(stacks, lambda _: ""),
    )


def _groups(stacks: Iterable[StackCost], name: Callable[[StackCost], str]) -> list[CostGroup]:
    found: dict[tuple[str, str], list[tuple[str, Estimate]]] = {}
    for one in stacks:
        if not one.problem:
            found.setdefault((name(one), one.currency), []).extend(one.resources)
    return [CostGroup(*key, _totals(estimates)) for key, estimates in sorted(found.items())]


def _makes_difference(plan: PlanBill) -> bool:
    return any(one.difference.amount != ZERO or one.difference.unknown for one in plan.totals.values())


def _totals(found: Found) -> Mapping[Metric, Total]:
    return {metric: total((urn, one.figure(metric)) for urn, one in found) for metric in METRICS}
