"""Estimates by the month: of a resource, of a plan's steps, and what they come to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from roadbed.sdk.usage import ZERO, Amount, Gap

Metric: TypeAlias = Literal["cost", "energy", "carbon"]
METRICS: tuple[Metric, ...] = ("cost", "energy", "carbon")
"""Cost in the sheet's currency, energy in kWh, carbon in kg of CO2e."""


@dataclass(frozen=True, slots=True)
class Figure:
    """What is known of a number, and what is not in it. `amount` is None where nothing is known."""

    amount: Amount | None = ZERO
    gaps: tuple[Gap, ...] = ()

    def __add__(self, other: Figure) -> Figure:
        known = [one for one in (self.amount, other.amount) if one is not None]
        amount = known[0] + known[1] if len(known) == 2 else known[0] if known else None
        return Figure(amount, self.gaps + other.gaps)

    def __sub__(self, other: Figure) -> Figure:
        """What both lack in the same way makes no difference, but for what is known only after apply."""
        lacking = [gap for gap in self.gaps if gap.until_apply or gap not in other.gaps]
        lacking += [gap for gap in other.gaps if gap not in lacking and (gap.until_apply or gap not in self.gaps)]
        if self.amount is None or other.amount is None:
            same = self.amount is other.amount and not lacking
            return Figure(ZERO if same else None, tuple(lacking or (() if same else self.gaps + other.gaps)))
        return Figure(self.amount - other.amount, tuple(lacking))


NOTHING = Figure()


@dataclass(frozen=True, slots=True)
class Estimate:
    """Of one resource. `basis` says what was multiplied with what, `free` why it costs nothing by itself."""

    cost: Figure = NOTHING
    energy: Figure = NOTHING
    carbon: Figure = NOTHING
    basis: tuple[str, ...] = ()
    free: str = ""

    def figure(self, metric: Metric) -> Figure:
        found: Figure = getattr(self, metric)
        return found


@dataclass(frozen=True, slots=True)
class ResourceCost:
    """What a step makes of what a resource costs. None: there is no such resource then."""

    urn: str
    before: Estimate | None = None
    after: Estimate | None = None

    @property
    def stays(self) -> bool:
        """The plan makes no difference to it, even if what it costs is not known."""
        return self.before == self.after and not (self.after and any(gap.until_apply for gap in self.after.cost.gaps))

    def difference(self, metric: Metric) -> Figure:
        return NOTHING if self.stays else self.of("after", metric) - self.of("before", metric)

    def of(self, when: Literal["before", "after"], metric: Metric) -> Figure:
        found: Estimate | None = getattr(self, when)
        return NOTHING if found is None else found.figure(metric)


@dataclass(frozen=True, slots=True)
class Total:
    """A sum of what is known. `unknown` are the URNs of those of which something isn't; `amount` None: of all."""

    amount: Amount | None = ZERO
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Totals:
    before: Total = field(default_factory=Total)
    after: Total = field(default_factory=Total)
    difference: Total = field(default_factory=Total)


@dataclass(frozen=True, slots=True)
class PlanCost:
    """What a plan makes of what its stack costs, by the month. `location` is whose electricity is meant, and `grid` by
    whose word it emits what it does.

    `resources` are all of the stack, those that cost nothing too, in the order of the plan. `problem` says why nothing
    could be estimated, where that is so.
    """

    currency: str
    totals: Mapping[Metric, Totals] = field(default_factory=dict)
    resources: tuple[ResourceCost, ...] = ()
    location: str = ""
    grid: str = ""
    problem: str = ""
