"""In which order things are measured."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from bench.figures import Measurement
from bench.platform import fresh_platform
from bench.self_service import adding, judging, publishing

PLANNED = (adding.ADDED, adding.LOST, judging.JUDGED, judging.PLANNED, publishing.IMPACT)


def measurements() -> Iterator[Measurement]:
    """The platform runs from the first measurement that needs it to the last."""
    yield Measurement("policies on a large stack", judging.judging)
    with fresh_platform() as platform:
        yield Measurement("policies in a plan", partial(judging.planning, platform))
        yield Measurement("databases added under load", partial(adding.adding, adding.Shop(platform)))
        yield Measurement("a building block of many stacks", partial(publishing.publishing, platform))
