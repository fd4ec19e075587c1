from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadbed.detection.domain import Reading
from roadbed.detection.render import read_render
from roadbed.kit.errors import InvalidInput

BLUEPRINT = """\
services:
  - type: web
    name: Orders_API
    runtime: python
    plan: starter
    buildCommand: pip install -r requirements.txt
    startCommand: gunicorn app:app
    preDeployCommand: python manage.py migrate
    healthCheckPath: /healthz
    scaling: {minInstances: 2, maxInstances: 4}
    rootDir: backend
    domains: [orders.example.com]
    disk: {name: data, mountPath: /data, sizeGB: 10}
    envVars:
      - {key: DATABASE_URL, fromDatabase: {name: main, property: connectionString}}
      - {key: DB_HOST, fromDatabase: {name: main, property: host}}
      - {key: REDIS_URL, fromService: {type: redis, name: cache, property: connectionString}}
      - {key: WORKER_HOST, fromService: {type: pserv, name: worker, property: hostport}}
      - {key: SECRET_KEY, generateValue: true}
      - {key: STRIPE_KEY, sync: false}
      - {key: DEBUG, value: false}
      - fromGroup: shared
    headers: []
  - {type: pserv, name: worker, runtime: docker, dockerCommand: ./work}
  - {type: cron, name: report, runtime: python, schedule: "0 3 * * *", startCommand: python report.py}
  - {type: web, name: site, runtime: static, staticPublishPath: ./dist, buildCommand: npm run build}
  - {type: redis, name: cache, ipAllowList: []}
databases:
  - {name: main, databaseName: orders, plan: basic}
envVarGroups:
  - {name: shared, envVars: [{key: LOG_LEVEL, value: info}]}
previews: {generation: automatic}
"""


def found() -> Reading:
    return read_render(BLUEPRINT)


def test_services() -> None:
    processes = found().processes
    api = processes["orders-api"]
    assert (api.command, api.public, api.replicas, api.folder) == ("gunicorn app:app", True, 2, "backend")
    assert (api.build, api.release) == ("pip install -r requirements.txt", "python manage.py migrate")
    assert [(check.kind, check.path) for check in api.checks] == [("readiness", "/healthz")]
    assert (api.volumes, api.domains) == ({"/data": "data"}, ("orders.example.com",))
    assert (processes["worker"].command, processes["worker"].public) == ("./work", False)
    assert (processes["report"].schedule, processes["site"].publish) == ("0 3 * * *", "./dist")
    assert "cache" not in processes


def test_variables_and_what_they_are_taken_from() -> None:
    variables = found().processes["orders-api"].variables
    assert {name: (one.origin, one.value, one.of, one.part) for name, one in variables.items()} == {
        "DATABASE_URL": ("need", None, "main", "url"),
        "DB_HOST": ("need", None, "main", "host"),
        "REDIS_URL": ("need", None, "cache", "url"),
        "WORKER_HOST": ("process", None, "worker", "address"),
        "SECRET_KEY": ("generated", None, None, "url"),
        "STRIPE_KEY": ("asked", None, None, "url"),
        "DEBUG": ("value", "false", None, "url"),
        "LOG_LEVEL": ("value", "info", None, "url"),
    }
    assert {need.name: need.type for need in found().needs.values()} == {"main": "postgres", "cache": "redis"}


def test_what_is_not_mapped_is_listed() -> None:
    assert [(problem.message, problem.line) for problem in found().unmapped] == [
        ("services[0].headers says nothing here", 23),
        ("services[1]: the runtime 'docker' says nothing here", 24),
        ("previews says nothing here", 32),
    ]


@pytest.mark.parametrize("kind", ["static", "static_site"])
def test_older_words_for_a_static_site(kind: str) -> None:
    (site,) = read_render(f"services: [{{type: {kind}, name: s, staticPublishPath: public}}]").processes.values()
    assert (site.name, site.publish, site.public) == ("s-1", "public", True)


@pytest.mark.parametrize(
    ("entry", "gives"),
    [
        ("{key: KEY, value: x}", ("value", "x", None)),
        ("{key: KEY, generateValue: true}", ("generated", None, "KEY")),
        ("{key: KEY, sync: false}", ("asked", None, None)),
        ("{key: OTHER, value: x}", ("asked", None, None)),
    ],
)
def test_a_variable_of_another_service(entry: str, gives: tuple[str, str | None, str | None]) -> None:
    taken = "{key: MINE, fromService: {type: web, name: aa, envVarKey: KEY}}"
    services = f"[{{type: web, name: aa, envVars: [{entry}]}}, {{type: worker, name: bb, envVars: [{taken}]}}]"
    mine = read_render(f"services: {services}").processes["bb"].variables["MINE"]
    assert (mine.name, mine.origin, mine.value, mine.of) == ("MINE", *gives)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("services: {}", "services must be a list"),
        ("services: [{type: webb, name: api}]", "'webb' is no type of a service"),
        ("services: [{type: web, name: '!'}]", "can't be the name of a workload"),
        ("services: [{type: web, name: api, envVars: [{fromGroup: gone}]}]", "no group of variables 'gone'"),
        (
            "services: [{type: web, name: api, envVars: [{key: A, fromDatabase: {name: gone, property: host}}]}]",
            "A of api: there is no 'gone' in this file",
        ),
        (
            "services: [{type: web, name: api, envVars: [{key: A, fromDatabase: {name: db, property: color}}]}]",
            "'color' is no property",
        ),
        ("services: [", "not valid YAML"),
    ],
)
def test_what_is_wrong_is_told(text: str, says: str) -> None:
    with pytest.raises(InvalidInput) as told:
        read_render(text)
    assert says in "; ".join(problem.message for problem in told.value.problems or (told.value.problem,))


@given(st.text(max_size=200))
def test_no_text_gives_anything_else(text: str) -> None:
    try:
        assert isinstance(read_render(text), Reading)
    except InvalidInput as error:
        assert error.problem.file == "render.yaml"  # noqa: PT017
