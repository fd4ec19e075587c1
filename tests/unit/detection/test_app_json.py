from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadbed.detection.app_json import AddOn, AppJson, read_app_json
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


def found() -> AppJson:
    return read_app_json(WILD)


def test_variables() -> None:
    variables = found().variables
    assert {name: (one.value, one.generated, one.required) for name, one in variables.items()} == {
        "SECRET_KEY": (None, True, True),
        "WEB_CONCURRENCY": ("2", False, True),
        "STRIPE_KEY": (None, False, True),
        "OPTIONAL": (None, False, False),
        "DEBUG": ("false", False, True),
        "PLAIN": ("yes", False, True),
    }
    assert variables["SECRET_KEY"].description == "Signs cookies"
    assert (variables["PLAIN"].place.line, variables["PLAIN"].place.column) == (12, 5)


def test_what_runs_and_when() -> None:
    app = found()
    assert (app.name, app.description) == ("Orders", "Takes orders")
    assert app.scripts == {"postdeploy": "python manage.py seed", "predeploy": "python manage.py check"}
    assert app.quantities == {"web": 2}
    assert [(one.command, one.schedule) for one in app.schedules] == [("python report.py", "0 3 * * *")]
    assert [(check.type, check.path, check.command, check.port) for check in app.checks["web"]] == [
        ("startup", "/healthz", None, 5000),
        ("liveness", None, ("/bin/ok",), None),
    ]


def test_add_ons_lose_their_sizes() -> None:
    one, two = found().add_ons
    assert isinstance(one, AddOn)
    assert [(one.plan, one.alias), (two.plan, two.alias)] == [("heroku-redis", None), ("heroku-postgresql", "MAIN")]


def test_what_says_nothing_here_is_listed_with_its_line() -> None:
    assert [(problem.message, problem.line) for problem in found().unmapped] == [
        ("the check 'startup' of web says nothing here", 19),
        ("buildpacks says nothing here", 23),
        ("environments says nothing here", 24),
    ]


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
        ('{"name": ', "not valid YAML"),
    ],
)
def test_what_is_wrong_is_told_at_its_place(text: str, says: str) -> None:
    with pytest.raises(InvalidInput) as told:
        read_app_json(text)
    assert says in str(told.value.problems[0] if told.value.problems else told.value)


@given(st.text(max_size=200))
def test_no_text_gives_anything_else(text: str) -> None:
    try:
        assert isinstance(read_app_json(text), AppJson)
    except InvalidInput as error:
        assert error.problem.file == "app.json"  # noqa: PT017
