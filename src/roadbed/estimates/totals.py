"""Estimates of resources → what they come to. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from roadbed.estimates.domain import METRICS, Figure, Metric, ResourceCost, Total, Totals
from roadbed.sdk.usage import ZERO, Amount


def total(figures: Iterable[tuple[str, Figure]]) -> Total:
    """Of figures by URN. What is zero by being free tells nothing of a sum of which all else isn't known."""
    amounts, unknown = list[Amount](), list[str]()
    for urn, figure in figures:
        if figure.amount is not None:
            amounts.append(figure.amount)
        if figure.gaps:
            unknown.append(urn)
    known = [amount for amount in amounts if amount != ZERO]
    if unknown and not known:
        return Total(None, tuple(unknown))
    return Total(sum(known, start=ZERO), tuple(unknown))


def totals(resources: Sequence[ResourceCost]) -> dict[Metric, Totals]:
    """Before, after, and the difference that each makes, summed."""
    return {
        metric: Totals(
            before=total(_side(resources, "before", metric)),
            after=total(_side(resources, "after", metric)),
            difference=_difference(resources, metric),
        )
        for metric in METRICS
    }


def _side(
    resources: Iterable[ResourceCost], when: Literal["before", "after"], metric: Metric
) -> Iterator[tuple[str, Figure]]:
    for one in resources:
        if getattr(one, when) is not None:
            yield one.urn, one.of(when, metric)


def _difference(resources: Iterable[ResourceCost], metric: Metric) -> Total:
    """That nothing changes is known even of what isn't known itself."""
    figures = [(one.urn, one.difference(metric)) for one in resources if not one.stays]
    known = [figure.amount for _, figure in figures if figure.amount is not None]
    unknown = tuple(urn for urn, figure in figures if figure.gaps)
    if unknown and all(amount == ZERO for amount in known):
        return Total(None, unknown)
    return Total(sum(known, start=ZERO), unknown)
