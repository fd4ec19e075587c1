"""What an apply costs as the number of resources grows: a straight line, or not."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.engine import programs
from bench.engine.quick import QUICK, say
from bench.engine.site import Site
from bench.figures import Figure

SIZES = (100, 300, 1_000, 3_000, 10_000) + (() if QUICK else (25_000, 50_000))
OUT = Path(__file__).parents[1] / "out" / "engine_cost.json"

EXPONENT = Figure(f"growth from 100 to {SIZES[-1]:,}: the exponent of apply's cost", None, "", 1.1)
LARGEST = Figure(f"fresh apply, {SIZES[-1]:,} independent", None, "s", None)
_BAR = 50
_LONG = 5_000


def cost(site: Site) -> Iterator[Figure]:
    """The smallest first. What an apply of one resource takes is the fixed cost, and taken off."""
    fixed = _seconds(site, 1)
    series = [(count, _seconds(site, count)) for count in SIZES]
    for line in plot(series):
        say(line)
    OUT.parent.mkdir(exist_ok=True)
    points = [{"resources": count, "seconds": round(seconds, 3)} for count, seconds in [(1, fixed), *series]]
    OUT.write_text(json.dumps({"name": "fresh apply of independent resources", "series": points}, indent=2) + "\n")
    grown = [(count, seconds - fixed) for count, seconds in series if seconds > fixed and count >= 1_000]
    yield EXPONENT.measured(exponent(grown))
    yield LARGEST.measured(series[-1][1])


def _seconds(site: Site, count: int) -> float:
    """Of three while they are short enough for anything else to disturb them; the least."""
    return min(_once(site, count) for _ in range(3 if count < _LONG else 1))


def _once(site: Site, count: int) -> float:
    stack = site.module(programs.program("independent", count))
    seconds = site.apply(stack).seconds
    site.destroy(stack)
    return seconds


def exponent(points: Sequence[tuple[int, float]]) -> float:
    """Of the power law that fits best: least squares over the logarithms. 1 is a straight line, 2 a square."""
    logs = [(math.log(count), math.log(seconds)) for count, seconds in points]
    middle = [sum(column) / len(logs) for column in zip(*logs, strict=True)]
    slope: float = sum((x - middle[0]) * (y - middle[1]) for x, y in logs)
    spread: float = sum((x - middle[0]) ** 2 for x, _ in logs)
    return slope / spread


def plot(points: Sequence[tuple[int, float]]) -> Iterator[str]:
    """A line a point, as long as its seconds; behind it what one resource took of them."""
    longest = max(seconds for _, seconds in points)
    for count, seconds in points:
        bar = "█" * max(1, round(_BAR * seconds / longest))
        yield f"{count:>7,} {bar:<{_BAR}} {seconds:7.2f} s  {seconds / count * 1000:.2f} ms each"
