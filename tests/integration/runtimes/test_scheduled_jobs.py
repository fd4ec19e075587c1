"""Scheduled jobs, with real processes: runs by the clock and by hand, their ends, and the daemon's death."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from fakes.access import OWNER, Recording
from roadbed.kit.access import Target
from roadbed.kit.errors import Conflict, NotFound
from roadbed.providers.driver import Desired
from roadbed.runtimes.errors import InvalidService
from roadbed.runtimes.scheduled import repository
from roadbed.runtimes.scheduled.recording import JOB_FAILED
from roadbed.runtimes.scheduled.service import ScheduledJobs
from roadbed.runtimes.scheduled.views import JobView, RunView
from roadbed.storage.call import Call
from runtime_site import STACK, Site
from waiting import until

KEY = f"{STACK}/report"
ORDERS = Target("application", "orders", "group:default/payments", "dev", {"kind": "development"})
WAITING = "import os, time\nprint('up')\nwhile not os.path.exists('/signs/end'): time.sleep(0.02)\nprint('done')"


def desired(site: Site, program: str = "print('reported')", **properties: Any) -> Desired:
    """One whose time comes in many years, so that a test says when."""
    given = {"job": "report", "schedule": "0 0 29 2 1#5", **properties}
    found = site.desired(1, "Job", program, **given)
    urn = f"{STACK}/web/report#runtime:ScheduledJob"
    return Desired(urn, "runtime:ScheduledJob", "report", STACK, found.properties, found.secret_paths, 1, found.owner)


@asynccontextmanager
async def asked(site: Site) -> AsyncIterator[Call]:
    async with site.tools.database.call(OWNER) as call:
        yield call


async def run(site: Site) -> RunView:
    async with asked(site) as call:
        return await site.scheduled.run(call, ORDERS, STACK, "report")


async def runs(site: Site) -> list[RunView]:
    async with asked(site) as call:
        return await site.scheduled.runs(call, ORDERS, STACK, "report")


async def job(site: Site) -> JobView:
    async with asked(site) as call:
        return await site.scheduled.job(call, ORDERS, STACK, "report")


async def states(site: Site) -> list[str]:
    return [one.state for one in await runs(site)]


async def come_to(site: Site, *wanted: str) -> list[RunView]:
    await until(_is(site, list(wanted)))
    return await runs(site)


def _is(site: Site, wanted: list[str]) -> Callable[[], Awaitable[bool]]:
    async def there() -> bool:
        return await states(site) == wanted

    return there


async def log(site: Site, number: int | None = None, *, follow: bool = False) -> list[str]:
    async with asked(site) as call:
        records = await site.scheduled.logs(call, ORDERS, STACK, "report", number, follow=follow)
    return [f"{record.replica} {record.text}" async for record in records if record.stream != "system"]


async def due(site: Site, cron: str | None = None, ago: timedelta = timedelta()) -> None:
    """Has its times since then come: by default one, that of this minute, and no other today."""
    now = site.tools.clock.now()
    async with asked(site) as call:
        row = await repository.schedule_row(call.session, KEY, lock=True)
        assert row is not None
        row.cron = cron or f"{now.minute} {now.hour} * * *"
        row.considered_until = now.replace(second=0, microsecond=0) - timedelta(seconds=1) - ago
        await site.schedules.recorder.tell(call, row)


def end(site: Site, what: Desired) -> None:
    (site.home / "builds" / what.properties["artifact"] / "signs" / "end").touch()


async def declare(site: Site, what: Desired) -> None:
    await site.scheduled_provider.create(what, site.report)


async def test_a_run_by_hand(site: Site) -> None:
    program = "import os; print(os.environ['ROADBED_JOB'], os.environ['ROADBED_RUN'], os.environ['TOKEN'])"
    await declare(site, desired(site, program, variables={"TOKEN": "hunter2hunter2"}, secret=["variables.TOKEN"]))
    begun = await run(site)
    (ended,) = await come_to(site, "succeeded")
    assert (ended.number, ended.code, ended.release, ended.asked_by, ended.attempt) == (1, 0, "v1", OWNER.name, 1)
    assert (begun.number, ended.due_at) == (1, None)
    assert await log(site) == ["report-1 report 1 ••••••"]
    assert "report runs by the clock: " in site.said[-1]
    assert "stdout report 1 ••••••" in await site.log()  # among what all of the application prints
    assert ("job.run", "application orders") in [(entry.action, entry.target) for entry in site.audit.entries]


async def test_its_time_comes_and_late_times_are_told_of(site: Site) -> None:
    await declare(site, desired(site))
    await due(site, "* * * * *", ago=timedelta(minutes=10))

    async def settled() -> bool:
        return (await states(site))[-2:] == ["succeeded", "missed"]

    await until(settled)
    last = (await runs(site))[-1]
    assert last.reason is not None
    assert re.fullmatch(
        "nobody could begin this one and (9|10) before it in time", last.reason
    )  # a minute may end here


async def test_one_that_fails_says_why_and_is_tried_again(site: Site) -> None:
    await declare(site, desired(site, "", command=["sh", "-c", "echo begun; exit 3"], retries=1))
    await run(site)
    await until(_tried(site))
    (waiting,) = await runs(site)
    assert (waiting.attempt, waiting.code, waiting.reason) == (1, 3, "exit code 3")
    async with asked(site) as call:  # nobody waits ten seconds here
        found = await repository.active(call.session, [KEY])
        row = await repository.schedule_row(call.session, KEY, lock=True)
        assert row is not None
        await repository.save_run(call.session, replace(found[0], begin_at=site.tools.clock.now()))
        await site.schedules.recorder.tell(call, row)
    (failed,) = await come_to(site, "failed")
    assert (failed.attempt, failed.code, failed.reason) == (2, 3, "exit code 3")
    assert (await log(site)).count("report-1 begun") == 2


def _tried(site: Site) -> Callable[[], Awaitable[bool]]:
    async def there() -> bool:
        return [(one.state, one.attempt) for one in await runs(site)] == [("waiting", 1)]

    return there


@pytest.mark.slow
async def test_a_command_that_is_not_there(site: Site) -> None:
    await declare(site, desired(site, "", command=["./nowhere"]))
    await run(site)
    (failed,) = await come_to(site, "failed")
    assert failed.code in {126, 127}
    assert any("nowhere" in line for line in await log(site)) or "nowhere" in (failed.reason or "")


@pytest.mark.slow
async def test_one_that_takes_too_long_is_ended(site: Site) -> None:
    await declare(site, desired(site, "import time; time.sleep(600)", timeout_s=1))
    await run(site)
    (failed,) = await come_to(site, "failed")
    assert failed.reason == "the time limit of 1 s passed"


async def test_forbid_refuses_another_one_and_skips_a_time(site: Site) -> None:
    what = desired(site, WAITING)
    await declare(site, what)
    await run(site)
    await until(_has(site, "report-1 up"))
    with pytest.raises(Conflict, match="report can't be run now: run 1 had not ended"):
        await run(site)
    await due(site)
    await until(_is(site, ["skipped", "running"]))
    end(site, what)
    await come_to(site, "skipped", "succeeded")


@pytest.mark.slow
async def test_replace_ends_the_one_before(site: Site) -> None:
    await declare(site, desired(site, WAITING, overlap="replace"))
    await run(site)
    await until(_has(site, "report-1 up"))
    await run(site)
    found = await come_to(site, "running", "stopped")
    assert found[1].reason == "the next run took its place"


@pytest.mark.slow
async def test_allow_runs_them_beside_each_other(site: Site) -> None:
    what = desired(site, WAITING, overlap="allow")
    await declare(site, what)
    await run(site)
    await run(site)
    await until(_is(site, ["running", "running"]))
    end(site, what)
    await come_to(site, "succeeded", "succeeded")


def _has(site: Site, line: str) -> Callable[[], Awaitable[bool]]:
    async def there() -> bool:
        with suppress(NotFound):  # it has not run yet
            return line in await log(site)
        return False

    return there


async def test_a_run_survives_the_daemon_and_is_not_doubled(make_site: Callable[..., Any]) -> None:
    async with make_site() as site:
        what = desired(site, WAITING)
        await declare(site, what)
        await due(site)
        await until(_has(site, "report-1 up"))
    async with make_site() as site:
        assert await states(site) == ["running"]
        end(site, what)
        await come_to(site, "succeeded")
        assert await log(site) == ["report-1 up", "report-1 done"]


@pytest.mark.slow
async def test_one_that_ended_while_there_was_no_daemon(make_site: Callable[..., Any]) -> None:
    async with make_site() as site:
        what = desired(site, WAITING)
        await declare(site, what)
        await run(site)
        await until(_has(site, "report-1 up"))
    end(site, what)
    async with make_site() as site:
        (ended,) = await come_to(site, "succeeded")
        assert ended.code == 0


@pytest.mark.slow
async def test_one_that_was_recorded_and_never_begun_is_begun_once(make_site: Callable[..., Any]) -> None:
    async with make_site() as site:
        await declare(site, desired(site))
        await site.controller.close()  # it dies before it hears of it
        await run(site)
        assert await states(site) == ["waiting"]
    async with make_site() as site:
        await come_to(site, "succeeded")
        assert await log(site) == ["report-1 reported"]


@pytest.mark.slow
async def test_a_run_goes_on_as_its_release_began_it(site: Site) -> None:
    old = desired(site, WAITING)
    await declare(site, old)
    await run(site)
    await until(_has(site, "report-1 up"))
    new = desired(site, "print('new')")
    await site.scheduled_provider.update(new, KEY, site.report)
    end(site, old)
    await come_to(site, "succeeded")
    await run(site)
    await come_to(site, "succeeded", "succeeded")
    assert await log(site, 1) == ["report-1 up", "report-1 done"]
    assert await log(site) == ["report-2 new"]


async def test_suspended_it_rests_until_it_is_resumed(site: Site) -> None:
    await declare(site, desired(site, schedule="* * * * *"))
    async with asked(site) as call:
        suspended = await site.scheduled.suspend(call, ORDERS, STACK, "report", suspended=True)
    assert (suspended.suspended, suspended.suspended_by, suspended.next_at) == (True, OWNER.name, None)
    await run(site)
    await come_to(site, "succeeded")
    async with asked(site) as call:
        resumed = await site.scheduled.suspend(call, ORDERS, STACK, "report", suspended=False)
    assert (resumed.suspended, resumed.next_at is None) == (False, False)


@pytest.mark.slow
async def test_what_the_file_suspends_is_resumed_there(site: Site) -> None:
    await declare(site, desired(site, suspended=True))
    assert (await job(site)).suspended_by == "roadbed.yaml"
    with pytest.raises(Conflict, match=r"roadbed\.yaml says that report is suspended"):
        async with asked(site) as call:
            await site.scheduled.suspend(call, ORDERS, STACK, "report", suspended=False)


@pytest.mark.slow
async def test_history_has_its_limit(site: Site) -> None:
    await declare(site, desired(site, history=2))
    for number in range(1, 4):
        await run(site)
        await until(_is(site, ["succeeded"] * min(number, 2)))
    assert [one.number for one in await runs(site)] == [3, 2]
    assert len(site.driver.known()) == 2


async def test_removed_it_ends_what_runs_and_leaves_nothing(site: Site) -> None:
    what = desired(site, WAITING)
    await declare(site, what)
    await run(site)
    await until(_has(site, "report-1 up"))
    assert await site.scheduled_provider.read(what, KEY) is not None
    await site.scheduled_provider.delete(what, KEY, site.report)
    assert await site.scheduled_provider.read(what, KEY) is None
    await until(lambda: asyncio.sleep(0, site.driver.known() == []))
    with pytest.raises(NotFound, match="orders has no job 'report'"):
        await runs(site)


@pytest.mark.slow
async def test_logs_are_followed_to_the_end_of_the_run(site: Site) -> None:
    what = desired(site, WAITING)
    await declare(site, what)
    await run(site)
    await until(_has(site, "report-1 up"))
    following = asyncio.create_task(log(site, follow=True))
    end(site, what)
    assert await following == ["report-1 up", "report-1 done"]


async def test_what_is_no_schedule_is_refused(site: Site) -> None:
    with pytest.raises(InvalidService, match="report: the minute of '61 "):
        await declare(site, desired(site, schedule="61 * * * *"))
    with pytest.raises(InvalidService, match="there is no time zone 'Mars/Olympus'"):
        await declare(site, desired(site, timezone="Mars/Olympus"))


async def test_what_is_not_there_is_said_with_the_nearest_name(site: Site) -> None:
    await declare(site, desired(site))
    async with asked(site) as call:
        with pytest.raises(NotFound) as caught:
            await site.scheduled.run(call, ORDERS, STACK, "reprot")
        assert caught.value.hint == "did you mean 'report'?"
        with pytest.raises(NotFound, match="report has no run 7"):
            await site.scheduled.logs(call, ORDERS, STACK, "report", 7)
        with pytest.raises(NotFound, match="report has not run yet"):
            await site.scheduled.logs(call, ORDERS, STACK, "report")


async def test_a_failure_is_an_event(site: Site) -> None:
    failures = site.tools.events.subscribe(subject=f"stack:{STACK}")
    await declare(site, desired(site, "", command=["false"]))
    await run(site)
    async with asyncio.timeout(20):
        found = await anext(event async for event in failures if event.type == JOB_FAILED)
    assert dict(found.data) == {"job": KEY, "owner": "group:default/payments", "run": 1, "reason": "exit code 1"}


CALLS: dict[str, tuple[str, Callable[[Site, Call], Awaitable[Any]]]] = {
    "jobs": ("application.view", lambda site, call: site.scheduled.jobs(call, ORDERS, STACK)),
    "job": ("application.view", lambda site, call: site.scheduled.job(call, ORDERS, STACK, "report")),
    "runs": ("application.view", lambda site, call: site.scheduled.runs(call, ORDERS, STACK, "report")),
    "logs": ("application.logs", lambda site, call: site.scheduled.logs(call, ORDERS, STACK, "report")),
    "run": ("job.run", lambda site, call: site.scheduled.run(call, ORDERS, STACK, "report")),
    "suspend": (
        "job.suspend",
        lambda site, call: site.scheduled.suspend(call, ORDERS, STACK, "report", suspended=True),
    ),
}


async def test_each_call_names_its_action_first(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for action, ask in CALLS.values():
        asked = Recording()
        monkeypatch.setattr(site.scheduled, "_authorise", asked)
        async with site.tools.database.session() as session:
            with suppress(NotFound):  # there is no such job, which is told to whoever may know
                await ask(site, Call(session, OWNER))
            await session.rollback()
        assert asked.asked[0] == (str(OWNER), action, "application orders")


def test_every_public_method_is_listed() -> None:
    assert {name for name in vars(ScheduledJobs) if not name.startswith("_")} == CALLS.keys()
