"""The program host: provisioners answer requests, and what goes wrong in them comes back with the user's line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from roadbed.sdk.contracts import CONTRACTS

POSTGRES = """
from roadbed.sdk import policy, provisioner
from roadbed.sdk.types import gateway, postgres

@provisioner("postgres")
def local(request):
    database = postgres.Database(request.name)
    return {
        "host": database.host, "port": database.port, "name": database.name, "database": database.name,
        "username": database.username, "password": f"x{database.password}",
    }

@provisioner("route")
def route(request):
    gateway.Route(request.name, host=request.params["host"], workload=request.workload, port="http")
"""


def ask(folder: Path, request: dict[str, Any]) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-I", "-m", "roadbed.sdk.host"],
        input=json.dumps({"version": 1, "programs": str(folder), **request}),
        capture_output=True,
        text=True,
        check=True,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def provision(folder: Path, *requests: dict[str, Any]) -> dict[str, Any]:
    return ask(
        folder,
        {
            "kind": "provision",
            "stack": "orders@dev",
            "application": "orders",
            "environment": "dev",
            "environment_kind": "development",
            "requests": list(requests),
        },
    )


PLACE = {"file": "score.yaml", "line": 14, "column": 3}


def wanted(type: str, uid: str, **more: Any) -> dict[str, Any]:
    return {"uid": uid, "type": type, "name": uid, "workload": "web", **more}


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    folder = tmp_path / "provisioners"
    folder.mkdir()
    (folder / "defaults.py").write_text(POSTGRES)
    return folder


def test_provisioners_declare_resources_and_return_outputs(programs: Path) -> None:
    host = {"$join": ["www.", {"$output": ["db", "host"]}]}
    answer = provision(programs, wanted("postgres", "db"), wanted("route", "web", params={"host": host}))
    database, route = answer["graph"]["resources"]
    assert database["urn"] == "orders@dev/web/db#postgres:Database"
    assert database["source"] == {"file": "provisioners/defaults.py", "line": 7}
    assert route["properties"]["host"] == {"$join": ["www.", {"$ref": [database["urn"], "host"]}]}
    assert answer["outputs"]["db"]["host"] == {"$ref": [database["urn"], "host"]}
    assert answer["provisioners"]["db"] == "provisioners/defaults.py:5"
    assert answer["made"] == {"db": [database["urn"]], "web": [route["urn"]]}


def test_a_resource_comes_from_where_it_was_asked_for(programs: Path) -> None:
    answer = provision(programs, wanted("postgres", "db", source=PLACE))
    (database,) = answer["graph"]["resources"]
    assert database["source"] == {"file": "score.yaml", "line": 14}
    assert database["declared_by"] == {"file": "provisioners/defaults.py", "line": 7}


def test_what_was_made_for_each_is_told_where_one_line_asks_for_several(programs: Path) -> None:
    answer = provision(programs, wanted("postgres", "db", source=PLACE), wanted("postgres", "other", source=PLACE))
    urns = [f"orders@dev/web/{name}#postgres:Database" for name in ("db", "other")]
    assert answer["made"] == {"db": urns[:1], "other": urns[1:]}


def test_the_most_specific_provisioner_wins(programs: Path) -> None:
    (programs / "special.py").write_text(
        "from roadbed.sdk import provisioner\n"
        "from roadbed.sdk.contracts import CONTRACTS\n"
        "@provisioner('postgres', environments='dev')\n"
        "def special(request):\n    return dict.fromkeys(CONTRACTS['postgres'].outputs, 'special')\n"
    )
    assert provision(programs, wanted("postgres", "db"))["outputs"]["db"]["host"] == "special"


def test_a_tie_names_both_with_file_and_line(programs: Path) -> None:
    (programs / "other.py").write_text(
        "from roadbed.sdk import provisioner\n\n\n@provisioner('postgres')\ndef other(request):\n    return {}\n"
    )
    error = provision(programs, wanted("postgres", "db", source=PLACE))["error"]
    both = "provisioners/defaults.py:5 and provisioners/other.py:4"
    assert error["message"] == f"2 provisioners are equally right for 'postgres' in dev: {both}"
    assert (error["file"], error["line"]) == ("score.yaml", 14)


@pytest.mark.parametrize(
    ("type", "outputs", "problem"),
    [
        ("redis", "{'host': 'a', 'port': 1}", "leaves out username, password"),
        (
            "redis",
            "{'host': 'a', 'port': 1, 'username': 'u', 'password': 'p', 'url': 'x'}",
            "adds 'url'",
        ),
        (
            "redis",
            "{'hots': 'a', 'port': 1, 'username': 'u', 'password': 'p'}",
            "leaves out host and adds 'hots' (is that 'host'?)",
        ),
        ("dns", "None", "leaves out host"),
    ],
)
def test_outputs_are_held_against_the_contract_of_the_type(
    programs: Path, type: str, outputs: str, problem: str
) -> None:
    (programs / "cut.py").write_text(
        f"from roadbed.sdk import provisioner\n\n@provisioner('{type}')\ndef cut(request):\n    return {outputs}\n"
    )
    error = provision(programs, wanted(type, "it", source=PLACE))["error"]
    assert error["message"] == f"the provisioner cut of '{type}' {problem}"
    assert (error["file"], error["line"]) == ("provisioners/cut.py", 3)


def test_a_type_of_the_platforms_own_returns_what_it_likes(programs: Path) -> None:
    (programs / "own.py").write_text(
        "from roadbed.sdk import provisioner\n@provisioner('mail')\ndef own(request):\n    return {'from': 'x'}\n"
    )
    assert provision(programs, wanted("mail", "it"))["outputs"]["it"] == {"from": "x"}


@pytest.mark.parametrize("path", ["/", ""])
def test_two_routes_for_the_same_requests_are_refused(programs: Path, path: str) -> None:
    (programs / "paths.py").write_text(
        "from roadbed.sdk import provisioner\nfrom roadbed.sdk.types import gateway\n"
        "@provisioner('route', environments='dev')\ndef paths(request):\n"
        "    gateway.Route(request.name, workload='web', port='http', **request.params)\n"
    )
    first = wanted("route", "one", params={"host": "A.test", "path": f"/api{path}"})
    inside = wanted("route", "two", params={"host": "a.test", "path": "/api/v1"})
    assert "error" not in provision(programs, first, inside)
    error = provision(programs, first, inside, wanted("route", "three", params=first["params"], source=PLACE))["error"]
    assert "two routes are for the same host and the path /api" in error["message"]
    assert (error["file"], error["line"]) == ("score.yaml", 14)


FAILURES = [
    ("a tie", "@provisioner('postgres')\ndef other(request):\n    return {}\n", "equally right", None),
    ("raises", "@provisioner('postgres', environments='dev')\ndef bad(request):\n    1 / 0\n", "ZeroDivisionError", 4),
    ("does not parse", "def broken(:\n", "SyntaxError", 2),
    (
        "branches on a reference",
        "from roadbed.sdk.types import postgres\n@provisioner('postgres', environments='dev')\n"
        "def bad(request):\n    if postgres.Database('db').host == 'x':\n        return {}\n",
        "can't be compared",
        5,
    ),
    ("returns no map", "@provisioner('postgres', environments='dev')\ndef bad(request):\n    return 3\n", "int", 2),
    (
        "takes nothing",
        "@provisioner('postgres', environments='dev')\ndef bad():\n    return {}\n",
        "the provisioner bad takes (nothing), and is called with (request)",
        2,
    ),
    ("names no type", "@provisioner\ndef bad(request):\n    return {}\n", "@provisioner is given no name", 2),
]


@pytest.mark.parametrize(("name", "program", "message", "line"), FAILURES, ids=[case[0] for case in FAILURES])
def test_a_failing_program_is_answered_with_its_line(
    programs: Path, name: str, program: str, message: str, line: int | None
) -> None:
    (programs / "failing.py").write_text(f"from roadbed.sdk import provisioner\n{program}")
    error = provision(programs, wanted("postgres", "db"))["error"]
    assert message in error["message"]
    if line is not None:
        assert (error["file"], error["line"]) == ("provisioners/failing.py", line)


def test_a_type_that_nobody_offers_names_the_nearest(programs: Path) -> None:
    error = provision(programs, wanted("postgress", "db"))["error"]
    assert error["message"] == "no provisioner offers 'postgress' in dev"
    assert error["hint"].startswith("did you mean 'postgres'?")
    assert error["hint"].endswith("docs/guides/write-a-provisioner.md")


@pytest.mark.parametrize("type", ["amqp", "mysql", "mssql", "mongodb", "kafka-topic", "elasticsearch"])
def test_a_type_of_scores_that_nothing_satisfies_says_what_would(programs: Path, type: str) -> None:
    error = provision(programs, wanted(type, "it", source=PLACE))["error"]
    assert error["message"] == f"no provisioner offers {type!r} in dev"
    assert f"adds a provisioner, and its outputs are {', '.join(CONTRACTS[type].outputs)}" in error["hint"]
    assert error["line"] == 14


def test_a_type_that_is_offered_elsewhere_says_so(programs: Path) -> None:
    (programs / "big.py").write_text(
        "from roadbed.sdk import provisioner\n@provisioner('mysql', resource_class='large')\n"
        "def big(request):\n    return {}\n"
    )
    error = provision(programs, wanted("mysql", "db", **{"class": "small"}))["error"]
    assert error["message"] == "no provisioner offers 'mysql' of class small in dev"
    assert error["hint"].startswith("those that offer 'mysql' are for other environments, classes or ids")


def test_what_is_wrong_with_a_policy_is_told_at_its_line(tmp_path: Path) -> None:
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "bad.py").write_text("from roadbed.sdk import policy\n@policy('p')\ndef bad(thing):\n    yield 'a'\n")
    answer = ask(folder, {"kind": "policies", "packs": [{"name": "local", "folder": str(folder)}]})
    assert answer == {
        "policies": [],
        "problems": [
            {
                "pack": "local",
                "message": "the policy bad takes (thing), and is called with (resource, context)",
                "hint": "write: def bad(resource, context)",
                "file": "policies/bad.py",
                "line": 2,
            }
        ],
    }


def test_what_a_program_prints_does_not_spoil_the_answer(programs: Path) -> None:
    (programs / "chatty.py").write_text("print('hello')\n")
    assert "graph" in provision(programs, wanted("postgres", "db"))


AT = {"file": "roadbed.yaml", "line": 6, "column": 12}
BUCKET = """\
from roadbed.sdk import provisioner
@provisioner('bucket', params={'versioned': bool})
def bucket(request):
    assert request.params['versioned'] is True, 'this is not called with it'
"""


def test_a_param_of_a_wrong_type_is_refused_at_its_place(programs: Path) -> None:
    (programs / "bucket.py").write_text(BUCKET)
    asked = wanted("bucket", "exports", params={"versioned": "maybe"}, source=PLACE, places={"versioned": AT})
    error = provision(programs, asked)["error"]
    assert error == {
        "message": "params.versioned of exports must be true or false, not 'maybe'",
        "hint": "write true or false",
        **AT,
    }


def test_a_param_that_is_unknown_is_noted_at_its_place(programs: Path) -> None:
    (programs / "bucket.py").write_text(BUCKET)
    given = {"versioned": True, "verisoned": True, "foo": "bar"}
    asked = wanted("bucket", "exports", params=given, source=PLACE, places={"verisoned": AT})
    assert provision(programs, asked)["notes"] == [
        {"message": "params.verisoned of exports is not in force here (is that 'versioned'?)", **AT},
        {"message": "params.foo of exports is not in force here", **PLACE},
    ]


def test_a_provisioner_that_does_not_say_takes_any_param(programs: Path) -> None:
    assert provision(programs, wanted("postgres", "db", params={"foo": "bar"}))["notes"] == []


def test_all_that_is_refused_is_told_at_once_and_what_only_needs_it_is_not(programs: Path) -> None:
    (programs / "more.py").write_text(
        "from roadbed.sdk import provisioner\n"
        "@provisioner('tied')\ndef one(request):\n    return {}\n"
        "@provisioner('tied')\ndef two(request):\n    return {}\n"
        "@provisioner('box', params={'size': int, 'open': bool})\ndef box(request):\n    return {}\n"
    )
    after = {"host": {"$join": ["http://", {"$output": ["db", "host"]}]}}
    error = provision(
        programs,
        wanted("postgress", "db", source=PLACE),
        wanted("tied", "tie", source={**PLACE, "line": 15}),
        wanted("box", "crate", params={"size": "big", "open": 1}, source={**PLACE, "line": 16}),
        wanted("route", "needs db", params=after),
        wanted("postgres", "fine"),
    )["error"]
    assert error["message"] == "orders asks for what it can't be given here: 4 problems"
    assert [(each["message"].partition(":")[0], each["line"]) for each in error["problems"]] == [
        ("no provisioner offers 'postgress' in dev", 14),
        ("2 provisioners are equally right for 'tied' in dev", 15),
        ("params.size of crate must be a whole number, not 'big'", 16),
        ("params.open of crate must be true or false, not 1", 16),
    ]
