"""Applications that declare infrastructure in Python, by the real command: beside Score files, alone, and wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from live_platform import Done, LivePlatform, StartPlatform, call
from small_service import APPLICATION, SmallService

pytestmark = pytest.mark.slow

PROGRAM = """\
from roadbed.sdk import Resource, context, export

zone = Resource("core:Data", "zone", input=f"{context.stack}.example.com")
hosts = Resource("file:File", "hosts", path=f"{context.stack}/hosts", content=f"gateway.{zone.output}\\n")
export("hosts_file", hosts.path)
"""


@pytest.fixture(scope="module")
def platform(start_platform: StartPlatform) -> Iterator[LivePlatform]:
    platform = start_platform(ROADBED_RUNTIMES__DEADLINE_S="20")
    yield platform
    assert "Traceback" not in platform.log


def written(platform: LivePlatform, name: str, program: str = PROGRAM) -> Path:
    """The source of an application that has a program and nothing else."""
    folder = platform.folder / name
    folder.mkdir(exist_ok=True)
    (folder / "roadbed.yaml").write_text(APPLICATION.replace("{name}", name))
    (folder / "roadbed.py").write_text(program)
    return folder


def told(done: Done, code: int, *parts: str) -> None:
    """That it ended with `code` and said this, without anything for programmers."""
    assert done.code == code, done.stderr
    for part in parts:
        assert part in done.stderr, done.stderr
    for word in ("Traceback", "roadbed.kit", "roadbed/sdk", "bug in the roadbed", "/programs/"):
        assert word not in done.stderr + done.stdout, done.stderr


def hosts_file(platform: LivePlatform, stack: str) -> Path:
    return Path(platform.roadbed("stack", "outputs", stack, "hosts_file").stdout.strip())


def everything(platform: LivePlatform, stack: str) -> list[Any]:
    """What there is of a stack, and its releases: what a wrong program must leave as it is."""
    name = stack.partition("@")[0]
    return [
        platform.items("stack", "show", stack),
        platform.items("stack", "history", stack),
        platform.items("stack", "outputs", stack),
        platform.items("releases", name),
    ]


def test_a_program_beside_a_score_file(platform: LivePlatform) -> None:
    """Its stack is planned, applied and destroyed by its name as any other: from the source of the release in force."""
    service = SmallService("parcels", platform.folder / "parcels")
    service.write()
    (service.folder / "roadbed.py").write_text(PROGRAM)
    deployed = platform.json("deploy", service.folder)
    assert (deployed["release"], deployed["status"]) == ("v1", "succeeded")
    assert call(deployed["url"]).body == b"1"
    hosts = hosts_file(platform, "parcels@dev")
    assert hosts.read_text() == "gateway.parcels@dev.example.com\n"
    types = {item["type"] for item in platform.items("stack", "show", "parcels@dev")}
    assert types >= {"core:Data", "file:File", "runtime:Service", "gateway:Route", "catalog:Component"}
    assert platform.roadbed("plan", "parcels@dev", "--refresh").stdout.startswith("Nothing to change")

    (service.folder / "roadbed.py").write_text(PROGRAM.replace("gateway", "changed"))
    hosts.unlink()
    planned = platform.roadbed("plan", "parcels@dev", "--refresh")
    assert "+ hosts  file:File  roadbed.py:4" in planned.stdout
    platform.roadbed("apply", "parcels@dev", "--refresh", "--yes")
    assert hosts.read_text() == "gateway.parcels@dev.example.com\n"
    assert [item["release"] for item in platform.items("releases", "parcels")] == ["v1"]
    assert call(deployed["url"]).body == b"1"

    platform.roadbed("deploy", service.folder)
    assert hosts.read_text() == "changed.parcels@dev.example.com\n"
    platform.roadbed("rollback", "parcels")
    assert hosts.read_text() == "gateway.parcels@dev.example.com\n"

    platform.roadbed("destroy", "parcels@dev", "--yes")
    assert not hosts.exists()
    assert "parcels" not in [item["application"] for item in platform.items("apps")]
    told(platform.roadbed("plan", "parcels@dev", ok=False), 4, "parcels@dev")


def test_a_database_that_is_no_longer_declared_is_not_deleted_unasked(platform: LivePlatform) -> None:
    folder = written(platform, "archive")
    program = (folder / "roadbed.py").read_text()
    (folder / "roadbed.py").write_text(
        f'{program}\nfrom roadbed.sdk.types import postgres\n\npostgres.Database("kept")\n'
    )
    platform.roadbed("deploy", folder)
    (folder / "roadbed.py").write_text(program)
    planned = platform.roadbed("plan", folder)
    assert "deletes the data in it" in planned.stdout
    assert "roadbed deploy --delete-data" in planned.stderr
    refused = platform.roadbed("deploy", folder, ok=False)
    told(refused, 1, "this would delete kept (postgres:Database)", "roadbed deploy --delete-data")

    def types() -> set[str]:
        return {item["type"] for item in platform.items("stack", "show", "archive@dev")}

    assert "postgres:Database" in types()
    (folder / "roadbed.py").write_text(program.replace("gateway", "changed"))
    platform.roadbed("deploy", folder, "--delete-data")
    assert "postgres:Database" not in types()

    platform.roadbed("rollback", "archive", "v1")  # makes the database anew: what was in it is gone
    assert "postgres:Database" in types()
    platform.roadbed("rollback", "archive", "v2")
    assert "postgres:Database" in types(), "going back deletes no data"
    platform.roadbed("destroy", "archive", "--yes")


def test_a_program_alone(platform: LivePlatform) -> None:
    folder = written(platform, "network")
    planned = platform.roadbed("plan", folder)
    assert "+ hosts  file:File  roadbed.py:4" in planned.stdout
    assert "network" not in [item["application"] for item in platform.items("apps")]

    deployed = platform.json("deploy", folder)
    assert (deployed["release"], deployed["status"], deployed["url"]) == ("v1", "succeeded", None)
    assert hosts_file(platform, "network@dev").exists()
    assert platform.items("ps", "network") == []
    entity = platform.api("GET", "/catalog/entities/component/default/network").json
    assert "infrastructure" in json.dumps(entity)
    again = platform.json("deploy", folder)
    assert (again["release"], again["status"]) == ("v1", "unchanged")
    platform.roadbed("destroy", "network", "--yes")


def test_what_is_declared_otherwise_is_in_force_though_nothing_is_done(platform: LivePlatform) -> None:
    """An option or an export alone: the state is rewritten, and the next plan is made from the new source."""
    folder = written(platform, "ledger")
    platform.roadbed("deploy", folder)
    written(platform, "ledger", PROGRAM.replace('\\n")', '\\n", protect=True)'))
    planned = platform.roadbed("plan", folder)
    assert planned.stdout.endswith("What the state says of some is recorded anew.\n")
    deployed = platform.json("deploy", folder)
    assert (deployed["release"], deployed["status"]) == ("v2", "succeeded")
    assert platform.roadbed("plan", "ledger@dev").stdout.startswith("Nothing to change")
    refused = platform.roadbed("destroy", "ledger@dev", "--yes", ok=False)
    told(refused, 2, "protect", "roadbed.py:4")
    told(platform.roadbed("destroy", "ledger", "--yes", ok=False), 2, "protect", "roadbed.py:4")
    assert hosts_file(platform, "ledger@dev").exists()

    written(platform, "ledger", PROGRAM + "export('zone', zone.output)\n")
    assert "zone" in platform.roadbed("plan", folder).stdout
    deployed = platform.json("deploy", folder)
    assert (deployed["release"], deployed["status"]) == ("v3", "succeeded")
    assert platform.roadbed("stack", "outputs", "ledger@dev", "zone").stdout.strip() == "ledger@dev.example.com"
    platform.roadbed("config", "ledger", "set", "NOTHING=changes")
    assert platform.roadbed("stack", "outputs", "ledger@dev", "zone").stdout.strip() == "ledger@dev.example.com"
    platform.roadbed("destroy", "ledger", "--yes")


WRONG = {
    "raises": ("def broken():\n    raise ValueError('no luck')\nbroken()\n", ("roadbed.py:7", "ValueError: no luck")),
    "is no Python": ("x = = 1\n", ("roadbed.py:6", "SyntaxError")),
    "ends the process": ("import sys\nsys.exit(0)\n", ("roadbed.py:7", "the program ended itself")),
    "kills the process": ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n", ("roadbed.py ended with code",)),
    "reads what it may not": ("open('/etc/shadow').read()\n", ("roadbed.py:6", "No such file", "its own folder")),
    "reads another's": (
        "from pathlib import Path\nlist(Path('/programs').parent.glob('*'))\nopen('/proc/1/environ').read()\n",
        ("roadbed.py:8",),
    ),
    "uses the network": (
        "import socket\nsocket.create_connection(('127.0.0.1', 22), 1)\n",
        ("roadbed.py:7",),
    ),
    "eats memory": ("x = [b'x' * 2**20 for _ in range(10**6)]\n", ("roadbed.py:6", "memory")),
    "loops for ever": ("while True:\n    pass\n", ("roadbed.py:", "did not end within 15 s", "endless loop")),
    "prints gigabytes": ("while True:\n    print('x' * 1000)\n", ("roadbed.py:7", "printed more than 1 MB")),
    "writes gigabytes past print": (
        "import os\nwhile True:\n    os.write(2, b'x' * 2**20)\n",
        ("roadbed.py:8", "wrote more than 64 MB"),
    ),
    "has a wrong type": (
        "Resource('file:File', 'bad', path=7, content='x')\n",
        ("roadbed.py:6", "path", "7 is not of type 'string'"),
    ),
    "has an unknown property": ("Resource('core:Data', 'bad', inptu=1)\n", ("roadbed.py:6", "did you mean 'input'")),
    "has an unknown type": ("Resource('cora:Data', 'bad')\n", ("roadbed.py:6", "cora:Data", "core:Data")),
    "says a name twice": (
        "Resource('core:Data', 'zone')\n",
        ("roadbed.py:6", "declared twice", "declared first in roadbed.py:3"),
    ),
    "has a cycle": (
        "from roadbed.sdk import Reference\n"
        "URN = f'{context.stack}/%s#core:Data'\n"
        "Resource('core:Data', 'one', input=Reference(URN % 'three', 'output'))\n"
        "Resource('core:Data', 'two', input=Reference(URN % 'one', 'output'))\n"
        "Resource('core:Data', 'three', input=Reference(URN % 'two', 'output'))\n",
        ("/one#core:Data", "/two#core:Data", "/three#core:Data", "roadbed.py:"),
    ),
    "refers to nothing": (
        "from roadbed.sdk import Reference\n"
        "Resource('core:Data', 'one', input=Reference(f'{context.stack}/zoen#core:Data', 'output'))\n",
        ("roadbed.py:7", "zoen#core:Data, which is not declared", "did you mean", "zone#core:Data"),
    ),
    "refers to no output": ("Resource('core:Data', 'one', input=zone.outptu)\n", ("roadbed.py:6", "outptu", "output")),
    "uses an export that there isn't": (
        "from roadbed.sdk import stack\nResource('core:Data', 'one', input=stack('nobody')['id'])\n",
        ("roadbed.py:7", "nobody@dev exports no 'id'"),
    ),
    "compares what isn't known": (
        "if zone.output == 'x': pass\n",
        ("roadbed.py:6", "'output' of accounts@dev/zone#core:Data can't be compared"),
    ),
    "has a property that is too large": (
        "Resource('core:Data', 'large', input='x' * 3_000_000)\n",
        ("roadbed.py:6", "large"),
    ),
    "has a property of 200 MB": ("Resource('core:Data', 'large', input='x' * 200_000_000)\n", ("roadbed.py:6",)),
    "has many large ones": (
        "for i in range(100):\n    Resource('core:Data', f'large-{i}', input='x' * 900_000)\n",
        ("declared more than 64 MB",),
    ),
}


@pytest.fixture(scope="module")
def accounts(platform: LivePlatform) -> Path:
    """Deployed rightly."""
    folder = written(platform, "accounts")
    platform.roadbed("deploy", folder)
    return folder


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_program_changes_nothing(platform: LivePlatform, accounts: Path, what: str) -> None:
    before = everything(platform, "accounts@dev")
    text, says = WRONG[what]
    written(platform, "accounts", PROGRAM + text)
    told(platform.roadbed("plan", accounts, ok=False), 2, *says)
    told(platform.roadbed("deploy", accounts, ok=False), 2, *says)
    assert everything(platform, "accounts@dev") == before


def test_a_wrong_program_of_something_new_leaves_nothing(platform: LivePlatform) -> None:
    folder = written(platform, "unmade", PROGRAM + "raise ValueError('no luck')\n")
    told(platform.roadbed("deploy", folder, ok=False), 2, "roadbed.py:6", "no luck")
    machine = platform.roadbed("plan", folder, "-o", "json", ok=False)
    assert (machine.code, machine.stdout) == (2, "")
    assert "unmade" not in [item["application"] for item in platform.items("apps")]
    assert "unmade@dev" not in [item["stack"] for item in platform.items("stack", "list")]
