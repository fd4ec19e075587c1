"""Services of real processes, moved from one release to the next."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from fakes.access import OWNER
from roadbed.runtimes import spec
from roadbed.runtimes.domain import Endpoint
from roadbed.runtimes.errors import RolloutFailed
from roadbed.runtimes.probes import connects
from runtime_site import SERVER, Site
from waiting import until

STACK = "orders@dev"


def shim_of(site: Site, id_: str) -> int:
    state = site.driver._state(id_)
    assert state is not None
    return int(state["pid"])


async def test_a_first_release_an_update_and_the_end(site: Site) -> None:
    await site.apply(site.desired(1))
    assert await site.answers() == ["1", "1"]
    first = site.routed()
    replicas = await site.replicas()
    assert [(r.state, r.release, r.restarts) for r in replicas] == [("ready", "v1", 0)] * 2
    assert all(r.memory_mb and r.endpoint and r.endpoint.startswith("127.0.0.1:") for r in replicas)

    second = site.desired(2, variables={"VERSION": "2"})
    await site.apply(second)
    assert await site.answers() == ["2", "2"]
    await site.provider.settle(second, "orders@dev/web", site.report)
    assert {r.release for r in await site.replicas()} == {"v2"}
    assert [ids for _, ids in site.gateway.history] == [first, site.routed()]  # never a mixture, never less
    assert "2 of 2 new replicas of web are ready" in site.said or "0 of 2 new replicas of web are ready" in site.said

    await site.provider.delete(second, "orders@dev/web", site.report)
    assert await site.provider.read(second, "orders@dev/web") is None
    assert site.driver.known() == []
    assert site.routed() == ()


async def test_the_same_again_changes_nothing(site: Site) -> None:
    desired = site.desired(1)
    await site.apply(desired)
    before = site.routed()
    await site.apply(replace(desired, release=2))
    assert site.routed() == before
    assert len(site.gateway.history) == 1


async def test_scaling_keeps_what_runs(site: Site) -> None:
    desired = site.desired(1)
    await site.apply(desired)
    first = set(site.routed())
    await site.apply(replace(desired, properties={**desired.properties, "replicas": 3}))
    assert len(site.routed()) == 3
    assert first < set(site.routed())
    await site.apply(replace(desired, properties={**desired.properties, "replicas": 1}))
    await until(lambda: len(site.routed()) == 1)
    await until(lambda: _count(site, 1))
    assert set(site.routed()) < first


async def _count(site: Site, n: int) -> bool:
    return len(await site.replicas()) == n


async def test_a_mark_restarts_it(site: Site) -> None:
    desired = site.desired(1)
    await site.apply(desired)
    first = set(site.routed())
    await site.apply(replace(desired, properties={**desired.properties, "restarted_at": "2026-01-01T00:00:00Z"}))
    assert len(site.routed()) == 2
    assert not first & set(site.routed())


async def test_a_process_that_ends_at_once_fails_the_release_and_says_why(site: Site) -> None:
    await site.apply(site.desired(1))
    before = (site.routed(), [r.name for r in await site.replicas()])
    broken = site.desired(
        2,
        program="import os; raise SystemExit('no ' + os.environ['KEY'])",
        variables={"KEY": "hunter22"},
        secret=["variables.KEY"],
    )
    with pytest.raises(RolloutFailed) as failure:
        await site.apply(broken)
    message = failure.value.message
    assert "web did not start: a new replica ended 3 times before it was ready (exit code 1)" in message
    assert message.endswith("it last wrote:\n  no ••••••\n  no ••••••\n  no ••••••")
    await until(lambda: _count(site, 2))
    assert (site.routed(), [r.name for r in await site.replicas()]) == before
    assert len(site.gateway.history) == 1
    assert await site.answers() == ["1", "1"]
    async with site.tools.database.call(OWNER) as call:
        (view,) = await site.runtimes.services(call, STACK)
        newest, *_ = await site.runtimes.rollouts(call, STACK)
    assert (view.health, view.release, newest.outcome) == ("healthy", "v1", "failed")


async def test_a_probe_that_never_succeeds_fails_the_release(make_site: Callable[..., Any]) -> None:
    async with make_site(deadline_s=3) as site:
        probe = {"httpGet": {"path": "/health", "port": 8080}}
        with pytest.raises(RolloutFailed) as failure:
            await site.apply(site.desired(1, variables={"ANSWER": "503"}, readiness=probe))
        assert "2 of 2 new replicas did not become ready within 3 s (GET /health answered 503)" in str(failure.value)
        assert "  serving 1" in str(failure.value)
        await until(lambda: _count(site, 0))
        assert site.routed() == ()


async def test_a_replica_that_is_killed_is_started_again(site: Site) -> None:
    await site.apply(site.desired(1))
    victim, *_ = site.driver.known()
    os.kill(shim_of(site, victim), signal.SIGKILL)
    await until(lambda: len(site.routed()) == 1)
    await until(lambda: len(site.routed()) == 2)
    assert f"{victim}.2" in site.routed()
    assert sorted(r.restarts for r in await site.replicas()) == [0, 1]
    assert await site.answers() == ["1", "1"]


async def test_replicas_survive_the_daemon_and_it_finds_them(make_site: Callable[..., Any]) -> None:
    async with make_site() as site:
        await site.apply(site.desired(1))
        pids = {id_: shim_of(site, id_) for id_ in site.driver.known()}
        address = [Endpoint(b.host, b.port) for b in site.gateway.backends["orders@dev/web"]]
    victim = min(pids)
    os.kill(pids[victim], signal.SIGKILL)  # one ends while nobody looks
    assert (await connects(address[0])).good or (await connects(address[1])).good
    async with make_site() as site:
        await until(lambda: f"{victim}.2" in site.routed())
        other = max(pids)
        assert shim_of(site, other) == pids[other]
        assert f"{other}.1" in site.routed()
        await site.apply(site.desired(2, variables={"VERSION": "2"}))
        assert await site.answers() == ["2", "2"]


async def test_an_update_goes_on_after_the_daemons_death(make_site: Callable[..., Any]) -> None:
    async with make_site() as site:
        await site.apply(site.desired(1))
        desired = site.desired(2, program=f"import time; time.sleep(1)\n{SERVER}", variables={"VERSION": "2"})
        async with site.tools.database.call(OWNER) as call:
            workload = spec.workload_of(desired.properties, desired.secret_paths)
            await site.declarations.declare(call, "orders@dev/web", workload, replicas=2, release=2, owner=None)
        await until(lambda: len(site.driver.known()) == 4)
    async with make_site() as site:
        await site.apply(desired)
        assert await site.answers() == ["2", "2"]
        await site.provider.settle(desired, "orders@dev/web", site.report)
        assert len(await site.replicas()) == 2


async def test_when_everything_was_killed_it_comes_back(make_site: Callable[..., Any]) -> None:
    async with make_site() as site:
        await site.apply(site.desired(1))
        for id_ in site.driver.known():
            os.kill(shim_of(site, id_), signal.SIGKILL)
    async with make_site() as site:
        await until(lambda: all(name.endswith(".2") for name in site.routed()) and len(site.routed()) == 2)
        assert await site.answers() == ["1", "1"]


async def test_a_gateway_that_is_down_delays_and_breaks_nothing(site: Site) -> None:
    await site.apply(site.desired(1))
    before = site.routed()
    site.gateway.down = True
    second = site.desired(2, variables={"VERSION": "2"})
    waiting = asyncio.create_task(site.apply(second))
    await until(lambda: len(site.driver.known()) == 4)
    assert site.routed() == before
    assert await site.answers() == ["1", "1"]
    site.gateway.down = False
    await waiting
    assert await site.answers() == ["2", "2"]


async def test_a_worker_without_ports_needs_no_gateway(site: Site) -> None:
    await site.apply(site.desired(1, program="import time; print('working'); time.sleep(600)", ports=None))
    assert site.gateway.history == []
    assert [r.endpoint for r in await site.replicas()] == [None, None]


async def test_exec_probes_and_liveness(site: Site) -> None:
    program = "import os, time; open('/tmp/well', 'w').close(); time.sleep(0.3); print('up'); time.sleep(600)"
    probe = {"exec": {"command": ["test", "-e", "/tmp/well"]}}
    await site.apply(site.desired(1, program=program, ports=None, replicas=1, readiness=probe, liveness=probe))
    assert [r.state for r in await site.replicas()] == ["ready"]


async def test_logs_of_all_replicas_by_time_also_of_those_that_ended(site: Site) -> None:
    await site.apply(site.desired(1, variables={"KEY": "sesame99"}, secret=["variables.KEY"]))
    second = site.desired(2, variables={"VERSION": "2"})
    await site.apply(second)
    await site.provider.settle(second, "orders@dev/web", site.report)
    lines = await site.log()
    assert lines.count("stdout serving 1 ••••••") == 2
    assert lines.count("stdout serving 2 ") == 2
    assert lines[:2] == ["stdout serving 1 ••••••"] * 2
    assert await site.log(1) == lines[-1:]


async def test_following_a_log_shows_what_comes(site: Site) -> None:
    await site.apply(site.desired(1, replicas=1))
    async with site.tools.database.call(OWNER) as call:
        records = await site.runtimes.logs(call, STACK, n=10, follow=True)
    assert (await anext(records)).text == "serving 1 "
    await site.apply(site.desired(2, replicas=1, variables={"VERSION": "2"}))
    seen = []
    while "serving 2 " not in seen:
        seen.append((await anext(records)).text)
    await records.aclose()
