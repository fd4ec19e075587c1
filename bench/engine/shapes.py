"""Applies, plans and destroys of many resources that do nothing, beside terraform: all is the engine's own time."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from dataclasses import dataclass

from bench.engine import programs
from bench.engine.accounts import Told, spans
from bench.engine.programs import Shape
from bench.engine.quick import QUICK, say
from bench.engine.site import Site
from bench.engine.terraform import beside, measured
from bench.figures import Figure

RUNS = 3
_NAMES: dict[Shape, str] = {"independent": "independent", "layered": "in layers of 10, one reference each"}
_VERBS = {"apply": "fresh apply", "plan": "plan, nothing changed", "destroy": "destroy"}


@dataclass(frozen=True, slots=True)
class Case:
    """A shape and a size, and the most seconds that each verb should take."""

    shape: Shape
    count: int
    goals: dict[str, float | None]

    def figures(self) -> dict[str, Figure]:
        return {
            verb: Figure(f"{title}, {self.count:,} {_NAMES[self.shape]}", None, "s", self.goals[verb])
            for verb, title in _VERBS.items()
        }


CASES = (
    Case("independent", 1_000, {"apply": 1.0, "plan": 0.4, "destroy": 1.0}),
    Case("independent", 5_000, {"apply": 3.0, "plan": 0.9, "destroy": 3.0}),
    Case("layered", 1_000, {"apply": 2.0, "plan": None, "destroy": None}),
    Case("layered", 5_000, {"apply": 7.0, "plan": None, "destroy": None}),
)


def measure(site: Site, case: Case) -> Iterator[Figure]:
    """Medians of three, each with a stack of its own, so that no program's answer is remembered from before."""
    runs = [_run(site, case) for _ in range(RUNS)]
    theirs = measured(case.shape, case.count) if case.count <= 1_000 or not QUICK else {}
    for verb, figure in case.figures().items():
        ours = figure.measured(statistics.median(run[verb].seconds for run in runs))
        say(f"{verb}: {min(runs, key=lambda run: run[verb].seconds)[verb].describe()}")
        their = theirs.get(verb)
        yield beside(ours, their.seconds, note=their.note) if their else ours


def _run(site: Site, case: Case) -> dict[str, Told]:
    stack = site.module(programs.program(case.shape, case.count))
    told = {"apply": site.apply(stack)}
    say(f"apply: {spans(site.platform, stack, told['apply'].done).describe()}")
    told["plan"] = site.plan(stack)
    site.touch(stack)
    say(f"a plan after an edit that changes nothing: {site.plan(stack).describe()}")
    told["destroy"] = site.destroy(stack)
    say(f"destroy: {spans(site.platform, stack, told['destroy'].done).describe()}")
    return told
