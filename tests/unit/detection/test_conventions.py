"""The names under which programs look for a server."""

from __future__ import annotations

import pytest

from roadbed.detection.conventions import conventional_variables, url_variable
from roadbed.sdk.contracts import CONTRACTS
from roadbed.workload.document import Place
from roadbed.workload.placeholders import parse

URL = "postgresql://${resources.db.username}:${resources.db.password}@${resources.db.host}:${resources.db.port}"


def test_a_database_is_looked_for_by_its_url() -> None:
    assert conventional_variables("db", "postgres") == {"DATABASE_URL": f"{URL}/${{resources.db.name}}"}


def test_a_prefix_is_the_beginning_of_a_name() -> None:
    assert list(url_variable("orders-db", "postgres", "orders-db")) == ["ORDERS_DB_URL"]
    assert list(url_variable("orders-db", "postgres", "MAIN")) == ["MAIN_URL"]


def test_what_has_an_output_of_that_name_needs_none_beside_it() -> None:
    assert url_variable("events", "nats", "events") == {}
    assert url_variable("files", "s3", "files") == {}


@pytest.mark.parametrize("type_", ["amqp", "mongodb", "mysql", "nats", "postgres", "redis", "s3", "volume", "own"])
def test_only_outputs_that_are_promised_are_used(type_: str) -> None:
    texts = {**conventional_variables("it", type_), **url_variable("it", type_, "it")}
    used = {each.path[1] for text in texts.values() for each in parse(text, Place("", 1, 1)).references}
    assert used <= CONTRACTS[type_].outputs.keys() if type_ in CONTRACTS else not used
