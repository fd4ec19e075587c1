"""Which program opens a resource; its credentials go into the environment, and are never shown."""

from __future__ import annotations

import json
from typing import Any

import pytest

from roadbed.cli.connecting import opening_of, shown_opening
from roadbed.client.models import Connection
from roadbed.kit.errors import InvalidInput

SERVER: dict[str, Any] = {"host": "10.0.0.7", "port": 5439, "username": "ada", "password": "s3cret word"}


def connection(type: str, **outputs: Any) -> Connection:
    return Connection(name="it", type=type, outputs=outputs, secret=["password"])


def test_psql_is_told_by_its_environment() -> None:
    opening = opening_of(connection("postgres", **SERVER, name="orders"), ["-c", "select 1"])
    assert opening.command[1:] == ("-c", "select 1")
    assert opening.command[0].endswith("/psql")
    assert dict(opening.environment) == {
        "PGHOST": "10.0.0.7", "PGPORT": "5439", "PGUSER": "ada", "PGPASSWORD": "s3cret word", "PGDATABASE": "orders",
    }  # fmt: skip


def test_valkey_is_told_its_user_unless_it_is_the_usual_one() -> None:
    own = opening_of(connection("redis", **SERVER), [])
    assert own.command[1:] == ("-h", "10.0.0.7", "-p", "5439", "--user", "ada")
    usual = opening_of(connection("redis", **{**SERVER, "username": "default"}), ["PING"])
    assert usual.command[1:] == ("-h", "10.0.0.7", "-p", "5439", "PING")
    assert usual.environment == {"REDISCLI_AUTH": "s3cret word"}


@pytest.mark.parametrize("type", ["postgres", "redis"])
def test_no_secret_is_shown_or_stands_on_a_command_line(type: str) -> None:
    opening = opening_of(connection(type, **SERVER, name="orders"), [])
    assert "s3cret" not in json.dumps(shown_opening(opening)) + repr(opening)
    assert "••••••" in shown_opening(opening)["shown"]
    assert not any("s3cret" in word for word in opening.command)


def test_a_bucket_is_opened_by_a_shell_of_our_own() -> None:
    outputs = {"bucket": "b", "endpoint": "http://s3", "region": "r", "access_key_id": "k", "secret_key": "s3cret"}
    opening = opening_of(connection("s3", **outputs), [])
    assert opening.shell is not None
    assert "s3cret" not in json.dumps(shown_opening(opening))


def test_what_nothing_opens_says_so() -> None:
    with pytest.raises(InvalidInput) as caught:
        opening_of(connection("nats", **SERVER), [])
    assert caught.value.message == "it is a resource of type nats, which no program here opens"
    assert "postgres, redis, s3" in (caught.value.hint or "")
