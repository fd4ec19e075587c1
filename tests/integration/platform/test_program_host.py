"""The platform team's programs, run alone: what they may, what they can't, and what is said when they go wrong."""

from __future__ import annotations

from dataclasses import replace
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

import roadbed.sdk
from roadbed.kit.errors import InvalidInput
from roadbed.platform.host import ProgramHost
from roadbed.platform.packs import GROUP, installed_packs, local_packs
from roadbed.platform.repo import PlatformRepo
from roadbed.sandbox import detect
from roadbed.sdk.contracts import CONTRACTS

ROUTE = {"host": {"$output": ["dns.default#web.dns", "host"]}, "port": "http"}

PORTS = {"http": {"port": 80, "target_port": 8080}}
UNSATISFIED = ("amqp", "elasticsearch", "kafka-topic", "mongodb", "mssql", "mysql")


def _request(*requests: dict[str, Any]) -> dict[str, Any]:
    return {
        "stack": "orders@dev",
        "application": "orders",
        "environment": "dev",
        "environment_kind": "development",
        "owner": "group:default/payments",
        "variables": {"LOG_LEVEL": "debug"},
        "services": {"web": PORTS, "worker": {"grpc": {"port": 9000, "target_port": 9001}}},
        "requests": [
            {
                "uid": f"{one['type']}.default#web.{one['type']}",
                "class": "default",
                "id": None,
                "name": one["type"],
                "workload": "web",
                "params": {},
                "workloads": ["web", "worker"],
                "ports": PORTS,
                **one,
            }
            for one in requests
        ],
    }


@pytest.fixture
def repo(home: Path) -> PlatformRepo:
    repo = PlatformRepo(home / "platform")
    repo.ensure()
    return repo


def _add(repo: PlatformRepo, body: str) -> None:
    head = 'from roadbed.sdk import provisioner\n@provisioner("x")\ndef x(request):\n'
    (repo.folder / "provisioners/x.py").write_text(head + body)


async def test_the_starter_satisfies_its_types(repo: PlatformRepo) -> None:
    answer = await ProgramHost(repo).ask(
        "provision",
        _request(
            {"type": "postgres"},
            {"type": "dns"},
            {"type": "route", "params": ROUTE},
            {"type": "service-port", "params": {"workload": "worker", "port": 9000}},
        ),
    )
    database, route, endpoint = answer["graph"]["resources"]
    assert database["urn"] == "orders@dev/web/postgres#postgres:Database"
    assert route["properties"] == {"host": "orders.dev.localhost", "path": "/", "port": "http", "workload": "web"}
    assert endpoint["properties"] == {"workload": "worker", "port": "grpc"}
    assert database["source"]["file"] == "provisioners/defaults.py"
    outputs = answer["outputs"]["postgres.default#web.postgres"]
    assert outputs["password"] == {"$ref": [database["urn"], "password"]}
    assert set(outputs) == {"host", "port", "name", "database", "username", "password"}


async def test_the_starter_keeps_every_contract_that_it_satisfies(repo: PlatformRepo) -> None:
    ports = {"service-port": {"workload": "worker", "port": "grpc"}, "route": ROUTE}
    named = {"service": {"workload": "worker"}, "endpoint": {"workload": "worker", "port": 9000}}
    offered = [name for name in CONTRACTS if name not in UNSATISFIED]
    wanted = [{"type": name, "params": {**ports, **named}.get(name, {})} for name in offered]
    answer = await ProgramHost(repo).ask("provision", _request(*wanted))
    outputs = {uid.partition(".")[0]: given for uid, given in answer["outputs"].items()}
    assert {name: CONTRACTS[name].problem(outputs[name]) for name in offered} == dict.fromkeys(offered)
    assert outputs["environment"] == {"LOG_LEVEL": "debug"}
    assert {"$ref": ["orders@dev/web/endpoint#gateway:Endpoint", "port"]} in outputs["endpoint"]["url"]["$join"]
    assert "orders@dev/web/nats#nats:Account" in [one["urn"] for one in answer["graph"]["resources"]]


async def test_a_service_is_the_workload_that_the_resource_is_called_after(repo: PlatformRepo) -> None:
    answer = await ProgramHost(repo).ask("provision", _request({"type": "service", "id": "shop.worker"}))
    (endpoint,) = answer["graph"]["resources"]
    assert endpoint["properties"] == {"workload": "worker", "port": "grpc"}


async def test_a_wrong_param_is_told_at_its_place(repo: PlatformRepo) -> None:
    params = {"workload": "worker", "port": 1}
    places = {name: {"file": "score.yaml", "line": 9, "column": 4 + at} for at, name in enumerate(params)}
    with pytest.raises(InvalidInput) as caught:
        await ProgramHost(repo).ask("provision", _request({"type": "service-port", "params": params, "places": places}))
    assert str(caught.value).startswith("score.yaml:9:5: ")


@pytest.mark.parametrize(
    ("one", "message", "hint"),
    [
        ({"type": "service"}, "there is no workload 'service'", "there are: web, worker"),
        ({"type": "service-port", "params": {"workload": "worker", "port": 1}}, "has no port '1'", "are: grpc"),
        ({"type": "mysql"}, "no provisioner offers 'mysql' in dev", "docs/guides/write-a-provisioner.md"),
        ({"type": "route"}, "resource 'route' of type 'route' needs the param 'host'", "params: {host: …}"),
        ({"type": "route", "params": {"host": "a", "port": "ftp"}}, "has no port 'ftp'", "are: http"),
        (
            {"type": "service-port", "params": {"workload": "wep", "port": 1}},
            "there is no workload 'wep'",
            "web, worker",
        ),
        ({"type": "route", "workload": ""}, "no workload asks for it", "the Score file of the workload"),
        ({"type": "postgre"}, "no provisioner offers 'postgre' in dev", "did you mean 'postgres'?"),
    ],
)
async def test_a_wrong_request_is_refused(repo: PlatformRepo, one: dict[str, Any], message: str, hint: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        await ProgramHost(repo).ask("provision", _request(one))
    assert message in caught.value.message
    assert hint in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("body", "message", "line"),
    [
        ("    return {}[1]\n", "KeyError: 1", 4),
        ("    return 1 +\n", "SyntaxError", 4),
        ("    import os; os._exit(3)\n", "ended with code 3", None),
        ("    import sys; sys.exit(3)\n", "sys.exit(3)", 4),
        ("    import os; os.write(3, b'x')\n", "can't be read", None),
        ("    bytearray(2**30)\n", "MemoryError", 4),
        ("    return {'a': 'x' * 20_000_000}\n", "larger than 1 MB", 2),
    ],
)
async def test_what_goes_wrong_ends_in_the_users_own_line(
    repo: PlatformRepo, body: str, message: str, line: int | None
) -> None:
    _add(repo, body)
    with pytest.raises(InvalidInput) as caught:
        await ProgramHost(repo).ask("provision", _request({"type": "x"}))
    assert message in caught.value.message
    assert caught.value.problem.line == line
    assert caught.value.problem.file == ("provisioners/x.py" if line else None)


async def test_a_program_that_does_not_end_is_ended(repo: PlatformRepo) -> None:
    _add(repo, "    while True: pass\n")
    with pytest.raises(InvalidInput, match=r"did not end within 0\.5 s"):
        await ProgramHost(repo, timeout_s=0.5).ask("provision", _request({"type": "x"}))


@pytest.mark.skipif(not detect.isolation().sandbox, reason="this machine forbids sandboxes")
async def test_a_program_sees_nothing_of_the_platform(repo: PlatformRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROADBED_SECRET", "hidden")
    (repo.folder.parent / "secret.key").write_text("hidden")
    _add(
        repo,
        "    import os, socket\n"
        f"    seen = {{'home': os.path.exists({str(repo.folder.parent)!r}), 'environment': sorted(os.environ)}}\n"
        "    try: socket.create_connection(('1.1.1.1', 53), 1)\n"
        "    except OSError as error: seen['network'] = error.strerror\n"
        "    try: open(__file__, 'w')\n"
        "    except OSError as error: seen['write'] = error.strerror\n"
        "    return seen\n",
    )
    answer = await ProgramHost(repo).ask("provision", _request({"type": "x"}))
    assert answer["outputs"]["x.default#web.x"] == {
        "home": False,
        "environment": ["LC_ALL"],
        "network": "Network is unreachable",
        "write": "Read-only file system",
    }


async def test_an_answer_is_remembered_until_the_programs_change(repo: PlatformRepo) -> None:
    _add(repo, "    import os; return {'pid': os.urandom(8).hex()}\n")
    host = ProgramHost(repo)
    first = await host.ask("provision", _request({"type": "x"}))
    first["outputs"].clear()
    second = await host.ask("provision", _request({"type": "x"}))
    third = await host.ask("provision", _request({"type": "x"}))
    assert second == third
    assert second["outputs"]
    _add(repo, "    return {'new': True}\n")
    changed = await host.ask("provision", _request({"type": "x"}))
    assert changed["outputs"]["x.default#web.x"] == {"new": True}


def _open_to_all(file: Path) -> bool:
    return file.exists() and all(folder.stat().st_mode & 0o005 == 0o005 for folder in file.resolve().parents)


async def test_where_the_kernel_forbids_sandboxes_programs_run_all_the_same(repo: PlatformRepo) -> None:
    pythons = [python for python in (detect.host().python, "/usr/bin/python3") if _open_to_all(Path(python))]
    if not pythons or not _open_to_all(Path(roadbed.sdk.__file__)):
        pytest.skip("the user as whom programs run can't reach Python or the SDK here")
    host = ProgramHost(repo, machine=replace(detect.host(), bwrap=None, python=pythons[0]))
    _add(repo, "    return {}[1]\n")
    answer = await host.ask("provision", _request({"type": "dns"}))
    assert answer["provisioners"]["dns.default#web.dns"].startswith("provisioners/defaults.py:")
    with pytest.raises(InvalidInput, match=r"^provisioners/x\.py:4: KeyError: 1"):
        await host.ask("provision", _request({"type": "x"}))


async def test_the_packs_that_ship_judge(repo: PlatformRepo) -> None:
    request = {
        "stack": "orders@prod",
        "environment": "prod",
        "environment_kind": "production",
        "application": "orders",
        "settings": {"replicas-in-production": {"level": "advisory", "config": {}}},
        "resources": [["orders@prod/web#runtime:Service", "runtime:Service", "web", {"replicas": 1}, None]],
    }
    packs = installed_packs()
    assert {pack.name for pack in packs} >= {"security", "reliability", "cost", "ownership"}
    answer = await ProgramHost(repo).ask("judge", request, packs)
    (verdict,) = answer["verdicts"]
    assert (verdict["policy"], verdict["pack"]) == ("replicas-in-production", "reliability")
    assert verdict["message"] == "web runs with 1 replica"


async def test_the_packs_that_ship_keep_to_their_cases_in_the_sandbox(repo: PlatformRepo) -> None:
    found = await ProgramHost(repo).ask("examples", {}, installed_packs())
    assert found["problems"] == []
    assert [case for case in found["cases"] if case["wrong"]] == []


def test_the_starter_brings_no_pack_of_its_own(repo: PlatformRepo) -> None:
    assert local_packs(repo.programs("policies")) == []


def _offer(folder: Path, name: str) -> EntryPoint:
    """A package that is installed in a folder of its own, and offers a pack."""
    files = {
        "pack.yaml": f"name: {name}\nversion: 1.2.0\ndescription: What ours wants.\n",
        "__init__.py": "",
        "limits.py": "MOST = 3\n",
        "rules.py": (
            "from roadbed.sdk import policy\n"
            "from ours_of_policies.limits import MOST\n"
            "@policy('few', level='mandatory', reason='It costs.', remedy='have fewer')\n"
            "def few(resource, context):\n"
            "    if resource.properties['count'] > MOST:\n"
            "        yield f'{resource.name} has {resource.properties[\"count\"]}'\n"
        ),
    }
    package = folder / "ours_of_policies"
    package.mkdir()
    package.chmod(0o755)
    for file, text in files.items():
        (package / file).write_text(text)
    return EntryPoint(name, "ours_of_policies", GROUP)


async def test_an_installed_pack_judges(repo: PlatformRepo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    packs = installed_packs([_offer(tmp_path, "ours")])
    assert [(pack.name, pack.version, pack.description) for pack in packs] == [("ours", "1.2.0", "What ours wants.")]
    host = ProgramHost(repo)
    described = await host.ask("policies", {}, packs)
    (policy,) = described["policies"]
    assert (policy["name"], policy["pack"], policy["file"]) == ("few", "ours", "ours_of_policies/rules.py")
    request = {
        "stack": "orders@dev",
        "environment": "dev",
        "environment_kind": "development",
        "settings": {"few": {"level": "mandatory", "config": {}}},
        "resources": [["u", "a:B", "one", {"count": 4}], ["v", "a:B", "two", {}]],
    }
    answer = await host.ask("judge", request, packs)
    assert [verdict["message"] for verdict in answer["verdicts"]] == [
        "one has 4",
        "the policy failed at ours_of_policies/rules.py:5, and could not judge: KeyError: 'count'",
    ]
    assert answer["verdicts"][1]["broken"] == {"file": "ours_of_policies/rules.py", "line": 5}


def test_a_pack_that_cannot_be_read_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    entry = _offer(tmp_path, "ours")
    (tmp_path / "ours_of_policies" / "pack.yaml").write_text("name: theirs\nversion: 1\n")
    gone = EntryPoint("gone", "there_is_no_such_package", GROUP)
    assert installed_packs([entry, gone]) == []
