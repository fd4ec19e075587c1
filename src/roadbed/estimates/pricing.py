"""Usage × price sheet → estimate. Pure.

cost   = Σ quantity × price by the month
energy = Σ quantity × watts × 730 h ÷ 1000 × PUE     (kWh)
carbon = energy × grams by the kWh ÷ 1000            (kg of CO2e)
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from roadbed.estimates.domain import Estimate, Figure
from roadbed.estimates.sheet import HOURS, MEASURES, Machines, Price, Sheet, flat_price
from roadbed.sdk.usage import ZERO, Amount, Estimator, Gap, Usage

_THOUSAND = Decimal(1000)
_UNITS = {"cpu": "cores", "memory": "GiB", "storage": "GiB", "object-storage": "GiB of objects"}


@dataclass(frozen=True, slots=True)
class Pricer:
    """Estimates resources in one environment: the sheet's rules first, then the estimator of the type."""

    sheet: Sheet
    estimators: Mapping[str, Estimator]
    machines: Machines

    def estimate(self, type: str, properties: Mapping[str, Any]) -> Estimate:
        return self.price(self.usage(type, properties))

    def usage(self, type: str, properties: Mapping[str, Any]) -> Usage:
        """What a resource takes, as far as anybody says. An estimator that fails tells nothing."""
        if (rule := self.sheet.rule(type)) is not None:
            return rule.usage(properties, type)
        estimator = self.estimators.get(type)
        if estimator is None:
            return Usage(gaps=(Gap("", f"{self.sheet.file} has no price for {type}"),))
        try:
            return estimator(properties)
        except Exception as error:
            return Usage(gaps=(Gap("", f"the estimator of {type} failed: {error.__class__.__name__}"),))

    def price(self, usage: Usage) -> Estimate:
        if usage.free and not usage.quantities and not usage.gaps:
            return Estimate(free=usage.free)
        given = self._placed(self._assumed(usage))
        assumed = {gap.measure for gap in usage.gaps if gap not in given.gaps}
        cost, basis = self._cost(given, assumed)
        energy = self._energy(given)
        return Estimate(cost, energy, self._carbon(energy), basis)

    def _assumed(self, usage: Usage) -> Usage:
        """What isn't asked for is what the sheet assumes, where it does."""
        assumed, quantities, gaps = self.sheet.assumed, dict(usage.quantities), list[Gap]()
        for gap in usage.gaps:
            if gap.until_apply or gap.measure not in assumed:
                gaps.append(gap)
            else:
                quantities[gap.measure] = quantities.get(gap.measure, ZERO) + gap.times * assumed[gap.measure]
        return replace(usage, quantities=quantities, gaps=tuple(gaps))

    def _placed(self, usage: Usage) -> Usage:
        """Machines without a region are where the environment is."""
        cloud, region = self.sheet.region
        named = {
            f"{measure}/{region}" if measure.count("/") == 1 and measure.startswith(f"{cloud}/") else measure: amount
            for measure, amount in usage.quantities.items()
        }
        return replace(usage, quantities=named) if cloud else usage

    def _cost(self, usage: Usage, assumed: Collection[str]) -> tuple[Figure, tuple[str, ...]]:
        amounts, gaps, basis = list[Amount](), list(usage.gaps), list[str]()
        for measure, quantity in usage.quantities.items():
            price = self._price(measure)
            if isinstance(price, Gap):
                gaps.append(replace(price, times=quantity))
                continue
            amounts.append(quantity * price.amount)
            basis.append(_said(measure, quantity, price, amounts[-1], " (assumed)" if measure in assumed else ""))
        return _figure(amounts, gaps), tuple(basis)

    def _price(self, measure: str) -> Price | Gap:
        if (price := self.sheet.prices.get(measure) or flat_price(measure)) is not None:
            return price
        if measure in MEASURES:
            return Gap(measure, f"{self.sheet.file} has no price of {measure}")
        return self._machine_price(measure)

    def _machine_price(self, measure: str) -> Price | Gap:
        cloud, machine, region = (*measure.split("/"), "", "")[:3]
        if not region:
            return Gap(measure, f"which region {machine} is in is not said")
        hour = self.machines.price(cloud, machine, region)
        if hour is None:
            return Gap(measure, f"there is no price for {machine} in {region}")
        exchange = Price(Decimal(1), "") if self.sheet.currency == "USD" else self.sheet.exchange.get("USD")
        if exchange is None:
            return Gap(measure, f"what USD is in {self.sheet.currency} is not said: `exchange` in {self.sheet.file}")
        return Price(hour * HOURS * exchange.amount, self.machines.source)

    def _energy(self, usage: Usage) -> Figure:
        amounts, gaps = list[Amount](), list(usage.gaps)
        for measure, quantity in usage.quantities.items():
            if flat_price(measure) is not None:
                gaps.append(Gap(measure, "a price by the month tells no energy", times=quantity))
                continue
            watts = list(self._watts(measure))
            amounts += [
                quantity * (one * HOURS / _THOUSAND * self.sheet.pue.amount) for one in watts if one is not None
            ]
            if None in watts:
                gaps.append(Gap(measure, f"what energy {measure} takes is not known", times=quantity))
        return _figure(amounts, gaps)

    def _watts(self, measure: str) -> Iterator[Decimal | None]:
        """Of one of a measure; None for what isn't known of it."""
        if measure in MEASURES:
            found = self.sheet.watts.get(measure)
            yield found.amount if found else None
            return
        cloud, machine = measure.split("/")[:2]
        size = self.machines.size(cloud, machine)
        if size is None:
            yield None
            return
        for part, count in zip(("cpu", "memory"), size, strict=True):
            known = self.sheet.watts.get(part)
            yield known.amount * count if known else None

    def _carbon(self, energy: Figure) -> Figure:
        grid = self.sheet.grid
        if grid.grams is None:
            return Figure(None, (grid.gap,)) if energy != Figure() else energy
        amount = None if energy.amount is None else energy.amount * (grid.grams / _THOUSAND)
        return Figure(amount, energy.gaps)


def _figure(amounts: list[Amount], gaps: list[Gap]) -> Figure:
    """Nothing is known where there are only gaps."""
    if not amounts and gaps:
        return Figure(None, tuple(gaps))
    return Figure(sum(amounts, start=ZERO), tuple(gaps))


def _said(measure: str, quantity: Amount, price: Price, amount: Amount, mark: str) -> str:
    """`0.5 cores (assumed) × 29.55 = 14.78`."""
    if flat_price(measure) is not None:
        return f"{_range(quantity, '')} × {_number(price.amount)} = {_range(amount, '')}"
    unit = _UNITS.get(measure) or f"× {measure.split('/')[1]}"
    return f"{_range(quantity, unit)}{mark} × {_number(price.amount)} = {_range(amount, '')}"


def _range(amount: Amount, unit: str) -> str:
    low, high = _number(amount.low), _number(amount.high)
    unit = "core" if (low, high, unit) == ("1", "1", "cores") else unit
    return f"{low if low == high else f'{low} to {high}'} {unit}".rstrip()


def _number(value: Decimal) -> str:
    """To three digits after the point, or as many as tell something of what is smaller."""
    rounded = round(value, 3) if value >= Decimal("0.01") else value
    return f"{rounded.normalize():f}" if value >= Decimal("0.01") else f"{rounded:.3g}"
