"""What the service does without a database."""

import json
import logging

from fastapi.testclient import TestClient

from app.logs import JsonFormatter
from app.settings import Settings


def test_it_says_which_copy_answered(client: TestClient) -> None:
    answer = client.get("/").json()
    assert answer["name"] == "${{ values.name }}"
    assert (answer["release"], answer["instance"]) == ("v7", "test-1")


def test_it_is_alive_but_not_ready_without_its_database(client: TestClient) -> None:
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503


def test_it_counts_requests_by_route(client: TestClient) -> None:
    client.get("/")
    assert 'http_requests_total{method="GET",route="/",status="200"}' in client.get("/metrics").text


def test_an_answer_carries_the_id_of_its_request(client: TestClient) -> None:
    assert client.get("/", headers={"X-Request-ID": "abc-1"}).headers["x-request-id"] == "abc-1"
    assert client.get("/", headers={"X-Request-ID": "bad id!"}).headers["x-request-id"] != "bad id!"


def test_a_line_of_the_log_is_an_object_with_its_extra_fields() -> None:
    record = logging.makeLogRecord({"msg": "sold %s", "args": ("one",), "price": 3})
    line = json.loads(JsonFormatter().format(record))
    assert (line["message"], line["price"]) == ("sold one", 3)


def test_settings_come_from_the_environment() -> None:
    settings = Settings.from_environment({"PORT": "9000", "ROADBED_RELEASE": "v2", "LOG_LEVEL": "debug"})
    assert (settings.port, settings.release, settings.log_level) == (9000, "v2", "DEBUG")
