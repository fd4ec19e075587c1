"""The server killed with -9 while it applies to a world outside the database; `make bench` does it 300 times."""

from __future__ import annotations

import pytest
from bench.engine.crashes import Killing, in_doubt
from bench.engine.site import site

pytestmark = pytest.mark.slow

KILLS = 8


def test_an_apply_whose_server_is_killed_goes_on_by_itself_to_the_right_world() -> None:
    with site() as killed:
        killing = Killing(killed, KILLS, count=300)
        toll = killing.run()
        cut_off = in_doubt(list(killing.world.lines()), toll.killed)
        log = (killed.platform.home / "logs" / "server.log").read_text()
    assert len(toll.killed) == KILLS
    assert (toll.unreadable, toll.stuck, toll.astray) == (0, 0, [])
    assert cut_off > 0, "no kill fell between intent and outcome"
    assert "Traceback" not in log
