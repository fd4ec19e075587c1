"""Figures: what was measured, what it should be at most, whether it is."""

from __future__ import annotations

import json
import os
import platform
import sys
import traceback
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import psutil


@dataclass(frozen=True, slots=True)
class Peer:
    """How somebody else's product does on the same machine; `ratio` is ours to theirs, below 1 where we are better."""

    name: str
    value: float
    ratio: float


@dataclass(frozen=True, slots=True)
class Figure:
    """`goal` is the most that `value` should be, None where it is only told. `value` None: it could not be measured."""

    name: str
    value: float | None
    unit: str
    goal: float | None
    peer: Peer | None = None

    @property
    def holds(self) -> bool | None:
        """None without a goal; what could not be measured doesn't hold."""
        if self.goal is None:
            return None
        return self.value is not None and self.value <= self.goal

    def measured(self, value: float) -> Figure:
        """The same figure with its value, to the thousandth."""
        return replace(self, value=round(value, 3))

    def to_dict(self) -> dict[str, Any]:
        peer = asdict(self.peer) if self.peer else None
        facts = {"name": self.name, "value": self.value, "unit": self.unit, "goal": self.goal}
        return facts | {"holds": self.holds, "peer": peer}


@dataclass(frozen=True, slots=True)
class Measurement:
    """Something that gives figures."""

    title: str
    take: Callable[[], Iterable[Figure]]


class Report:
    """The figures of one bench. `planned` are all that it gives, without values: what stays where measuring breaks."""

    def __init__(self, name: str, planned: Iterable[Figure] = ()) -> None:
        self.name = name
        self._figures = {figure.name: figure for figure in planned}

    @property
    def figures(self) -> list[Figure]:
        return list(self._figures.values())

    def run(self, measurements: Iterable[Measurement]) -> None:
        """Measures. What breaks is told on stderr and leaves its figures without values; the others go on."""
        try:
            for measurement in measurements:
                self.take(measurement)
        except Exception:  # what all of them stand on: the platform that doesn't start
            traceback.print_exc()

    def take(self, measurement: Measurement) -> None:
        print(f"… {measurement.title}", file=sys.stderr, flush=True)
        try:
            for figure in measurement.take():
                self._figures[figure.name] = figure
                print(f"  {_row(figure)[0]}: {_row(figure)[1]}", file=sys.stderr, flush=True)
        except Exception:
            traceback.print_exc()

    @property
    def complete(self) -> bool:
        return all(figure.value is not None for figure in self.figures)

    def write(self, folder: Path) -> Path:
        """`{"machine": {…}, "figures": […]}`."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.name}.json"
        document = {"machine": machine(), "figures": [figure.to_dict() for figure in self.figures]}
        path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        return path

    def table(self) -> str:
        rows = [("", "measured", "goal", ""), *(_row(figure) for figure in self.figures)]
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        return "\n".join(
            f"{row[0]:<{widths[0]}}  {row[1]:>{widths[1]}}  {row[2]:>{widths[2]}}  {row[3]}".rstrip() for row in rows
        )


def machine() -> dict[str, Any]:
    return {
        "cpus": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 2),
    }


def _row(figure: Figure) -> tuple[str, str, str, str]:
    goal = "" if figure.goal is None else f"≤ {figure.goal:g} {figure.unit}".strip()
    if figure.value is None:
        return figure.name, "not measured", goal, "✗"
    verdict = {True: "✓", False: "✗ short of its goal", None: ""}[figure.holds]
    if figure.peer:
        verdict += f"  ({figure.peer.ratio:.2f} × {figure.peer.name}'s {figure.peer.value:g})"
    return figure.name, f"{figure.value:.4g} {figure.unit}".strip(), goal, verdict
