"""Where each resource and variable comes from."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from roadbed.delivery import compiler
from roadbed.delivery.at_start import not_taken
from roadbed.delivery.domain import Settings
from roadbed.delivery.explanation import explain
from roadbed.delivery.explanation_schema import PAGE, text
from roadbed.delivery.schemas import ExplanationOut
from roadbed.delivery.surroundings import Surroundings
from roadbed.kit.names import StackName
from roadbed.workload.files import from_mapping
from roadbed.workload.source import read_source

FILES = {
    "score.yaml": """\
apiVersion: score.dev/v1b1
metadata: {name: web, team: payments}
containers:
  main:
    image: .
    variables:
      LEVEL: info
      TEAM: ${metadata.team}
      DB: postgres://${resources.db.password}@${resources.db.host}/
      OWN: score
resources:
  db: {type: postgres, id: main-db}
""",
    "roadbed.yaml": """\
apiVersion: roadbed.dev/v1
kind: Application
metadata: {name: shop}
workloads: {web: {scale: {min: 2}, domains: [shop.example.com]}}
resources:
  main-db: {type: postgres, params: {extensions: [citext]}}
environments:
  prod:
    variables: {LEVEL: warn}
""",
}
UID = "postgres.default#main-db"
DATABASE = "shop@prod/shared/main-db#postgres:Database"


def explained(settings: Settings | None = None, environment: str = "prod") -> dict[str, Any]:
    source = read_source(from_mapping(FILES), environment)
    around = Surroundings(
        StackName("shop", environment), "production", None, "", settings or Settings(), {"REGION": "eu"}
    )
    assert [one["uid"] for one in compiler.provision_request(source, around)["requests"]] == [UID]
    outputs = {"host": "db.example.com", "password": {"$ref": [DATABASE, "password"]}}
    made = {"urn": DATABASE, "source": {"file": "roadbed.yaml", "line": 6}}
    answer = {
        "graph": {"resources": [made]},
        "outputs": {UID: outputs},
        "provisioners": {UID: "provisioners/defaults.py:17"},
        "made": {UID: [DATABASE]},
        "notes": [{"message": "params.extensions of main-db is not in force here", "file": "roadbed.yaml", "line": 6}],
    }
    found = explain(source, answer, around)
    ExplanationOut.model_validate({**found, "release": None})
    return found


def variables(found: dict[str, Any]) -> dict[str, Any]:
    return {each["name"]: each for each in found["workloads"][0]["containers"][0]["variables"]}


@pytest.mark.parametrize(
    ("name", "layer", "place", "value", "over"),
    [
        ("ROADBED_WORKLOAD", "platform", None, "web", []),
        ("REGION", "environment", None, "eu", []),
        ("MAIN_DB_HOST", "resource", "roadbed.yaml:6", "db.example.com", []),
        ("MAIN_DB_PASSWORD", "resource", "roadbed.yaml:6", None, []),
        ("TEAM", "score", "score.yaml:8", "payments", []),
        ("DB", "score", "score.yaml:9", None, []),
        ("LEVEL", "application", "roadbed.yaml:9", "warn", ["score.yaml:7"]),
        ("OWN", "config", None, "operator", ["score.yaml:10"]),
        ("KEY", "config", None, None, []),
    ],
)
def test_a_variable_comes_from_the_highest_layer_that_has_it(
    name: str, layer: str, place: str | None, value: str | None, over: list[str]
) -> None:
    settings = Settings(config={"OWN": "operator"}, secrets={"KEY": "secret_1"})
    found = variables(explained(settings))[name]
    assert (found["layer"], found["place"], found["value"]) == (layer, place, value)
    assert [each["place"] for each in found["over"]] == over
    assert found["secret"] == (name == "KEY")


def test_placeholders_say_what_they_refer_to() -> None:
    found = variables(explained())
    assert found["DB"]["written"] == "postgres://${resources.db.password}@${resources.db.host}/"
    assert [(each["placeholder"], each["uid"], each["output"]) for each in found["DB"]["refers"]] == [
        ("${resources.db.password}", UID, "password"),
        ("${resources.db.host}", UID, "host"),
    ]
    assert found["TEAM"]["refers"][0]["value"] == "payments"


def test_an_output_that_nobody_wrote_is_told_as_the_reference_that_it_is() -> None:
    found = variables(explained())["MAIN_DB_PASSWORD"]
    assert (found["written"], found["value"]) == ("${resources.main-db.password}", None)
    assert found["refers"] == [
        {"placeholder": "${resources.main-db.password}", "uid": UID, "output": "password", "value": None}
    ]


def test_no_secret_is_told() -> None:
    told = json.dumps(explained(Settings(secrets={"KEY": "secret_1"})))
    assert "secret_1" not in told
    assert "$ref" not in told


def test_a_resource_says_who_asks_for_it_and_who_made_it() -> None:
    (found,) = explained()["resources"]
    assert found["declared"] == ["roadbed.yaml:6", "score.yaml:12"]
    assert (found["provisioner"], found["made"]) == ("provisioners/defaults.py:17", [DATABASE])
    assert (found["workloads"], found["params"]) == (["web"], {"extensions": ["citext"]})
    assert found["outputs"] == ["host", "password"]


@pytest.mark.parametrize(
    ("settings", "replicas"),
    [
        (Settings(), {"value": 2, "layer": "roadbed.yaml", "place": "roadbed.yaml:4"}),
        (Settings(scale={"web": 5}), {"value": 5, "layer": "scale", "place": None}),
    ],
)
def test_the_number_of_replicas_comes_from_somewhere(settings: Settings, replicas: dict[str, Any]) -> None:
    assert explained(settings)["workloads"][0]["replicas"] == replicas


def test_what_is_not_in_force_is_told() -> None:
    assert [(each["line"], each["message"]) for each in explained()["not_in_force"]] == [
        (4, "workloads.web.domains is not in force here yet"),
        (6, "params.extensions of main-db is not in force here"),
    ]


def test_the_published_schema_is_current_and_holds() -> None:
    assert PAGE.read_text(encoding="utf-8") == text(), "run: python -m roadbed.delivery.explanation_schema"
    shown = ExplanationOut.model_validate({**explained(), "release": "v1"}).model_dump(mode="json", by_alias=True)
    Draft202012Validator(json.loads(text())).validate(shown)


def test_what_a_replica_is_told_at_its_start_lies_over_what_files_say() -> None:
    score = (
        "apiVersion: score.dev/v1b1\nmetadata: {name: web}\n"
        "service: {ports: {http-api: {port: 80}}}\n"
        "containers: {main: {image: ., variables: {PORT: '8791', PORT_HTTP_API: '7', HOME: /data, OTHER: x}}}\n"
    )
    source = read_source(from_mapping({"score.yaml": score}))
    around = Surroundings(StackName("web", "dev"), "development", None, "", Settings(), {})
    answer: dict[str, Any] = {"graph": {"resources": []}, "outputs": {}, "provisioners": {}, "made": {}}
    found = explain(source, answer, around)["workloads"][0]["containers"][0]["variables"]
    shown = {each["name"]: (each["value"] or each["written"], [one["place"] for one in each["over"]]) for each in found}
    assert shown["PORT"] == shown["PORT_HTTP_API"] == ("(the port that it is given at its start)", ["score.yaml:4"])
    assert shown["HOME"] == ("/tmp", ["score.yaml:4"])
    assert shown["HOST"] == ("127.0.0.1", [])
    assert [problem.message.split()[0] for problem in not_taken(source)] == ["PORT", "PORT_HTTP_API", "HOME"]
    worker = read_source(from_mapping({"score.yaml": score.replace("service: {ports: {http-api: {port: 80}}}\n", "")}))
    assert [problem.message for problem in not_taken(worker)] == [
        "HOME is not taken from here: every replica is told /tmp"
    ]


def test_variables_of_the_environment_keep_their_placeholders() -> None:
    files = {
        "score.yaml": "apiVersion: score.dev/v1b1\nmetadata: {name: web}\ncontainers: {main: {image: ., variables: "
        "{L: '${resources.env.LAYER}', H: 'at ${resources.env.WHERE}', NO: '${resources.env.NOPE}'}}}\n"
        "resources: {env: {type: environment}}\n",
        "roadbed.yaml": "apiVersion: roadbed.dev/v1\nkind: Application\nmetadata: {name: shop}\n"
        "resources: {db: {type: postgres}}\n"
        "environments: {dev: {variables: {LAYER: 'of-${metadata.name}', WHERE: '${resources.db.host}'}}}\n",
    }
    source = read_source(from_mapping(files), "dev")
    around = Surroundings(StackName("shop", "dev"), "development", None, "", Settings(), {})
    assert compiler.provision_request(source, around)["variables"] == {"LAYER": "of-shop"}
    outputs = {"environment.default#web.env": {"LAYER": "of-shop"}, "postgres.default#db": {"host": "db.example"}}
    answer: dict[str, Any] = {"graph": {"resources": []}, "outputs": outputs, "provisioners": {}, "made": {}}
    found = explain(source, answer, around)["workloads"][0]["containers"][0]["variables"]
    assert {each["name"]: each["value"] for each in found if each["name"] in "LH"} == {
        "L": "of-shop",
        "H": "at db.example",
    }
    assert [each["name"] for each in found if each["left_out"]] == ["NO"]


def test_files_and_volumes_of_a_container_are_told() -> None:
    files = {
        "score.yaml": """\
apiVersion: score.dev/v1b1
metadata: {name: web}
containers:
  main:
    image: .
    files:
      /etc/a: {content: "at ${metadata.name}"}
      /etc/b: {source: b.txt, mode: "0600"}
      /etc/c: {source: c.bin}
      /etc/d: {source: b.txt, noExpand: true}
    volumes:
      /data: {source: "${resources.data}", path: in, readOnly: true}
resources:
  data: {type: volume, id: shared}
""",
        "roadbed.yaml": """\
apiVersion: roadbed.dev/v1
kind: Application
metadata: {name: shop}
resources: {shared: {type: volume, params: {size: 2Gi}}}
""",
        "b.txt": "${resources.data.source}",
    }

    def read(names: Collection[str]) -> dict[str, bytes]:
        return {**from_mapping(files)(names), **({"c.bin": b"\xff"} if "c.bin" in names else {})}

    source = read_source(read, "dev")
    around = Surroundings(StackName("shop", "dev"), "development", None, "", Settings(), {})
    uid = "volume.default#shared"
    answer: dict[str, Any] = {
        "graph": {"resources": []},
        "outputs": {uid: {"source": "s"}},
        "provisioners": {},
        "made": {},
    }
    (container,) = explain(source, answer, around)["workloads"][0]["containers"]
    told = [
        tuple(each[key] for key in ("target", "content", "mode", "size", "expanded")) for each in container["files"]
    ]
    assert told == [
        ("/etc/a", "content", "0644", 19, True),
        ("/etc/b", "source", "0600", 24, True),
        ("/etc/c", "source", "0644", 1, False),
        ("/etc/d", "source", "0644", 24, False),
    ]
    assert [[one["placeholder"] for one in each["refers"]] for each in container["files"]] == [
        ["${metadata.name}"],
        ["${resources.data.source}"],
        [],
        [],
    ]
    assert container["volumes"] == [
        {"target": "/data", "uid": uid, "path": "in", "read_only": True, "size": "2Gi", "place": "score.yaml:12"}
    ]
