"""What holds of all estimates: they are linear, they add up, and what isn't known is never nothing."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from roadbed.estimates.domain import METRICS, NOTHING, Estimate, Figure, ResourceCost
from roadbed.estimates.totals import total, totals
from roadbed.sdk.usage import ZERO, Amount, Gap, Usage
from unit.estimates.sheets import pricer

PRICER = pricer()
UNKNOWN = {"$unknown": True}
counts = st.integers(0, 500)
sizes = st.one_of(st.none(), st.integers(1, 100_000), st.just(UNKNOWN), st.just("many"))
services = st.fixed_dictionaries({"memory_mb": sizes, "cpu_millis": sizes}, optional={"replicas": counts}).map(
    lambda found: {name: value for name, value in found.items() if value is not None}
)
amounts = st.builds(
    lambda low, more: Amount(low, low + more),
    st.decimals(0, 1000, places=4),
    st.decimals(0, 1000, places=4),
)
gaps = st.builds(Gap, st.sampled_from(["cpu", "memory", ""]), st.sampled_from(["unsaid", "unpriced"]), st.booleans())
figures = st.one_of(
    st.builds(Figure, amounts, st.lists(gaps, max_size=2).map(tuple)),
    st.builds(Figure, st.none(), st.lists(gaps, min_size=1, max_size=2).map(tuple)),
)
estimates = st.builds(Estimate, figures, figures, figures)
resources = st.lists(st.tuples(st.one_of(st.none(), estimates), st.one_of(st.none(), estimates)), max_size=6).map(
    lambda pairs: [ResourceCost(f"r{number}", *pair) for number, pair in enumerate(pairs)]
)


@given(services, st.integers(1, 50))
def test_so_many_cost_so_much(service: dict[str, Any], count: int) -> None:
    one = PRICER.estimate("runtime:Service", {**service, "replicas": 1})
    many = PRICER.estimate("runtime:Service", {**service, "replicas": count})
    for metric in METRICS:
        single, several = one.figure(metric).amount, many.figure(metric).amount
        assert several == (None if single is None else single * count)


@given(services, services)
def test_two_containers_cost_what_each_costs(one: dict[str, Any], other: dict[str, Any]) -> None:
    one, other = ({**found, "replicas": 1} for found in (one, other))
    together = PRICER.usage("runtime:Service", {**one, "containers": {"beside": other}})
    apart = PRICER.usage("runtime:Service", one) + PRICER.usage("runtime:Service", other)
    assert together == apart
    assert PRICER.price(together).cost == PRICER.price(apart).cost


@given(services)
def test_what_is_not_known_is_never_nothing(service: dict[str, Any]) -> None:
    """A figure without an amount, or with a part that isn't known, says why; a whole one has it all."""
    cost = PRICER.estimate("runtime:Service", {**service, "replicas": 2}).cost
    lacking = [name for name in ("memory_mb", "cpu_millis") if not isinstance(service.get(name), int)]
    assert len(cost.gaps) == len(lacking)
    assert (cost.amount is None) == (len(lacking) == 2)
    if cost.amount is not None:
        assert cost.amount.low > 0


@given(figures)
def test_nothing_more_makes_no_difference(figure: Figure) -> None:
    assert figure + NOTHING == Figure(figure.amount if figure.amount is not None else ZERO, figure.gaps)
    same = replace(figure, gaps=tuple(replace(gap, until_apply=False) for gap in figure.gaps))
    assert same - same == NOTHING


@given(figures, figures)
def test_a_difference_is_after_less_before_or_says_why_not(before: Figure, after: Figure) -> None:
    difference = after - before
    if before.amount is not None and after.amount is not None:
        assert difference.amount == after.amount - before.amount
    if difference.amount is None:
        assert difference.gaps
    for gap in (*before.gaps, *after.gaps):
        assert gap in difference.gaps or (gap in before.gaps and gap in after.gaps and not gap.until_apply)


@given(resources)
def test_totals_are_sums(found: list[ResourceCost]) -> None:
    for metric, told in totals(found).items():
        for when, one in (("before", told.before), ("after", told.after)):
            known = [figure.amount for each in found if (figure := each.of(when, metric)).amount is not None]  # type: ignore[arg-type]  # it is one of the two
            assert one.amount in (sum(known, start=ZERO), None)
            assert one.unknown == tuple(each.urn for each in found if each.of(when, metric).gaps)  # type: ignore[arg-type]  # the same
            assert one.amount is not None or one.unknown


@given(st.lists(st.tuples(amounts, amounts), max_size=6))
def test_where_all_is_known_the_total_difference_is_after_less_before(pairs: list[tuple[Amount, Amount]]) -> None:
    found = [
        ResourceCost(f"r{number}", Estimate(Figure(before)), Estimate(Figure(after)))
        for number, (before, after) in enumerate(pairs)
    ]
    told = totals(found)["cost"]
    assert told.before.amount is not None
    assert told.after.amount is not None
    assert told.difference.amount == told.after.amount - told.before.amount


@given(amounts, amounts, st.decimals(0, 100, places=2))
def test_usage_adds_and_multiplies(one: Amount, other: Amount, count: Decimal) -> None:
    left = (Usage({"cpu": one}) + Usage({"cpu": other})).times(Amount(count, count))
    right = Usage({"cpu": one}).times(Amount(count, count)) + Usage({"cpu": other}).times(Amount(count, count))
    assert left == right


def test_a_sum_of_what_is_free_and_what_is_not_known_is_not_known() -> None:
    unknown = Figure(None, (Gap("cpu", "unsaid"),))
    assert total([("free", NOTHING), ("web", unknown)]).amount is None
    assert total([("db", Figure(Amount.of(2))), ("web", unknown)]).amount == Amount.of(2)
    assert total([("free", NOTHING)]).amount == ZERO
