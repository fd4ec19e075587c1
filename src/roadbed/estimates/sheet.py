"""The price sheet, as it holds in one environment. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any, Protocol

from roadbed.sdk.usage import Amount, Gap, Usage, byte_size, number, read

HOURS = Decimal(730)
"""Of a month: 365 days × 24 hours ÷ 12, as clouds count it."""
BYTES = ("memory", "storage", "object-storage")
MEASURES = ("cpu", *BYTES)
"""What has a price of its own: `cpu` for each core, the others for each GiB."""


@dataclass(frozen=True, slots=True)
class Price:
    """By the month, for one of a measure. `source` says whose price it is and of when."""

    amount: Decimal
    source: str


@dataclass(frozen=True, slots=True)
class Grid:
    """What a kWh emits, in grams of CO2e, and by whose word; or why that isn't known."""

    grams: Decimal | None
    source: str

    @property
    def gap(self) -> Gap:
        return Gap("", self.source)


@dataclass(frozen=True, slots=True)
class Quantity:
    """Of a measure, as a rule says it: so much, or what a property says, in a unit."""

    amount: Decimal | None = None
    property: str = ""
    unit: Decimal = Decimal(1)
    default: Decimal | None = None

    def of(self, properties: Mapping[str, Any], measure: str) -> Amount | Gap:
        if self.amount is not None:
            return Amount.of(self.amount)
        default = None if self.default is None else Amount.of(self.default)
        return read(properties, self.property, self._convert(measure), measure, default)

    def _convert(self, measure: str) -> Any:
        """A number is of the unit; text of bytes may have its own."""

        def convert(value: Any) -> Decimal | None:
            if (found := number(value)) is not None:
                return found * self.unit
            return byte_size(value) if measure in BYTES else None

        return convert


@dataclass(frozen=True, slots=True)
class Rule:
    """What the sheet says of a type: what it takes (`quantities`), what it costs beside (`month`), or that it is free.

    `times` are the properties that say how many: one, or the least and the most. `by` is a property that decides which
    of `of` is meant.
    """

    quantities: Mapping[str, Quantity] = field(default_factory=dict)
    month: Decimal | None = None
    free: str = ""
    times: tuple[str, ...] = ()
    by: str = ""
    of: Mapping[str, Rule] = field(default_factory=dict)
    source: str = ""

    def usage(self, properties: Mapping[str, Any], type: str) -> Usage:
        """A monthly price stands in it as a quantity of its own (see `flat`)."""
        if self.by:
            return self._chosen(properties, type)
        if self.free:
            return Usage(free=self.free)
        found = {measure: quantity.of(properties, measure) for measure, quantity in self.quantities.items()}
        quantities = {measure: value for measure, value in found.items() if isinstance(value, Amount)}
        if self.month is not None:
            quantities[flat(self.month, self.source)] = Amount.of(1)
        gaps = tuple(value for value in found.values() if isinstance(value, Gap))
        return Usage(quantities, gaps).times(counted(properties, self.times))

    def _chosen(self, properties: Mapping[str, Any], type: str) -> Usage:
        value: Any = properties
        for part in self.by.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        if isinstance(value, str | int) and str(value) in self.of:
            return self.of[str(value)].usage(properties, type)
        gap = read(properties, self.by, lambda _: None)
        if isinstance(value, str | int):
            gap = Gap("", f"prices.yaml has no price for {type} with {self.by} {value}")
        return Usage(gaps=(gap,) if isinstance(gap, Gap) else ())


_FLAT = "month:"


def flat(month: Decimal, source: str) -> str:
    """The measure of what has a price by the month and nothing else."""
    return f"{_FLAT}{month}:{source}"


def flat_price(measure: str) -> Price | None:
    if not measure.startswith(_FLAT):
        return None
    amount, _, source = measure.removeprefix(_FLAT).partition(":")
    return Price(Decimal(amount), source)


def counted(properties: Mapping[str, Any], names: tuple[str, ...]) -> Amount | Gap:
    """How many, by the properties that say it: one, or the least and the most; one where none is named."""
    if not names:
        return Amount.of(1)
    low = read(properties, names[0], number, default=Amount.of(1))
    high = read(properties, names[-1], number, default=low)
    return low if isinstance(low, Gap) else high if isinstance(high, Gap) else Amount(low.low, max(low.low, high.high))


class Machines(Protocol):
    """The machines of clouds: what one costs in USD an hour, and what it has. None where the tables don't say."""

    @property
    def source(self) -> str: ...

    def price(self, cloud: str, machine: str, region: str) -> Decimal | None: ...

    def size(self, cloud: str, machine: str) -> tuple[Decimal, Decimal] | None:
        """Cores, and GiB of memory."""
        ...


@dataclass(frozen=True, slots=True)
class Sheet:
    """`watts` are what one of a measure takes, before `pue`: what a building takes beside its machines.

    `exchange` is what one of another currency is in this one. `assumed` stands for what a resource doesn't ask for.
    """

    currency: str
    prices: Mapping[str, Price] = field(default_factory=dict)
    watts: Mapping[str, Price] = field(default_factory=dict)
    pue: Price = field(default_factory=lambda: Price(Decimal(1), ""))
    grid: Grid = field(default_factory=lambda: Grid(None, "prices.yaml says no location"))
    location: str = ""
    exchange: Mapping[str, Price] = field(default_factory=dict)
    assumed: Mapping[str, Decimal] = field(default_factory=dict)
    types: Mapping[str, Rule] = field(default_factory=dict)
    file: str = "prices.yaml"

    def rule(self, type: str) -> Rule | None:
        """The one for a type by its name, else the longest pattern that matches."""
        if type in self.types:
            return self.types[type]
        fitting = [pattern for pattern in self.types if fnmatchcase(type, pattern)]
        return self.types[max(fitting, key=lambda pattern: (len(pattern), pattern))] if fitting else None

    @property
    def region(self) -> tuple[str, str]:
        """`("aws", "eu-west-1")`, of a location that is a cloud's."""
        cloud, _, region = self.location.partition("/")
        return (cloud, region) if region else ("", "")
