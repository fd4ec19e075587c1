"""application × environment → graph document, with the provisioners' answer written by hand."""

from __future__ import annotations

from typing import Any

import pytest

from roadbed.delivery.compiler import assemble, provision_request
from roadbed.delivery.domain import Settings
from roadbed.delivery.surroundings import Surroundings
from roadbed.engine.planning import graph as graphs
from roadbed.kit.errors import InvalidInput
from roadbed.kit.names import StackName
from roadbed.workload.declared import ApplicationSource
from roadbed.workload.files import from_mapping
from roadbed.workload.source import read_source

SCORE = """\
apiVersion: score.dev/v1b1
metadata: {name: web, team: payments}
containers:
  main:
    image: .
    command: [python, -m, app]
    variables:
      DATABASE_URL: postgres://${resources.db.username}:${resources.db.password}@${resources.db.host}/app
      PORT_OF_DB: ${resources.db.port}
      TEAM: ${metadata.team}
      PRICE: $$5
    readinessProbe: {httpGet: {path: /readyz, port: 8080}}
    resources: {limits: {memory: 256Mi}}
service: {ports: {http: {port: 80, targetPort: 8080}}}
resources:
  route: {type: route, params: {host: "www.${resources.dns.host}", port: http}}
  db: {type: postgres}
  dns: {type: dns}
"""
ROADBED = """\
apiVersion: roadbed.dev/v1
kind: Application
metadata: {name: orders, owner: group:default/payments}
workloads: {web: {score: score.yaml, release: [python, -m, migrate], scale: {min: 2}}}
"""
DATABASE = "orders@dev/web/db#postgres:Database"
ROUTE = "orders@dev/web/route#gateway:Route"


def source(score: str = SCORE, roadbed: str = ROADBED) -> ApplicationSource:
    return read_source(from_mapping({"score.yaml": score, "roadbed.yaml": roadbed}))


def around(settings: Settings | None = None, kind: str = "development") -> Surroundings:
    return Surroundings(
        stack=StackName("orders", "dev"),
        kind=kind,
        owner="group:default/payments",
        artifact="a" * 64,
        settings=settings or Settings(),
    )


def ref(output: str) -> dict[str, Any]:
    return {"$ref": [DATABASE, output]}


ANSWER: dict[str, Any] = {
    "graph": {
        "resources": [
            {"urn": DATABASE, "type": "postgres:Database", "name": "db", "properties": {}, "depends_on": []},
            {"urn": ROUTE, "type": "gateway:Route", "name": "route", "properties": {}, "depends_on": []},
        ]
    },
    "outputs": {
        "postgres.default#web.db": {name: ref(name) for name in ("host", "port", "username", "password")},
        "dns.default#web.dns": {"host": "orders.dev.localhost"},
        "route.default#web.route": {},
    },
}


def compiled(settings: Settings | None = None, kind: str = "development") -> dict[str, dict[str, Any]]:
    document = assemble(source(), ANSWER, around(settings, kind))
    graphs.read(document)
    return {resource["type"]: resource for resource in document["resources"]}


def test_requests_stand_after_those_that_their_params_refer_to() -> None:
    asked = provision_request(source(), around())["requests"]
    assert [request["type"] for request in asked].index("dns") < [request["type"] for request in asked].index("route")
    route = next(request for request in asked if request["type"] == "route")
    assert route["params"] == {
        "host": {"$join": ["www.", {"$output": ["dns.default#web.dns", "host"]}]},
        "port": "http",
    }
    assert route["ports"] == {"http": {"port": 80, "target_port": 8080}}
    columns = {name: place["column"] for name, place in route["places"].items()}
    line = SCORE.splitlines()[route["source"]["line"] - 1]
    assert columns == {"host": line.index("host:") + 1, "port": line.index("port:") + 1}


def test_variables_are_text_whatever_they_refer_to() -> None:
    variables = compiled()["runtime:Service"]["properties"]["variables"]
    assert variables["DATABASE_URL"] == {
        "$join": ["postgres://", ref("username"), ":", ref("password"), "@", ref("host"), "/app"]
    }
    assert variables["PORT_OF_DB"] == {"$join": [ref("port")]}
    assert (variables["TEAM"], variables["PRICE"]) == ("payments", "$5")
    assert variables["ROADBED_APPLICATION"] == "orders"


def test_the_operators_settings_lie_over_what_the_files_declare() -> None:
    settings = Settings(config={"TEAM": "billing"}, secrets={"KEY": "secret_1"}, scale={"web": 5})
    properties = compiled(settings)["runtime:Service"]["properties"]
    assert properties["variables"]["TEAM"] == "billing"
    assert properties["variables"]["KEY"] == {"$secret": "secret_1"}
    assert (properties["replicas"], compiled()["runtime:Service"]["properties"]["replicas"]) == (5, 2)


def test_the_release_command_runs_before_the_service_is_rolled_out() -> None:
    resources = compiled()
    job = resources["runtime:Job"]
    assert job["properties"]["command"] == ["python", "-m", "migrate"]
    assert resources["runtime:Service"]["depends_on"] == [job["urn"]]


def test_limits_and_probes_reach_the_service() -> None:
    properties = compiled()["runtime:Service"]["properties"]
    assert properties["memory_mb"] == 256
    assert properties["readiness"]["httpGet"]["path"] == "/readyz"
    assert "liveness" not in properties


@pytest.mark.parametrize(("kind", "lifecycle"), [("development", "experimental"), ("production", "production")])
def test_a_deployed_application_is_in_the_catalog_without_a_file(kind: str, lifecycle: str) -> None:
    properties = compiled(kind=kind)["catalog:Component"]["properties"]
    assert properties["generated"]
    assert properties["entity"]["spec"] == {
        "type": "service",
        "lifecycle": lifecycle,
        "owner": "group:default/payments",
    }


def test_compiling_twice_gives_the_same() -> None:
    assert compiled() == compiled()


WRONG = [
    ("${resources.db.host}/app", "${resources.dbb.host}/app", "'dbb'", 8, "did you mean 'db'?"),
    ("${resources.db.port}", "${resources.db.prot}", "'prot'", 9, "did you mean 'port'?"),
    ("${metadata.team}", "${metadata.taem}", "'taem'", 10, "did you mean 'team'?"),
    ("    image: .", "    image: nginx:1", "'nginx:1'", 5, None),
]


@pytest.mark.parametrize(("right", "wrong", "named", "line", "hint"), WRONG, ids=[case[1] for case in WRONG])
def test_what_cannot_be_compiled_is_refused_with_its_place(
    right: str, wrong: str, named: str, line: int, hint: str | None
) -> None:
    with pytest.raises(InvalidInput, match=named) as refused:
        assemble(source(SCORE.replace(right, wrong)), ANSWER, around())
    problem = refused.value.problem
    assert (problem.file, problem.line) == ("score.yaml", line)
    if hint is not None:
        assert problem.hint is not None
        assert hint in problem.hint


def test_resources_that_refer_to_each_other_in_a_circle_are_refused() -> None:
    circle = SCORE.replace("dns: {type: dns}", 'dns: {type: dns, params: {of: "${resources.route.host}"}}')
    with pytest.raises(InvalidInput, match="refer to each other"):
        provision_request(source(circle), around())


def test_what_the_applications_program_declares_joins_the_graph() -> None:
    queue = {"urn": "orders@dev/queue#core:Data", "type": "core:Data", "name": "queue", "properties": {"input": 1}}
    program = {"version": 1, "stack": "orders@dev", "resources": [queue], "exports": {"queue": 1}}
    graph = graphs.read(assemble(source(), ANSWER, around(), program))
    assert queue["urn"] in graph.urns
    assert {DATABASE, "orders@dev/web#runtime:Service"} <= graph.urns
    assert graph.exports == {"queue": 1}


def test_a_program_alone_makes_a_stack_without_workloads() -> None:
    head = ROADBED.partition("workloads")[0]
    alone = read_source(from_mapping({"roadbed.yaml": head, "roadbed.py": "pass\n"}))
    assert provision_request(alone, around())["requests"] == []
    document = assemble(alone, {"graph": {"resources": []}, "outputs": {}}, around(), {"resources": []})
    (component,) = document["resources"]
    assert component["properties"]["entity"]["spec"]["type"] == "infrastructure"
