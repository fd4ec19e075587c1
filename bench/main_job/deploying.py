"""How long a deploy takes, and what rolling updates cost those who use the service meanwhile."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Iterator

from bench.figures import Figure
from bench.main_job.applications import Orders, Single
from bench.main_job.applying_load import load_on

DEPLOYS = 5
UPDATES = 10

SECOND_DEPLOY = Figure("second deploy of a one-file service, beyond its own start", None, "s", 1.5)
LOST_GETS = Figure(f"GETs lost over {UPDATES} rolling updates", None, "", 0)
LOST_POSTS = Figure(f"POSTs lost over {UPDATES} rolling updates", None, "", 0)


def second_deploy(single: Single) -> Iterator[Figure]:
    """The median of five deploys of a changed file: from the command's start to the new version's first answer."""
    deploys = [single.deploy() for _ in range(DEPLOYS)]
    own = single.own_start(DEPLOYS)
    print(f"  deploys: {[round(seconds, 2) for seconds in deploys]} s, own start {own:.2f} s", file=sys.stderr)
    yield SECOND_DEPLOY.measured(statistics.median(deploys) - own)


def rolling_updates(orders: Orders) -> Iterator[Figure]:
    """Ten deploys of a changed source, one after the other, under load."""
    with load_on(orders.url) as load:
        for _ in range(UPDATES):
            orders.deploy()
    yield LOST_GETS.measured(load.lost("GET"))
    yield LOST_POSTS.measured(load.lost("POST"))
