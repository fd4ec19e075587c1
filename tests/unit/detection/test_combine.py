from __future__ import annotations

import pytest

from roadbed.detection.detect import detect
from roadbed.detection.domain import Detection
from roadbed.detection.tree import TreeOfTexts
from roadbed.kit.errors import InvalidInput

FLASK = {"app.py": "from flask import Flask\napp = Flask('x')\n", "requirements.txt": "flask\ngunicorn\n"}
FLY = 'app = "ff"\n[processes]\nweb = "hypercorn a:b"\n[env]\nA = "fly"\n[deploy]\nrelease_command = "up"\n'


def found(**files: str) -> Detection:
    return detect(TreeOfTexts({name.replace("__", "."): text for name, text in files.items()} | FLASK))


def test_the_first_that_says_what_runs_is_taken_and_the_rest_fill_it() -> None:
    one = found(Procfile="web: gunicorn app:app\n", fly__toml=FLY, app__json='{"env": {"A": {"value": "json"}}}')
    assert one.processes["web"].command == "gunicorn app:app"
    assert one.processes["web"].release == "up"
    assert one.variables["A"].value == "json"
    assert (one.name, one.sources[:3]) == ("ff", ("Procfile", "app.json", "fly.toml"))
    assert "fly.toml:3:1: this starts 'web' otherwise than Procfile, which is taken" in map(str, one.notes)


def test_a_file_that_says_nothing_of_what_runs_leaves_it_to_the_code() -> None:
    one = found(app__json='{"formation": {"web": {"quantity": 3}}, "env": {"PORT": "80", "B": "1"}}')
    assert one.processes["web"].replicas == 3
    assert str(one.processes["web"].command).startswith("gunicorn --bind")
    assert set(one.variables) == {"B"}


def test_a_database_beside_code_is_a_need_and_no_process() -> None:
    compose = "services: {db: {image: 'postgres:16'}, cache: {image: redis}}"
    one = found(compose__yaml=compose, app__json='{"env": {"A": "1"}, "addons": ["heroku-postgresql"]}')
    assert (list(one.processes), list(one.needs)) == (["web"], ["db"])
    assert "compose.yaml:1:47: no variable leads to 'cache', a redis: it is left out" in map(str, one.notes)


def test_the_procfile_and_its_app_json_are_believed_together() -> None:
    with pytest.raises(InvalidInput) as told:
        found(Procfile="web: a\n", app__json='{"formation": {"web": {"quantity": "2"}, "worker": null}}')
    assert [problem.line for problem in told.value.problems] == [1, 1]


def test_each_problem_of_a_file_that_is_passed_over_is_named() -> None:
    one = found(Procfile="web: a\n", render__yaml="services: [{type: no, name: aa}, {type: web, name: '!'}]")
    assert [str(note).split("passed over: ")[1][:5] for note in one.notes if "passed over" in note.message] == [
        "'no' ",
        "'!' c",
    ]


def test_what_code_says_is_for_one_service() -> None:
    one = found(compose__yaml="services: {a-b: {build: ., ports: [80]}, c-d: {build: .}, e-f: {build: ., command: x}}")
    assert list(one.processes) == ["a-b", "e-f"]
    assert "compose.yaml:1:47: nothing says how 'c-d' is started, so it is left out" in map(str, one.notes)


DOCKERFILE = 'FROM python AS one\nCMD ["never"]\nFROM one\nENTRYPOINT ["gunicorn"]\nCMD ["-b", ":80", "other:app"]\n'


@pytest.mark.parametrize(
    ("files", "command"),
    [
        ({"compose__yaml": "services: {web: {build: ., ports: [80]}}"}, "gunicorn -b :$PORT other:app"),
        ({"railway__json": '{"build": {"builder": "DOCKERFILE"}}'}, "gunicorn -b :$PORT other:app"),
        ({"railway__json": '{"build": {"builder": "NIXPACKS"}}'}, "gunicorn --bind ${HOST:-0.0.0.0}:$PORT app:app"),
        ({"render__yaml": "services: [{type: web, name: web, env: docker}]"}, "gunicorn -b :$PORT other:app"),
        ({"fly__toml": "app = 'ff'\n[http_service]\ninternal_port = 80\n"}, "gunicorn -b :$PORT other:app"),
        ({}, "gunicorn --bind ${HOST:-0.0.0.0}:$PORT app:app"),
    ],
)
def test_a_dockerfile_that_a_file_names_says_what_runs(files: dict[str, str], command: str) -> None:
    one = found(Dockerfile=DOCKERFILE, **files)
    assert [process.command for process in one.processes.values()] == [command]
    said = "Dockerfile:5:1: this starts 'gunicorn -b :80 other:app'; what app.py says is taken"
    assert (said in map(str, one.notes)) is (not files)


def test_what_only_an_image_has_is_not_started() -> None:
    one = found(
        Dockerfile="FROM nginx\nCMD ['/entry', 'x']\n", compose__yaml="services: {web: {build: ., ports: [80]}}"
    )
    assert str(one.processes["web"].command).startswith("gunicorn --bind")


def test_a_file_behind_one_that_is_believed_may_be_broken() -> None:
    one = found(Procfile="web: gunicorn app:app\n", compose__yaml="services: [")
    assert [str(note).partition(":")[0] for note in one.notes] == ["compose.yaml"]
    with pytest.raises(InvalidInput, match="not valid YAML"):
        found(compose__yaml="services: [")


def test_several_that_get_traffic_have_one_address() -> None:
    one = found(
        compose__yaml="services: {a-b: {build: ., command: x, ports: [1]}, c-d: {build: ., command: y, ports: [2]}}"
    )
    (note,) = [note for note in one.notes if "address" in note.message]
    assert note.message == "'c-d' gets no requests from outside: the application's address is that of 'a-b'"


CRON = '{"cron": [{"command": "tick", "schedule": "0 3 * * *"}]}'


@pytest.mark.parametrize(
    ("files", "web"),
    [
        ({"Procfile": "web: serve\n"}, "serve"),
        ({"compose__yaml": "services: {web: {build: ., command: serve}}"}, "serve"),
        ({}, "gunicorn"),
    ],
)
def test_what_runs_by_the_clock_is_no_word_on_what_runs(files: dict[str, str], web: str) -> None:
    one = found(app__json=CRON, **files)
    assert {name: process.schedule for name, process in one.processes.items()} == {"web": None, "cron-1": "0 3 * * *"}
    assert str(one.processes["web"].command).startswith(web)
    assert not [note for note in one.notes if "left out" in note.message]


def test_what_runs_by_the_clock_alone_is_no_application() -> None:
    with pytest.raises(InvalidInput, match="by the clock only"):
        found(render__yaml="services: [{type: cron, name: aa, schedule: '0 3 * * *', startCommand: x}]")
