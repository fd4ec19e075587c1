from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadbed.detection.compose import read_compose
from roadbed.detection.detect import detect
from roadbed.detection.domain import Reading
from roadbed.detection.tree import TreeOfTexts
from roadbed.kit.errors import InvalidInput

FILE = """\
version: "3.8"
services:
  web:
    build: {context: ./api, dockerfile: Dockerfile.prod}
    command: gunicorn app:app --bind 0.0.0.0:8000
    ports: ["80:8000", "127.0.0.1:9000:9000/tcp"]
    environment:
      DATABASE_URL: postgres://app:pw@db:5432/app
      REDIS_HOST: cache
      DEBUG: false
      LOG_LEVEL: ${LOG_LEVEL:-info}
      API_KEY: ${API_KEY}
      PRICE: "5$$"
      EMPTY:
    volumes: [".:/code", "uploads:/data/uploads:rw"]
    depends_on: [db]
    healthcheck: {test: ["CMD", "curl", "-f", "http://localhost:8000/"]}
    deploy: {replicas: 2}
    env_file: .env
  worker:
    build: .
    command: ["celery", "-A", "my app"]
    environment: ["QUEUE=high", "TOKEN"]
  tool:
    image: example/tool:3
  db:
    image: docker.io/library/postgres:16-alpine
  cache:
    image: redis@sha256:0123
volumes: {uploads: {}}
secrets: {key: {file: ./key}}
"""


def found() -> Reading:
    return read_compose(FILE)


def test_what_is_built_is_a_process_and_a_known_server_a_need() -> None:
    reading = found()
    web, worker = reading.processes["web"], reading.processes["worker"]
    assert (web.command, web.public, web.port) == ("gunicorn app:app --bind 0.0.0.0:8000", True, 8000)
    assert (web.replicas, web.folder, web.volumes) == (2, "./api", {"/data/uploads": "uploads"})
    assert [check.command for check in web.checks] == [("curl", "-f", "http://localhost:8000/")]
    assert (worker.command, worker.public, worker.folder) == ("celery -A 'my app'", False, ".")
    assert {need.name: need.type for need in reading.needs.values()} == {"db": "postgres", "cache": "redis"}


def test_variables() -> None:
    variables = found().processes["web"].variables
    assert {name: (one.origin, one.value, one.of, one.part) for name, one in variables.items()} == {
        "DATABASE_URL": ("need", "postgres://app:pw@db:5432/app", "db", "url"),
        "REDIS_HOST": ("need", None, "cache", "host"),
        "DEBUG": ("value", "false", None, "url"),
        "LOG_LEVEL": ("value", "info", None, "url"),
        "API_KEY": ("asked", None, None, "url"),
        "PRICE": ("value", "5$", None, "url"),
        "EMPTY": ("asked", None, None, "url"),
    }
    listed = found().processes["worker"].variables
    assert {name: (one.origin, one.value) for name, one in listed.items()} == {
        "QUEUE": ("value", "high"),
        "TOKEN": ("asked", None),
    }


def test_what_is_not_mapped_is_listed() -> None:
    assert [(problem.message, problem.line) for problem in found().unmapped] == [
        ("services.web.ports[1] says nothing here: 8000 gets the traffic", 6),
        (".env, which is not in the source, says nothing here", 19),
        ("'tool' runs the image 'example/tool:3', which is not built here, and is left out", 25),
    ]


@pytest.mark.parametrize(
    ("services", "runs"),
    [
        ("{web: {build: ., image: own/app}, worker: {image: own/app, command: work}}", {"web", "worker"}),
        ("{web: {build: .}, mail: {image: example/mail}}", {"web"}),
        ("{web: {image: own/app}, worker: {image: own/app}}", {"web", "worker"}),
    ],
    ids=["the image of one that is built", "an image of others", "nothing is built"],
)
def test_an_image_of_others_is_left_out(services: str, runs: set[str]) -> None:
    assert set(read_compose(f"services: {services}").processes) == runs


def test_what_has_no_value_is_told_and_not_taken_for_nothing() -> None:
    reading = read_compose('services: {web: {build: .}, tool: {image: "${UNSET}"}}')
    assert "UNSET in services.tool.image has no value" in [problem.message for problem in reading.unmapped]


def test_a_refusal_names_what_a_service_is_made_of_elsewhere() -> None:
    text = "include: [other.yaml]\nservices: {web: {extends: {file: common.yaml, service: base}, ports: [80]}}\n"
    with pytest.raises(InvalidInput) as told:
        detect(TreeOfTexts({"compose.yaml": text}))
    said = "; ".join(problem.message for problem in told.value.problems)
    assert "services.web.extends says nothing here" in said
    assert "include says nothing here" in said


ONCE = """\
services:
  web:
    build: .
    command: serve
    environment: {A: web}
    depends_on: {migrate: {condition: service_completed_successfully}, seed: {condition: service_started}}
  worker: {build: ., command: work, depends_on: {migrate: {condition: service_completed_successfully}}}
  migrate:
    build: .
    command: migrate
    environment: {A: once, B: once}
    depends_on: {check: {condition: service_completed_successfully}}
  check: {build: ., command: check}
  seed: {build: ., command: seed, restart: "no"}
  other: {build: ./other, command: prepare, restart: no}
"""


def test_what_another_waits_for_is_its_release_command_and_what_else_ends_is_left_out() -> None:
    reading = read_compose(ONCE)
    assert {name: one.release for name, one in reading.processes.items()} == {"web": "check && migrate", "worker": None}
    assert {name: one.value for name, one in reading.processes["web"].variables.items()} == {"A": "web", "B": "once"}
    assert [(problem.line, problem.message.partition(",")[0]) for problem in reading.unmapped] == [
        (14, "'seed' runs once and ends"),
        (15, "'other' runs once and ends"),
    ]


def test_a_service_that_is_reached_goes_on_running_and_so_does_the_only_one() -> None:
    assert set(read_compose('services: {web: {build: ., ports: [80], restart: "no"}}').processes) == {"web"}
    assert set(read_compose('services: {bot: {build: ., command: run, restart: "no"}}').processes) == {"bot"}


def test_what_is_exposed_is_listened_on() -> None:
    api = read_compose("services: {api: {build: ., expose: ['5000']}}").processes["api"]
    assert (api.listens, api.public, api.port) == (True, False, 5000)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("services: []", "services must be a mapping"),
        ("services: {web: [], api: 5}", "services.web must be a mapping"),
        ("services: {web: {build: ., ports: {a: 1}}}", "services.web.ports must be a list"),
        ("services: {web: {build: ., deploy: {replicas: x}}}", "replicas must be a whole number"),
        ("services: {web: {build: ., environment: 5}}", "services.web.environment must be a mapping"),
        ("services: {'!': {build: .}}", "can't be the name of a workload"),
    ],
)
def test_what_is_wrong_is_told(text: str, says: str) -> None:
    with pytest.raises(InvalidInput) as told:
        read_compose(text)
    assert says in "; ".join(problem.message for problem in told.value.problems or (told.value.problem,))


@given(st.text(max_size=200))
def test_no_text_gives_anything_else(text: str) -> None:
    try:
        assert isinstance(read_compose(text), Reading)
    except InvalidInput as error:
        assert error.problem.file == "docker-compose.yml"  # noqa: PT017


_LEAF = st.none() | st.booleans() | st.integers(-5, 70000) | st.text("ab$:{}/-", max_size=8)
_TREE = st.recursive(
    _LEAF, lambda below: st.lists(below, max_size=2) | st.dictionaries(st.text("ab", max_size=2), below, max_size=2)
)


@given(
    st.dictionaries(
        st.sampled_from(["web", "db"]),
        st.dictionaries(
            st.sampled_from(["image", "build", "command", "environment", "ports", "volumes", "healthcheck", "deploy"]),
            _TREE,
        ),
    )
)
def test_no_shape_gives_anything_else(services: object) -> None:
    try:
        assert isinstance(read_compose(json.dumps({"services": services})), Reading)
    except InvalidInput:
        return


def test_a_field_that_is_misspelt_is_told_with_what_it_may_mean() -> None:
    reading = read_compose("services: {web: {build: ., comand: work, profiles: [dev]}}\nx-own: {}\nvolums: {}\n")
    assert [(problem.message, problem.hint) for problem in reading.unmapped] == [
        ("services.web.comand says nothing here", "did you mean 'command'?"),
        ("services.web.profiles says nothing here", None),
        ("volums says nothing here", "did you mean 'volumes'?"),
    ]
