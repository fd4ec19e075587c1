"""What `types:` of the price sheet says of a type of resources. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from roadbed.estimates.numbers import Figures, decimal
from roadbed.estimates.sheet import BYTES, HOURS, MEASURES, Quantity, Rule
from roadbed.sdk.usage import GIB, byte_size
from roadbed.workload.document import Mapping as MappingNode
from roadbed.workload.document import Node, Scalar, Sequence
from roadbed.workload.reader import Fields, Reader

_PRICED = ("month", "hour")
FIELDS = (*MEASURES, *_PRICED, "free", "times", "by", "of", "source", "date")
UNITS = {
    **{unit: Decimal(1024) ** power / GIB for power, unit in enumerate(("B", "KiB", "MiB", "GiB", "TiB"))},
    **{unit: Decimal(1000) ** power / GIB for power, unit in enumerate(("KB", "MB", "GB", "TB"), start=1)},
}
"""GiB in one of each."""
CORES = {"core": Decimal(1), "millicore": Decimal("0.001")}


class RuleReader:
    def __init__(self, reader: Reader) -> None:
        self._reader, self._figures = reader, Figures(reader)

    def rule(self, node: Node, path: str) -> Rule:
        fields = self._reader.section(node, path, FIELDS)
        if "by" in fields or "of" in fields:
            return self._chosen(fields)
        if "free" in fields:
            return Rule(free=fields.text("free"))
        if not any(name in fields for name in (*MEASURES, *_PRICED)):
            hint = "say `month:`, `hour:`, cpu, memory or storage, or why it is `free:`"
            self._reader.report(node.place, f"{path} says no price", hint)
            return Rule()
        for name in ("source", "date"):
            if name not in fields and isinstance(node, MappingNode):
                self._reader.report(node.place, f"{fields.path_of(name)} is missing", f"add `{name}:`")
        return Rule(
            quantities={name: self._quantity(fields, name) for name in MEASURES if name in fields},
            month=self._month(fields),
            times=self._times(fields),
            source=self._figures.source(fields),
        )

    def quantities(self, fields: Fields) -> dict[str, Decimal]:
        """Plain ones: `{cpu: 100m, memory: 256Mi}`."""
        return {name: self._plain(node, path, name) for name, node, path in fields.items() if name in MEASURES}

    def _chosen(self, fields: Fields) -> Rule:
        """By the value of a property: `{by: class, of: {small: {month: 12, …}}}`."""
        for name in fields.node.entries:
            if name not in ("by", "of"):
                hint = "say it below each value of `of`"
                self._reader.report(fields.place(name), f"{fields.path_of(name)} can't stand beside `by`", hint)
        for name in ("by", "of"):
            if name not in fields:
                self._reader.report(fields.node.place, f"{fields.path_of(name)} is missing", f"add `{name}:`")
        of = {name: self.rule(node, path) for name, node, path in fields.mapping("of").items()}
        if "of" in fields and not of:
            hint = "write {small: {month: 12, …}}"
            self._reader.report(fields.place("of"), f"{fields.path_of('of')} has no value of it", hint)
        return Rule(by=fields.text("by"), of=of)

    def _month(self, fields: Fields) -> Decimal | None:
        if all(name in fields for name in _PRICED):
            self._reader.report(fields.place("hour"), f"{fields.path} has `month` and `hour`", "say one of them")
        if "month" in fields:
            return self._figures.decimal(fields, "month")
        return self._figures.decimal(fields, "hour") * HOURS if "hour" in fields else None

    def _times(self, fields: Fields) -> tuple[str, ...]:
        """A property, or the two that say the least and the most."""
        node = fields.get("times")
        if not isinstance(node, Sequence):
            return (fields.text("times"),) if node is not None else ()
        names = self._reader.words(node, fields.path_of("times"))
        if len(names) != 2:
            self._reader.report(
                node.place, f"{fields.path_of('times')} must be one property, or the least and the most"
            )
        return names

    def _quantity(self, fields: Fields, measure: str) -> Quantity:
        node, path = fields.node.entries[measure], fields.path_of(measure)
        if not isinstance(node, MappingNode):
            return Quantity(self._plain(node, path, measure))
        units: Mapping[str, Decimal] = UNITS if measure in BYTES else CORES
        found = self._reader.section(node, path, ("property", "unit", "default"), ("property", "unit"))
        unit = units.get(found.choice("unit", tuple(units), next(iter(units))), Decimal(1))
        default = found.get("default")
        return Quantity(
            property=found.text("property"),
            unit=unit,
            default=None if default is None else decimal(self._reader, default, found.path_of("default")) * unit,
        )

    def _plain(self, node: Node, path: str, measure: str) -> Decimal:
        """`256Mi` in GiB; `50m` or `0.05` in cores."""
        value: Any = node.value if isinstance(node, Scalar) else None
        text = node.text if isinstance(node, Scalar) else ""
        if measure in BYTES:
            found = byte_size(text) if isinstance(value, str) else None
            if found is None:
                self._reader.report(node.place, f"{path} must be bytes with a unit, not {text!r}", 'write "256Mi"')
            return found or Decimal(0)
        if isinstance(value, str) and text.endswith("m") and text[:-1].isdecimal() and len(text) < 10:
            return Decimal(text[:-1]) / 1000
        return decimal(self._reader, node, path)
