"""What a declaration's options do, by the real command on a real platform: to files, and by a provider that fails."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from live_platform import Done, LivePlatform, StartPlatform
from roadbed.sdk.testing.faults import LIES, WORLD, Fault, World, plugin_folder
from roadbed.storage.embedded import EmbeddedPostgres
from small_service import APPLICATION

pytestmark = pytest.mark.slow

STACK = "network@dev"
FILE = "modules/network/roadbed.py"
IMPORTS = "from roadbed.sdk import Alias, Component, Resource, export, stack\n"


@pytest.fixture(scope="module")
def provider_folder(run_folder: Path) -> Iterator[Path]:
    """Of the plugin and of its world."""
    folder = run_folder / f"plugin-{uuid4().hex[:8]}"
    folder.mkdir(mode=0o755)
    yield plugin_folder(folder)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def platform(start_platform: StartPlatform, provider_folder: Path) -> LivePlatform:
    return start_platform(**{"PYTHONPATH": str(provider_folder), WORLD: str(provider_folder / "world.sqlite")})


@pytest.fixture(scope="module")
def world(platform: LivePlatform, provider_folder: Path) -> Iterator[World]:
    world = World(provider_folder / "world.sqlite")
    yield world
    world.close()


@pytest.fixture
def network(platform: LivePlatform, world: World) -> Iterator[LivePlatform]:
    """The platform, whose one stack is gone afterwards."""
    yield platform
    world.heal()
    write(platform, "")
    platform.roadbed("apply", STACK, "--yes")
    platform.roadbed("destroy", STACK, "--yes")


def write(platform: LivePlatform, program: str, module: str = "network") -> None:
    folder = platform.home / "platform" / "modules" / module
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "roadbed.py").write_text(IMPORTS + program)


def apply(platform: LivePlatform, program: str, *words: str, module: str = "network") -> Any:
    write(platform, program, module)
    return platform.json("apply", f"{module}@dev", "--yes", *words)


def actions(platform: LivePlatform, program: str, *words: str) -> dict[str, str]:
    """What a plan would do: name → action."""
    write(platform, program)
    return {step["name"]: step["action"] for step in platform.json("plan", STACK, *words)["steps"]}


def refused(platform: LivePlatform, program: str, code: int, *says: str) -> None:
    """Neither planned nor applied, and the state is what it was."""
    write(platform, program)
    before = platform.items("stack", "show", STACK)
    told(platform.roadbed("plan", STACK, ok=False), code, *says)
    told(platform.roadbed("apply", STACK, "--yes", ok=False), code, *says)
    assert platform.items("stack", "show", STACK) == before


def told(done: Done, code: int, *parts: str) -> None:
    """That it ended with `code` and said this, without anything for programmers."""
    assert done.code == code, done.stderr
    for part in parts:
        assert part in done.stderr, done.stderr
    for word in ("Traceback", "roadbed.kit", "bug in the roadbed"):
        assert word not in done.stderr + done.stdout


def files(platform: LivePlatform) -> Path:
    """The folder in which relative paths of files are; there already, whichever test is the first."""
    folder = platform.home / "files"
    folder.mkdir(exist_ok=True)
    return folder


def file(name: str, content: str = "x", options: str = "", path: str | None = None) -> str:
    return f"Resource('file:File', {name!r}, path={(path or name)!r}, content={content!r}, {options})\n"


def test_protect(network: LivePlatform) -> None:
    apply(network, file("kept", options="protect=True"))
    refused(network, file("kept", path="elsewhere", options="protect=True"), 2, f"{FILE}:2", "protect")
    refused(network, "", 2, f"{FILE}:2", "protect")
    told(network.roadbed("destroy", STACK, "--yes", ok=False), 2, f"{FILE}:2", "protect")
    told(network.roadbed("plan", STACK, "--replace", "kept", ok=False), 2, "protect")
    assert (files(network) / "kept").exists()
    apply(network, file("kept"))
    apply(network, "")
    assert not (files(network) / "kept").exists()


def test_retain_on_delete(network: LivePlatform) -> None:
    apply(network, file("left", options="retain_on_delete=True") + file("gone"))
    assert actions(network, "") == {"left": "retain", "gone": "delete"}
    network.roadbed("apply", STACK, "--yes")
    assert (files(network) / "left").exists()
    assert not (files(network) / "gone").exists()
    assert network.items("stack", "show", STACK) == []
    (files(network) / "left").unlink()


def test_import_shows_what_will_change_and_takes_over(network: LivePlatform) -> None:
    there = files(network) / "there"
    there.write_text("as somebody made it\n")
    program = file("there", "as declared\n", f"import_={str(there)!r}")
    write(network, program)
    planned = network.roadbed("plan", STACK)
    assert "= there  file:File" in planned.stdout
    assert "- as somebody made it" in planned.stdout
    assert "+ as declared" in planned.stdout
    assert there.read_text() == "as somebody made it\n"
    network.roadbed("apply", STACK, "--yes")
    assert there.read_text() == "as declared\n"
    assert network.roadbed("plan", STACK, "--refresh").stdout.startswith("Nothing to change")
    refused(network, program + file("none", "", f"import_={str(there)!r} + 'x'"), 2, f"{FILE}:3", "no such thing")


def test_aliases_components_and_moves(network: LivePlatform) -> None:
    """The resource is the same all along: by an alias, into a component, and by the command."""
    apply(network, file("old"))
    made = (files(network) / "old").stat().st_ino
    apply(network, file("new", options="aliases=['old']", path="old"))
    component = "group = Component('acme:Group', 'group')\nwith group:\n"
    inside = "    " + file("new", options="aliases=[Alias(parent='')]", path="old")
    assert actions(network, component + inside) == {"group": "create"}
    network.roadbed("apply", STACK, "--yes")
    assert [item["urn"] for item in network.items("stack", "show", STACK)] == [
        "network@dev/group#acme:Group",
        "network@dev/group/new#file:File",
    ]
    inside = "    " + file("newer", path="old")
    network.roadbed("stack", "move", STACK, "group/new", "--to", "group/newer", "--yes")
    assert actions(network, component + inside) == {}
    renamed = component.replace("'group')", "'crowd', aliases=['group'])")
    assert actions(network, renamed + inside) == {}
    network.roadbed("apply", STACK, "--yes")
    assert (files(network) / "old").stat().st_ino == made
    assert [item["urn"] for item in network.items("stack", "show", STACK)] == [
        "network@dev/crowd#acme:Group",
        "network@dev/crowd/newer#file:File",
    ]


def test_ignored_and_replacing_changes(network: LivePlatform) -> None:
    apply(network, file("a", "1") + file("b", "1") + "Resource('test:Twin', 'c', place='here')\n")
    program = file("a", "2", "ignore_changes=['content']") + file("b", "2", "replace_on_changes=['content']")
    twin = "Resource('test:Twin', 'c', place='there', delete_before_replace=True)\n"
    assert actions(network, program + twin) == {"b": "replace", "c": "replace"}
    shown = network.roadbed("plan", STACK).stdout
    assert "-/+ b" in shown
    assert "-/+ c" in shown
    network.roadbed("apply", STACK, "--yes")
    assert [(files(network) / name).read_text() for name in "ab"] == ["1", "2"]


def test_timeouts(network: LivePlatform, world: World) -> None:
    world.fail("slow", "hang", action="create", times=20)
    write(network, "Resource('test:Thing', 'slow', timeouts={'create': 0.5})\n" + file("quick"))
    told(network.roadbed("apply", STACK, "--yes", ok=False), 1, "slow", "timed out after 0.5 s")
    assert (files(network) / "quick").exists()
    world.heal()
    network.roadbed("apply", STACK, "--yes")
    assert len(world.things) == 1


@pytest.mark.parametrize("fault", [*(lie for lie in LIES if lie != "lie_changed"), "error", "bug", "lost_error"])
def test_a_provider_that_lies_or_fails(network: LivePlatform, world: World, fault: Fault) -> None:
    """One message, the rest is done, the state is true, and the next apply mends it without making anything twice."""
    world.fail("bad", fault, action="create")
    write(network, "Resource('test:Thing', 'bad', value=1)\n" + file("good"))
    failed = network.roadbed("apply", STACK, "--yes", ok=False)
    broke = {
        "error": "the world refuses bad",
        "bug": "the provider of test:Thing network@dev/bad failed: RuntimeError",
        "lost_error": "the connection broke",
    }
    told(failed, 1, broke.get(fault, "the provider 'test' broke the contract of test:Thing"), f"{FILE}:2")
    assert "key-of-" not in failed.stderr + failed.stdout
    assert (files(network) / "good").exists()
    network.roadbed("apply", STACK, "--yes")
    assert len(world.things) == 1
    assert network.roadbed("plan", STACK).stdout.startswith("Nothing to change")


def test_exports_stay_while_somebody_uses_them(network: LivePlatform) -> None:
    producer = file("zone", "example.com") + "export('zone', 'example.com')\n"
    apply(network, producer)
    consumer = (
        "Resource('core:Data', 'site', input=stack('network')['zone'])\nexport('zone', stack('network')['zone'])\n"
    )
    apply(network, consumer, module="site")
    try:
        write(network, file("zone", "example.com"))
        for words in (("plan", STACK), ("apply", STACK, "--yes"), ("destroy", STACK, "--yes")):
            told(network.roadbed(*words, ok=False), 1, "zone", "site@dev")
        assert network.roadbed("stack", "outputs", STACK, "zone").stdout.strip() == "example.com"
        apply(network, producer.replace("'example.com')\n", "'example.org')\n"))
        apply(network, consumer, module="site")
        assert network.roadbed("stack", "outputs", "site@dev", "zone").stdout.strip() == "example.org"
    finally:
        network.roadbed("destroy", "site@dev", "--yes")
    apply(network, file("zone", "example.com"))


def tampered(platform: LivePlatform, statement: str) -> None:
    """What somebody does in the platform's own database."""
    sockets = platform.home / "postgres" / "platform" / "socket"
    with psycopg.connect(f"postgresql://roadbed@/roadbed?host={sockets}", autocommit=True) as connection:
        connection.execute(statement.encode())


@pytest.mark.parametrize("change", ["replace(body::text, 'as planned', 'as edited')", "'{}'", "'{\"steps\": [7]}'"])
def test_a_plan_that_was_changed_by_hand(network: LivePlatform, change: str) -> None:
    write(network, file("plain", "as planned"))
    number = network.json("plan", STACK)["number"]
    where = f"stack = '{STACK}' AND number = {number}"
    tampered(network, f"UPDATE plans SET body = ({change})::json WHERE {where}")
    says = f"plan {number} of {STACK} was changed after it was made"
    told(network.roadbed("apply", STACK, "--plan", str(number), "--yes", ok=False), 3, says, "make a new plan")
    answer = network.api("POST", f"/stacks/{STACK}/plans/{number}/apply")
    assert (answer.status, answer.json["code"]) == (403, "plan_changed")
    assert not (files(network) / "plain").exists()
    network.roadbed("apply", STACK, "--yes")
    assert (files(network) / "plain").read_text() == "as planned"


@pytest.fixture
def outside(run_folder: Path) -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL server that the platform does not run, with an administrator."""
    server = EmbeddedPostgres(run_folder / f"outside-{uuid4().hex[:6]}", name="outside", tcp_port=0, durable=False)
    asyncio.run(server.start())
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute("CREATE ROLE admin LOGIN CREATEDB CREATEROLE PASSWORD 's3cret-of-the-admin'")
    yield server
    asyncio.run(server.stop())


def databases(server: EmbeddedPostgres) -> set[str]:
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        rows = connection.execute("SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres'")
        return {row[0] for row in rows}


def test_a_provider_of_its_own(platform: LivePlatform, outside: EmbeddedPostgres) -> None:
    """The database is made on the server that `provider=` names, with a secret that an operator set."""
    folder = platform.folder / "crm"
    folder.mkdir()
    (folder / "roadbed.yaml").write_text(APPLICATION.replace("{name}", "crm"))
    (folder / "roadbed.py").write_text(IMPORTS + "export('kind', 'crm')\n")
    platform.roadbed("deploy", folder)
    program = (
        "from roadbed.sdk import export, secret\n"
        "from roadbed.sdk.types import postgres\n"
        f"server = postgres.Server('outside', host='127.0.0.1', port={outside.port}, username='admin',\n"
        "    password=secret('ADMIN_PASSWORD'))\n"
        "db = postgres.Database('customers', provider=server)\n"
        "export('database', db.name)\n"
    )
    (folder / "roadbed.py").write_text(program)
    told(platform.roadbed("deploy", folder, ok=False), 2, "crm has no secret 'ADMIN_PASSWORD'", "roadbed.py:3")
    platform.roadbed("config", "crm", "set", "ADMIN_PASSWORD=s3cret-of-the-admin", "--secret")
    deployed = platform.roadbed("deploy", folder)
    made = platform.roadbed("stack", "outputs", "crm@dev", "database").stdout.strip()
    assert databases(outside) == {made}
    assert platform.roadbed("plan", "crm@dev", "--refresh").stdout.startswith("Nothing to change")
    plan = platform.roadbed("plan", "crm@dev", "--detail", "-o", "json").stdout
    state = platform.roadbed("stack", "export", "crm@dev").stdout
    for text in (deployed.stdout, deployed.stderr, plan, state, platform.log):
        assert "s3cret-of-the-admin" not in text
    platform.roadbed("destroy", "crm", "--yes")
    assert databases(outside) == set()
