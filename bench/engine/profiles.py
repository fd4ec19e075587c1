"""Where a server's CPU goes while it plans, applies and destroys: samples of a server that carries the profiler."""

from __future__ import annotations

import json
import os
import signal
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.engine import programs
from bench.engine.quick import say
from bench.engine.site import Site
from bench.figures import Figure
from bench.platform import wait_for

COUNT = 5_000
OUT = Path(__file__).parents[1] / "out" / "engine_profile.json"
_TOP = 16
_OWN = "roadbed."


@dataclass(frozen=True, slots=True)
class Samples:
    """Stacks with how often each was seen, outermost function first."""

    found: tuple[tuple[tuple[str, ...], int], ...]

    @property
    def total(self) -> int:
        return sum(count for _, count in self.found) or 1

    def by_module(self) -> dict[str, float]:
        """Shares of the platform's innermost module: what it calls of libraries is its own."""
        return self._shares((_innermost(stack),) for stack, _ in self.found)

    def by_function(self) -> dict[str, float]:
        """Shares of the platform's functions with all that they call, so that they overlap."""
        return self._shares({frame for frame in stack if frame.startswith(_OWN)} for stack, _ in self.found)

    def _shares(self, names: Iterable[Iterable[str]]) -> dict[str, float]:
        counted: Counter[str] = Counter()
        for (_, count), those in zip(self.found, names, strict=True):
            for name in those:
                counted[name] += count
        return {name: round(count / self.total, 3) for name, count in counted.most_common(_TOP)}


def profile(site: Site) -> Iterator[Figure]:
    """Tells; it gives no figure."""
    said: dict[str, Any] = {}
    for shape in ("independent", "layered"):
        stack = site.module(programs.program(shape, COUNT))
        for verb, work in (("apply", site.apply), ("plan", site.plan), ("destroy", site.destroy)):
            if (shape, verb) == ("layered", "plan"):
                continue
            found = _sampled(site, lambda: work(stack))  # noqa: B023 - called at once
            title = f"{verb}, {COUNT:,} {shape}"
            said[title] = {"samples": found.total, "modules": found.by_module(), "functions": found.by_function()}
            _tell(title, found)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(said, indent=2) + "\n")
    yield from ()


def _sampled(site: Site, work: Callable[[], object]) -> Samples:
    _samples(site)
    work()
    return _samples(site)


def _samples(site: Site) -> Samples:
    """Since the last time."""
    file = site.folder / "profile.json"
    file.unlink(missing_ok=True)
    os.kill(site.platform.server_pid(), signal.SIGUSR2)
    wait_for(file.exists, "the profile")
    return Samples(tuple((tuple(one["stack"]), one["count"]) for one in json.loads(file.read_text())))


def _tell(title: str, found: Samples) -> None:
    say(f"{title}: {found.total} samples, one every 10 ms of the server's CPU")
    for name, share in found.by_module().items():
        say(f"  {share:6.1%}  {name.removeprefix(_OWN)}")
    for name, share in found.by_function().items():
        say(f"  {share:6.1%}  … {name.removeprefix(_OWN)} with what it calls")


def _innermost(stack: tuple[str, ...]) -> str:
    for frame in reversed(stack):
        if frame.startswith(_OWN):
            return frame.partition(":")[0]
    return stack[-1].partition(":")[0].partition(".")[0] if stack else "?"
