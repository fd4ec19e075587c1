"""What a resource takes while it is there, as far as its properties say: the ground of what it costs and emits.

An estimator is a pure function from a resource's properties to its `Usage`. It knows no price: the platform team's
price sheet does. A package brings its own under the entry-point group `roadbed.estimators`, by the type's name:

    [project.entry-points."roadbed.estimators"]
    "acme:Queue" = "acme.costs:queue"

What can't be told is a `Gap` with its reason. It is never taken for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, TypeAlias

__all__ = ["GIB", "ONE", "ZERO", "Amount", "Estimator", "Gap", "Usage", "byte_size", "number", "read"]

_NUMBER = re.compile(r"\d{1,15}(\.\d{1,9})?")
_SIZE = re.compile(r"(\d{1,15}(?:\.\d{1,9})?)([KMGTPE]i?)?B?")
_POWERS = {letter: power for power, letter in enumerate("KMGTPE", start=1)}
GIB = Decimal(1024**3)
"""Bytes."""


@dataclass(frozen=True, slots=True)
class Amount:
    """From `low` to `high`, which differ where something scales by itself. Sums and differences go side by side."""

    low: Decimal
    high: Decimal

    @classmethod
    def of(cls, low: Decimal | int | str, high: Decimal | int | str | None = None) -> Amount:
        return cls(Decimal(low), Decimal(low if high is None else high))

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.low + other.low, self.high + other.high)

    def __sub__(self, other: Amount) -> Amount:
        return Amount(self.low - other.low, self.high - other.high)

    def __mul__(self, other: Amount | Decimal | int) -> Amount:
        if isinstance(other, Amount):
            return Amount(self.low * other.low, self.high * other.high)
        return Amount(self.low * other, self.high * other)


ZERO, ONE = Amount.of(0), Amount.of(1)


@dataclass(frozen=True, slots=True)
class Gap:
    """What is not known: of which measure (empty: of any), why, and how many times.

    `until_apply`: a property is known only after the plan is applied.
    """

    measure: str
    why: str
    until_apply: bool = False
    times: Amount = ONE


@dataclass(frozen=True, slots=True)
class Usage:
    """Quantities by measure: `cpu` in cores, `memory`, `storage` and `object-storage` in GiB, or a machine of a cloud
    (`aws/t3.small`, in a region: `aws/t3.small/eu-west-1`) in pieces.

    `free` says why nothing is paid for it by the month, where that is so.
    """

    quantities: Mapping[str, Amount] = field(default_factory=dict)
    gaps: tuple[Gap, ...] = ()
    free: str = ""

    def __add__(self, other: Usage) -> Usage:
        found = dict(self.quantities)
        for measure, amount in other.quantities.items():
            found[measure] = found.get(measure, ZERO) + amount
        return Usage(found, self.gaps + other.gaps, self.free and other.free)

    def times(self, count: Amount | Gap) -> Usage:
        """So many of it. Of an unknown number nothing is known; of none, everything."""
        if isinstance(count, Gap):
            return Usage(gaps=(count,))
        found = {measure: amount * count for measure, amount in self.quantities.items()}
        gaps = tuple(replace(gap, times=gap.times * count) for gap in self.gaps) if count.high else ()
        return Usage(found, gaps, self.free)

    @classmethod
    def of(cls, **measures: Amount | Gap) -> Usage:
        """`Usage.of(cpu=…, memory=…, object_storage=…)`."""
        named = {name.replace("_", "-"): value for name, value in measures.items()}
        return cls(
            {name: value for name, value in named.items() if isinstance(value, Amount)},
            tuple(value for value in named.values() if isinstance(value, Gap)),
        )


Estimator: TypeAlias = Callable[[Mapping[str, Any]], Usage]
"""Properties as they are recorded: `{"$unknown": true}` stands for what is known only after apply."""


def read(
    properties: Mapping[str, Any],
    path: str,
    convert: Callable[[Any], Decimal | None],
    measure: str = "",
    default: Amount | Gap | None = None,
) -> Amount | Gap:
    """What stands at a dotted path, converted; `default` where nothing does. A gap where it can't be told."""
    value: Any = properties
    for part in path.split("."):
        if is_unknown(value):
            break
        value = value.get(part) if isinstance(value, Mapping) else None
    if value is None:
        return Gap(measure, f"it says no {path}") if default is None else default
    if is_unknown(value):
        return Gap(measure, f"its {path} is known only after apply", until_apply=True)
    found = convert(value)
    return Gap(measure, f"its {path} is nothing that can be counted") if found is None else Amount(found, found)


def is_unknown(value: Any) -> bool:
    """A reference, a secret, or what is known only after apply."""
    return isinstance(value, Mapping) and any(isinstance(key, str) and key.startswith("$") for key in value)


def number(value: Any) -> Decimal | None:
    """A number of plain size that is not negative, also where it is written as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    text = str(value).strip()
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def byte_size(value: Any) -> Decimal | None:
    """Bytes, or text with a unit: `10Gi`, `1.5G`; in GiB."""
    match = _SIZE.fullmatch(str(value).strip()) if isinstance(value, int | str) and value is not True else None
    if match is None:
        return None
    unit = match[2] or ""
    base = 1024 if unit.endswith("i") else 1000
    return Decimal(match[1]) * Decimal(base) ** _POWERS.get(unit[:1], 0) / GIB
