"""All 300 kills, however short the run of everything else is."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from bench.engine import crashes
from bench.engine.measurements import kills
from bench.engine.site import site
from bench.figures import Measurement

KILLS = 300
PLANNED = crashes.figures(KILLS)


def measurements() -> Iterator[Measurement]:
    with site() as killed:
        yield Measurement(f"{KILLS} kills of the server", partial(kills, killed, KILLS))
