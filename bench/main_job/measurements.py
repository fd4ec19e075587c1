"""In which order things are measured: what disturbs later measurements comes after them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from bench.figures import Measurement
from bench.main_job import commands, crashes, deploying, footprint
from bench.main_job.applications import Orders, Single
from bench.platform import fresh_platform

PLANNED = (
    deploying.SECOND_DEPLOY,
    deploying.LOST_GETS,
    deploying.LOST_POSTS,
    crashes.REPLICA_LOST_GETS,
    crashes.REPLICA_BACK,
    crashes.DAEMON_LOST,
    crashes.DEPLOY_LOST,
    crashes.DEPLOY_UNFINISHED,
    crashes.DEPLOY_INCONSISTENT,
    commands.HELP,
    commands.APPS,
    commands.SDK,
    footprint.MEMORY,
    footprint.CPU,
    footprint.UP,
    footprint.VENV,
)


def measurements() -> Iterator[Measurement]:
    """The platform runs from the first measurement that needs it to the last."""
    yield Measurement("the import of the SDK", commands.sdk_import)
    yield Measurement("the size of the environment", footprint.venv_size)
    with fresh_platform() as platform:
        orders, single = Orders(platform), Single(platform)
        yield Measurement("deploys of a one-file service", partial(deploying.second_deploy, single))
        yield Measurement("the times of commands", partial(commands.command_times, platform))
        yield Measurement("the platform at rest", partial(footprint.at_rest, platform))
        yield Measurement("starts of the platform", partial(footprint.starts, platform))
        yield Measurement("rolling updates under load", partial(deploying.rolling_updates, orders))
        yield Measurement("a replica killed under load", partial(crashes.killed_replica, platform, orders))
        yield Measurement("the daemon killed under load", partial(crashes.killed_daemon, platform, orders))
        yield Measurement("the daemon killed in mid-deploy", partial(crashes.killed_in_mid_deploy, platform, orders))
