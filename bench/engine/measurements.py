"""In which order things are measured: the quick and exact first, what disturbs later measurements after them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from bench.engine import crashes, growth, load, memory, profiles, shapes, terraform_crashes
from bench.engine.quick import QUICK, say
from bench.engine.site import Site, site
from bench.engine.terraform import beside, version
from bench.figures import Figure, Measurement

KILLS = 20 if QUICK else 300

PLANNED = (
    *(figure for case in shapes.CASES for figure in case.figures().values()),
    memory.PEAK,
    growth.EXPONENT,
    growth.LARGEST,
    load.IDEAL,
    load.ARITHMETIC,
    load.AT_ONCE,
    load.AGAINST_ONE,
    load.SCAN,
    *crashes.figures(KILLS),
)


def measurements() -> Iterator[Measurement]:
    """A platform for the figures, one that carries the profiler, one to be killed."""
    if version() is None:
        say("there is no terraform here: its column stays empty")
    elif QUICK:
        say("a short run: terraform at 1,000 only")
    with site() as measured:
        for case in shapes.CASES:
            yield Measurement(f"{case.count:,} {case.shape}", partial(shapes.measure, measured, case))
        yield Measurement("memory", partial(memory.peak, measured))
        yield Measurement("a slow provider", partial(load.slow_provider, measured))
        yield Measurement("a drift scan", partial(load.drift, measured))
        yield Measurement("many stacks at once", partial(load.many_stacks, measured))
        yield Measurement("growth", partial(growth.cost, measured))
    with site(profiled=True) as sampled:
        yield Measurement("where the server's time goes", partial(profiles.profile, sampled))
    with site() as killed:
        yield Measurement(f"{KILLS} kills of the server", partial(kills, killed, KILLS))


def kills(killed: Site, number: int) -> Iterator[Figure]:
    """With terraform's lost states beside ours, where it is installed: of 20, as a share of as many."""
    lost, *others = crashes.proof(killed, number)
    if version() is not None:
        theirs = terraform_crashes.lost_states()
        lost = beside(lost, theirs, note=f", of {terraform_crashes.KILLS} kills,")
    yield lost
    yield from others
