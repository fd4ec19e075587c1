"""How much a resource takes, in whole units, by what its estimator tells of it, and what it costs. Pure.

What is asked for counts, and where that isn't said, what a thing may take at most (see `roadbed.sdk.usage`). What
nobody says counts as the file's `unsaid` says; where that says nothing either, as nothing, and is told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from roadbed.estimates.pricing import Pricer
from roadbed.estimates.registry import estimators
from roadbed.quotas.domain import COST, MEASURES, MILLIONTHS
from roadbed.runtimes.types import SERVICE
from roadbed.sdk.policies import PlannedResource
from roadbed.sdk.usage import GIB, Estimator

_UNITS = {"cpu": 1000, "memory": int(GIB), "storage": int(GIB)}
"""How many of our units one of the estimators' is: thousandths of a core, bytes."""


@dataclass(slots=True)
class Sizes:
    """`amounts` by measure; `unsaid` counts by measure what says nothing and is taken for nothing."""

    amounts: Counter[str] = field(default_factory=Counter)
    unsaid: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Sizer:
    """`unsaid` is what counts, by measure, for each thing that says nothing of it. With a `pricer` it tells costs."""

    unsaid: Mapping[str, int] = field(default_factory=dict)
    estimators: Mapping[str, Estimator] = field(default_factory=cache(estimators))
    pricer: Pricer | None = None

    def sizes(self, resource: PlannedResource) -> Sizes:
        found = Sizes()
        if self.pricer is not None:
            self._price(found, self.pricer, resource)
            return found
        if resource.type == SERVICE:
            found.amounts["replicas"] = _replicas(resource)
        if (estimator := self.estimators.get(resource.type)) is not None:
            self._add(found, estimator, resource)
        return found

    def _price(self, found: Sizes, pricer: Pricer, resource: PlannedResource) -> None:
        """The most that it may cost; what of it is known where not all is."""
        figure = pricer.estimate(resource.type, resource.properties).cost
        if figure.amount is not None:
            found.amounts[COST] = int(figure.amount.high * MILLIONTHS)
        if figure.gaps and COST in self.unsaid:
            found.amounts[COST] += self.unsaid[COST]
        elif figure.gaps:
            found.unsaid[COST] = 1

    def _add(self, found: Sizes, estimator: Estimator, resource: PlannedResource) -> None:
        try:
            usage = estimator(resource.properties)
        except Exception:  # a package's own: what it can't tell of is said by nobody
            found.unsaid.update(MEASURES)
            return
        for measure, amount in usage.quantities.items():
            if measure in _UNITS:
                found.amounts[measure] += int(amount.high * _UNITS[measure])
        for gap in usage.gaps:
            if gap.measure in self.unsaid:
                found.amounts[gap.measure] += int(gap.times.high) * self.unsaid[gap.measure]
            elif gap.measure in _UNITS:
                found.unsaid[gap.measure] += 1


def _replicas(service: PlannedResource) -> int:
    replicas = service.properties.get("replicas", 1)
    return replicas if isinstance(replicas, int) else 1
