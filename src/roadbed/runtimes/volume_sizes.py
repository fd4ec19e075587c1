"""How much volumes hold, and how much they are to hold. Reads only."""

from __future__ import annotations

import math
import os
import re
import time
from contextlib import suppress
from pathlib import Path

_UNITS = {"K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15, "E": 10**18}
_BINARY_UNITS = {f"{unit}i": 1024**power for power, unit in enumerate(_UNITS, start=1)}
_MEASURED_FOR_S = 30.0


def size_in_bytes(size: str | int) -> int:
    """Of a volume's `size`: `10Gi`, `1.5G`, or bytes."""
    number, unit = re.fullmatch(r"([\d.]+)([A-Za-z]*)", str(size)).groups()  # type: ignore[union-attr]  # see `types.py`
    return int(float(number) * ({"": 1} | _UNITS | _BINARY_UNITS)[unit])


def fullness(held: int, size: str | int | None) -> str:
    """`12.0 MB of 1Gi`; whether that is more than it is to hold."""
    shown = f"{held / 2**20:.1f} MB"
    if size is None:
        return shown
    return f"{shown}, more than its size of {size}: nothing stops it" if is_over(held, size) else f"{shown} of {size}"


def is_over(held: int, size: str | int) -> bool:
    return held > size_in_bytes(size)


def held_bytes(folder: Path) -> int:
    """Bytes that its files hold on the disk, links not followed. 0 when there is no such folder."""
    total = 0
    for path, _, files in os.walk(folder):
        for name in files:
            with suppress(OSError):  # a replica may remove it meanwhile
                total += os.lstat(Path(path, name)).st_blocks * 512
    return total


class VolumeSizes:
    """Of the volumes below `home`, by their sources."""

    def __init__(self, home: Path) -> None:
        self._root = home / "volumes"
        self._measured: dict[str, tuple[float, int]] = {}

    def held(self, source: str) -> int:
        """Bytes, as they were at most half a minute ago: a volume of many files takes a while to be measured."""
        now = time.monotonic()
        at, held = self._measured.get(source, (-math.inf, 0))
        if now - at > _MEASURED_FOR_S:
            held = held_bytes(self._root / source)
            self._measured[source] = (now, held)
        return held
