from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadbed.detection.app_json import read_app_json
from roadbed.detection.domain import Reading
from roadbed.kit.errors import InvalidInput

WILD = """\
{
  // the shop
  "name": "Orders", "description": "Takes orders",
  "keywords": ["shop"],
  "stack": "heroku-24",
  "env": {
    "SECRET_KEY": {"description": "Signs cookies", "generator": "secret"},
    "WEB_CONCURRENCY": {"value": "2"},
    "STRIPE_KEY": {"description": "From the dashboard"},
    "OPTIONAL": {"required": false},
    "DEBUG": false,
    "PLAIN": "yes",
  },
  "scripts": {"postdeploy": "python manage.py seed", "dokku": {"predeploy": "python manage.py check"}},
  "formation": {"web": {"quantity": 2, "size": "basic"}, "worker": {"size": "basic"}},
  "healthchecks": {"web": [
    {"type": "startup", "path": "/healthz", "port": 5000},
    {"type": "liveness", "command": ["/bin/ok"]},
    {"type": "startup", "uptime": 5}
  ]},
  "cron": [{"command": "python report.py", "schedule": "0 3 * * *"}],
  "addons": ["heroku-redis:mini", {"plan": "heroku-postgresql:essential-0", "as": "MAIN"}],
  "buildpacks": [{"url": "heroku/python"}],
  "environments": {"review": {}},
}
"""


def found() -> Reading:
    return read_app_json(WILD)


def test_variables() -> None:
    variables = found().variables
    assert {name: (one.origin, one.value, one.required) for name, one in variables.items()} == {
        "SECRET_KEY": ("generated", None, True),
        "WEB_CONCURRENCY": ("value", "2", True),
        "STRIPE_KEY": ("asked", None, True),
        "OPTIONAL": ("asked", None, False),
        "DEBUG": ("value", "false", True),
        "PLAIN": ("value", "yes", True),
        "REDIS_URL": ("need", None, True),
        "MAIN_URL": ("need", None, True),
    }
    assert variables["SECRET_KEY"].description == "Signs cookies"
    assert (variables["PLAIN"].place.line, variables["PLAIN"].place.column) == (12, 5)


def test_what_runs_and_when() -> None:
    app = found()
    assert (app.name, app.description) == ("Orders", "Takes orders")
    web, cron = app.processes["web"], app.processes["cron-1"]
    assert (web.command, web.replicas, web.release) == (None, 2, "python manage.py check")
    assert app.processes["worker"].replicas is None
    assert (cron.command, cron.schedule) == ("python report.py", "0 3 * * *")
    assert [(check.kind, check.path, check.command, check.port) for check in web.checks] == [
        ("startup", "/healthz", None, 5000),
        ("liveness", None, ("/bin/ok",), None),
    ]


def test_add_ons_are_needs_with_their_variables() -> None:
    app = found()
    assert {need.name: need.type for need in app.needs.values()} == {"cache": "redis", "db": "postgres"}
    assert (app.variables["REDIS_URL"].of, app.variables["MAIN_URL"].of) == ("cache", "db")


def test_what_says_nothing_here_is_listed_with_its_line() -> None:
    assert [(problem.message, problem.line) for problem in found().unmapped] == [
        ("scripts.postdeploy says nothing here", 14),
        ("the check 'startup' of web says nothing here", 19),
        ("buildpacks says nothing here", 23),
        ("environments says nothing here", 24),
    ]


@pytest.mark.parametrize(
    ("text", "unmapped"),
    [
        ('{"env": {"A": {"default": "5"}}}', []),
        ('{"stack": "heroku-24"}', []),
        ('{"stack": "container"}', ["stack: container says nothing here"]),
        ('{"image": "x/y"}', ["image says nothing here"]),
        (
            '{"addons": [{"plan": "heroku-redis", "options": {"a": 1}}]}',
            ["addons[0].options says nothing here"],
        ),
    ],
)
def test_fields_of_older_files(text: str, unmapped: list[str]) -> None:
    found = read_app_json(text)
    assert [problem.message for problem in found.unmapped] == unmapped
    assert [variable.value for variable in found.variables.values() if variable.name == "A"] in ([], ["5"])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[]", "the file must be a mapping, not a list"),
        ('{"env": []}', "env must be a mapping"),
        ('{"env": {"A": []}}', "env.A must be text, not a list"),
        ('{"env": {"A": {"required": "no"}}}', "env.A.required must be true or false"),
        ('{"formation": {"web": {"quantity": -1}}}', "between 0 and 100"),
        ('{"cron": {}}', "cron must be a list"),
        ('{"scripts": {"test": 5}}', "scripts.test must be text"),
        ('{"addons": [5]}', "addons[0] must be text"),
        ('{"name": ', "not valid JSON"),
    ],
)
def test_what_is_wrong_is_told_at_its_place(text: str, says: str) -> None:
    with pytest.raises(InvalidInput) as told:
        read_app_json(text)
    assert says in str(told.value.problems[0] if told.value.problems else told.value)


@given(st.text(max_size=200))
def test_no_text_gives_anything_else(text: str) -> None:
    try:
        assert isinstance(read_app_json(text), Reading)
    except InvalidInput as error:
        assert error.problem.file == "app.json"  # noqa: PT017
