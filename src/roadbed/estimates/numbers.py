"""Numbers of the price sheet, each with where it is from. Pure."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from roadbed.estimates.sheet import Price
from roadbed.workload.document import Node, Scalar
from roadbed.workload.reader import Fields, Reader

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_DECIMAL = re.compile(r"\d{1,12}(\.\d{1,12})?")


class Figures:
    """Numbers with where they are from."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def figure(
        self, fields: Fields, name: str, key: str, *, least: Decimal | None = None, most: Decimal | None = None
    ) -> Price:
        """`{KEY: 0.92, source: …, date: …}`."""
        known = (key, "source", "date")
        section = fields.section(name, known, known)
        if section is None:
            return Price(Decimal(1), "")
        value = self.decimal(section, key)
        if (least is not None and value < least) or (most is not None and value > most):
            place = section.node.entries[key].place if key in section else fields.place(name)
            self._reader.report(place, f"{section.path_of(key)} must be from {least} to {most}, not {value}")
        return Price(value, self.source(section))

    def decimal(self, fields: Fields, name: str) -> Decimal:
        node = fields.get(name)
        return Decimal(0) if node is None else decimal(self._reader, node, fields.path_of(name))

    def source(self, fields: Fields) -> str:
        """`AWS Fargate in us-east-1, 2025-03-01`."""
        said = fields.text("source")
        day = fields.matching("date", _DAY, "a day: 2025-03-01") or ""
        if _DAY.fullmatch(day) and not _is_day(day):
            self._reader.report(fields.node.entries["date"].place, f"{fields.path_of('date')} is no day: {day}")
        return f"{said}, {day}"


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def decimal(reader: Reader, node: Node, path: str) -> Decimal:
    """A number as it is written, which is not negative."""
    text = node.text if isinstance(node, Scalar) and isinstance(node.value, int | float) else ""
    if not isinstance(node, Scalar) or isinstance(node.value, bool) or not text:
        reader.report(node.place, f"{path} must be a number")
    elif text.startswith("-"):
        reader.report(node.place, f"{path} must not be negative: {text}")
    elif not _DECIMAL.fullmatch(text):
        reader.report(node.place, f"{path} must be a plain number, not {text}", "write it as 0.0123")
    else:
        return Decimal(text)
    return Decimal(0)
