"""What a person fills in, held against the pages of a template."""

from __future__ import annotations

from typing import Any

import pytest

from roadbed.golden_paths.forms import fill
from roadbed.kit.errors import InvalidInput

PAGE = {
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "pattern": "^[a-z]+$", "ui:help": "small letters"},
        "schedule": {"type": "string", "format": "cron", "default": "0 3 * * *", "description": "Five fields."},
        "timezone": {"type": "string", "format": "timezone", "default": "UTC"},
        "replicas": {"type": "integer", "maximum": 9},
        "mail": {"type": "string", "format": "email"},
    },
}


def test_defaults_and_types() -> None:
    """What is of a format that nobody checks here is taken as it is."""
    assert fill([PAGE], {"name": "a", "replicas": "3", "mail": "x"}) == {
        "name": "a",
        "schedule": "0 3 * * *",
        "timezone": "UTC",
        "replicas": 3,
        "mail": "x",
    }


@pytest.mark.parametrize(
    ("given", "message", "hint"),
    [
        ({}, "name is missing", "small letters"),
        ({"name": "A"}, "name: 'A' has the wrong form", "small letters"),
        ({"name": "a", "nam": "b"}, "nam is no parameter of this template", "did you mean 'name'?"),
        ({"name": "a", "schedule": "0 25 * * *"}, "schedule: the hour of '0 25 * * *' is wrong", "Five fields."),
        ({"name": "a", "schedule": "0 0 31 2 *"}, "schedule: '0 0 31 2 *' never comes", "Five fields."),
        ({"name": "a", "schedule": "daily"}, "schedule: 'daily' has 1 of the five fields", "Five fields."),
        ({"name": "a", "timezone": "Europe/Madird"}, "timezone: there is no time zone 'Europe/Madird'", None),
        ({"name": "a", "schedule": 3}, "schedule: 3 is not of type 'string'", "Five fields."),
    ],
)
def test_what_is_wrong_is_told_before_anything_is_made(given: dict[str, Any], message: str, hint: str | None) -> None:
    with pytest.raises(InvalidInput) as caught:
        fill([PAGE], given)
    (found,) = caught.value.problems or (caught.value.problem,)
    assert found.message.startswith(message)
    assert found.hint == hint
