"""The platform's own types keep the rules, too: what the gateway, the runtime and the catalog make."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from artifacts import make_artifact
from fakes.access import allow
from fakes.audit import FakeAudit
from fakes.gateway import FakeGatewayDriver
from roadbed.audit.service import Audit
from roadbed.catalog.provider import CatalogProvider
from roadbed.catalog.service import Catalog
from roadbed.control.events import Events
from roadbed.gateway.provider import GatewayProvider
from roadbed.gateway.service import Gateway
from roadbed.kit.access import system
from roadbed.kit.clock import SystemClock
from roadbed.providers.driver import Desired
from roadbed.runtimes.provider import RuntimeProvider
from roadbed.runtimes.volumes import Volumes
from roadbed.sdk.testing import CHECKS, Case, Check
from roadbed.storage.database import Database
from runtime_site import SERVER, Site, make_runtime_site

every_check = pytest.mark.parametrize("check", CHECKS, ids=str)
pytestmark = pytest.mark.slow


@pytest.fixture
async def gateway(database: Database) -> Gateway:
    made = Gateway(FakeGatewayDriver(pool=tuple(range(21_000, 21_016))), database, allow, FakeAudit())
    await made.start()
    return made


@every_check
async def test_routes(check: Check, gateway: Gateway, database: Database) -> None:
    async def vanish(id: str) -> None:
        async with database.call(system("test")) as call:
            await gateway.remove_route(call, id)

    def host(word: str) -> dict[str, Any]:
        return {"host": f"{word}.test"}

    given = {"workload": "web", "port": "http"}
    changed = {**given, "path": "/v2", "port": 80}
    refused = [
        {**given, **one} for one in ({"host": "No Host"}, {"path": "/a b"}, {"port": "no port"}, {"workload": "?"})
    ]
    provider = GatewayProvider(gateway, database)
    await check(Case(provider, "gateway:Route", given, changed, vary=host, vanish=vanish, refused=refused))


@every_check
async def test_endpoints(check: Check, gateway: Gateway, database: Database) -> None:
    async def vanish(id: str) -> None:
        async with database.call(system("test")) as call:
            await gateway.release_endpoint(call, id)

    given, changed = {"workload": "web", "port": "http"}, {"workload": "api", "port": "http"}
    refused = [{**given, "port": "no port"}, {**given, "workload": "?"}]
    provider = GatewayProvider(gateway, database)
    await check(Case(provider, "gateway:Endpoint", given, changed, vanish=vanish, refused=refused))


@every_check
async def test_components(check: Check, database: Database) -> None:
    clock = SystemClock()
    catalog = Catalog(allow, Audit(allow, clock), Events(database), clock)

    async def vanish(id: str) -> None:
        async with database.call(system("test")) as call:
            await catalog.remove_component(call, id)

    def entity(**metadata: Any) -> dict[str, Any]:
        return {
            "entity": {
                "apiVersion": "backstage.io/v1alpha1",
                "kind": "Component",
                "metadata": {"name": "orders", **metadata},
                "spec": {"type": "service", "lifecycle": "production", "owner": "payments"},
            }
        }

    case = Case(
        CatalogProvider(catalog, database),
        "catalog:Component",
        entity(),
        entity(description="Takes orders"),
        vanish=vanish,
        refused=[{"entity": {"kind": "Component"}}],
    )
    await check(case)


@pytest.fixture
async def site(home: Path, database: Database) -> AsyncIterator[Site]:
    async with make_runtime_site(home, database) as made:
        yield made


def run(site: Site, program: str) -> dict[str, Any]:
    artifact = make_artifact(site.home, {"main.py": program}, command=["python3", "main.py"])
    return {"artifact": artifact, "variables": {"KEY": "swordfish"}}


def workload(word: str) -> dict[str, Any]:
    return {"workload": word}


WRONG_FILE = {"files": {"/etc/app": {"binary": "%"}}}
SECRET = frozenset({"variables.KEY"})


@every_check
async def test_services(check: Check, site: Site) -> None:
    given = {**run(site, SERVER), "ports": {"http": {"port": 80, "target_port": 8080}}}
    changed = {**given, "variables": {"KEY": "swordfish", "VERSION": "2"}, "replicas": 2}
    refused = [{**given, **WRONG_FILE}]
    await check(Case(site.provider, "runtime:Service", given, changed, SECRET, workload, refused=refused))


async def test_reading_a_service_shows_nothing_that_it_was_given(site: Site) -> None:
    """What a service runs is stored whole; a read opens that, and tells no more than what is no secret of any."""
    files = {"/etc/key": "tunafish"}
    given = {
        **run(site, SERVER),
        "workload": "web",
        "files": files,
        "ports": {"http": {"port": 80, "target_port": 8080}},
    }
    urn = "reading@dev/web#runtime:Service"
    desired = Desired(urn, "runtime:Service", "web", "reading@dev", given, SECRET, token="t1", release=1)
    made = await site.provider.create(desired, _silent)
    for known in (given, {"workload": "web"}):
        stored = replace(desired, properties=known, secret_paths=frozenset())
        found = await site.provider.read(stored, made.id)
        assert found is not None
        assert found.properties == {"workload": "web", "artifact": given["artifact"]}
        assert (found.outputs, found.secrets) == ({}, {})
    await site.provider.delete(desired, made.id, _silent)


async def _silent(text: str) -> None:
    assert "fish" not in text


@every_check
async def test_jobs(check: Check, site: Site) -> None:
    given = run(site, "print('done')")
    changed = {**given, "variables": {"KEY": "swordfish", "AGAIN": "1"}}
    refused = [{**given, **WRONG_FILE}]
    await check(Case(site.provider, "runtime:Job", given, changed, SECRET, workload, refused=refused))


@every_check
async def test_scheduled_jobs(check: Check, site: Site) -> None:
    given = {**run(site, "print('done')"), "workload": "web", "schedule": "0 3 * * *"}
    changed = {**given, "variables": {"KEY": "swordfish", "AGAIN": "1"}, "overlap": "allow", "timezone": "Asia/Tokyo"}
    wrong: list[dict[str, Any]] = [
        {"schedule": "61 * * * *"},
        {"schedule": "0 0 31 2 *"},
        {"timezone": "Mars/Olympus"},
        WRONG_FILE,
    ]
    refused = [{**given, **one} for one in wrong]
    await check(Case(site.scheduled_provider, "runtime:ScheduledJob", given, changed, SECRET, job, refused=refused))


def job(word: str) -> dict[str, Any]:
    return {"job": word}


@every_check
async def test_volumes(check: Check, tmp_path: Path) -> None:
    async def vanish(id: str) -> None:
        shutil.rmtree(tmp_path / "volumes" / id)

    nothing: Any = None  # a volume is a folder: nothing else of the runtime is asked
    provider = RuntimeProvider(nothing, nothing, Volumes(tmp_path), nothing, nothing)
    await check(Case(provider, "runtime:Volume", vanish=vanish))
