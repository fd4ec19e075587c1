"""Jobs, run once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from roadbed.runtimes.errors import JobFailed
from runtime_site import Site
from waiting import until


async def test_a_job_that_ends_well(site: Site) -> None:
    desired = site.desired(1, "Job", "print('migrated')")
    actual = await site.provider.create(desired, site.report)
    assert actual.outputs == {"exit_code": 0}
    assert "stdout migrated" in await site.log()


async def test_asked_again_it_is_not_run_twice_but_an_update_runs_it(site: Site) -> None:
    desired = site.desired(1, "Job", "print('once')")
    await site.apply(desired)
    await site.apply(desired)
    assert (await site.log()).count("stdout once") == 1
    await site.provider.update(replace(desired, release=2), desired.urn, site.report)
    assert (await site.log()).count("stdout once") == 2


@pytest.mark.parametrize(
    ("secret_paths", "called"),
    [((), "the release command `sh -c 'echo begun; exit 3'` of web"), (("command.2",), "the release command of web")],
)
async def test_a_job_that_fails_says_why(site: Site, secret_paths: tuple[str, ...], called: str) -> None:
    desired = site.desired(1, "Job", "", command=["sh", "-c", "echo begun; exit 3"])
    with pytest.raises(JobFailed) as failure:
        await site.apply(replace(desired, name="release", secret_paths=frozenset(secret_paths)))
    assert failure.value.message == f"{called} ended with exit code 3; it last wrote:\n  begun"


async def test_a_job_that_takes_too_long_is_ended(site: Site) -> None:
    with pytest.raises(JobFailed, match="time limit of 1 s"):
        await site.apply(site.desired(1, "Job", "import time; time.sleep(600)", timeout_s=1))


async def test_a_job_survives_the_daemon(make_site: Callable[..., Any]) -> None:
    program = "import os, time\nprint('up')\nwhile not os.path.exists('/signs/end'): time.sleep(0.02)\nprint('done')"
    async with make_site() as site:
        desired = site.desired(1, "Job", program)
        waiting = asyncio.create_task(site.apply(desired))
        await until(lambda: _has(site, "stdout up"))
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    async with make_site() as site:
        again = asyncio.create_task(site.apply(desired))
        (site.home / "builds" / desired.properties["artifact"] / "signs" / "end").touch()
        await again
        assert (await site.log()).count("stdout up") == 1
        assert "stdout done" in await site.log()


async def _has(site: Site, line: str) -> bool:
    return line in await site.log()


async def test_deleting_a_job_removes_its_traces(site: Site) -> None:
    desired = site.desired(1, "Job", "print('once')")
    await site.apply(desired)
    await site.provider.delete(desired, desired.urn, site.report)
    assert site.driver.known() == []
