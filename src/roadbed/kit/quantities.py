"""Amounts of memory, storage and processors as people write and read them: `1.5Gi`, `500m`. Pure."""

from __future__ import annotations

import re
from decimal import Decimal

_BYTES = re.compile(r"(\d{1,15}(?:\.\d{1,9})?)([KMGTPE]i?|k)?")
_CORES = re.compile(r"\d{1,9}(?:m|\.\d{1,9})?")
_UNITS = {"": 1} | {
    f"{letter}{suffix}": base**power
    for suffix, base in (("", 1000), ("i", 1024))
    for power, letter in enumerate("KMGTPE", start=1)
}
_SHOWN = ("Ei", "Pi", "Ti", "Gi", "Mi", "Ki")


def bytes_of(text: str) -> int | None:
    """Of `512Mi`, `1.5G` or a number of bytes; None for anything else."""
    match = _BYTES.fullmatch(text)
    return int(Decimal(match[1]) * _UNITS[(match[2] or "").replace("k", "K")]) if match else None


def millis_of(text: str) -> int | None:
    """Thousandths of a core, of `500m`, `0.5` or `2`; None for anything else."""
    if not _CORES.fullmatch(text):
        return None
    return int(text[:-1]) if text.endswith("m") else int(Decimal(text) * 1000)


def shown_bytes(count: int) -> str:
    """`7.5 GiB`, `0 B`: in powers of 1024, as limits are written."""
    for unit in _SHOWN:
        if abs(count) >= _UNITS[unit]:
            return f"{_rounded(count / _UNITS[unit])} {unit}B"
    return f"{count} B"


def shown_cores(millis: int) -> str:
    """`0.25 cores`, `1 core`."""
    amount = _rounded(millis / 1000, 3)
    return f"{amount} core" if amount == "1" else f"{amount} cores"


def _rounded(amount: float, digits: int = 1) -> str:
    return f"{amount:,.{digits}f}".rstrip("0").rstrip(".")
