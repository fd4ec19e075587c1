"""Every error is a problem document; none shows a traceback or what was typed; refusals are in the audit log."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from platform_people import People
from roadbed.api.app import create_app
from roadbed.audit.domain import Record
from roadbed.storage.database import Database

PROBLEM = "application/problem+json"


@pytest.fixture
async def root(client: httpx.AsyncClient, people: People) -> httpx.AsyncClient:
    client.headers["Authorization"] = f"Bearer {await people.token(await people.owner())}"
    return client


async def audited(people: People, action: str) -> list[Record]:
    async with people.database.call(await people.owner()) as call:
        return list((await people.audit.list(call, action=action)).items)


async def test_an_error_of_ours_keeps_what_it_says_and_undoes_the_rest(root: httpx.AsyncClient, people: People) -> None:
    answer = await root.post("/api/v1/things", json={"name": "taken"})
    assert (answer.status_code, answer.headers["content-type"]) == (409, PROBLEM)
    assert answer.json() == {
        "type": "https://roadbed.dev/errors/conflict",
        "title": "conflict",
        "status": 409,
        "code": "conflict",
        "exit_code": 1,
        "detail": "there is a thing taken already",
        "hint": "choose another name",
        "instance": "/api/v1/things",
    }
    assert await audited(people, "application.deploy") == []


async def test_a_request_that_does_not_fit_names_each_field_and_no_value(root: httpx.AsyncClient) -> None:
    body = {"username": ["hunter22"], "password": "hunter22" * 1000, "more": 1}
    answer = await root.post("/api/v1/login", json=body)
    assert (answer.status_code, answer.json()["exit_code"]) == (422, 2)
    assert [problem["field"] for problem in answer.json()["problems"]] == [
        "body.username",
        "body.password",
        "body.more",
    ]
    assert "hunter22" not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/nothing", 404, "not_found"),
        ("DELETE", "/api/v1/whoami", 405, "method_not_allowed"),
        ("GET", "/api/v1/audit?limit=0", 422, "invalid_input"),
        ("GET", "/api/v1/audit?cursor=x", 422, "invalid_input"),
        ("DELETE", "/api/v1/tokens/rbt_none", 404, "not_found"),
    ],
)
async def test_the_frameworks_errors_look_the_same(
    root: httpx.AsyncClient, method: str, path: str, status: int, code: str
) -> None:
    answer = await root.request(method, path)
    assert (answer.status_code, answer.json()["code"], answer.headers["content-type"]) == (status, code, PROBLEM)
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_nul_is_wrong_input_also_from_nobody(client: httpx.AsyncClient) -> None:
    login = {"username": "ad\0min", "password": "x"}
    for answer in (await client.post("/api/v1/login", json=login), await client.get("/api/v1/audit?action=%00")):
        assert (answer.status_code, answer.json()["code"], answer.headers["content-type"]) == (
            422,
            "invalid_input",
            PROBLEM,
        )
        assert "NUL" in answer.json()["detail"]


async def test_an_error_that_nobody_foresaw_shows_its_number_alone(
    root: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "roadbed.api.errors"):
        answer = await root.get("/api/v1/broken")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert "Traceback" not in answer.text
    (record,) = caplog.records
    assert answer.json()["id"] in record.getMessage()
    assert record.exc_info is not None


async def test_bodies_have_a_limit_and_a_route_may_have_its_own(root: httpx.AsyncClient) -> None:
    json = {"Content-Type": "application/json"}
    over, under = b" " * (1024 * 1024 + 1), b"x" * (2 * 1024 * 1024)
    answer = await root.post("/api/v1/things", content=over, headers=json)
    assert (answer.status_code, answer.headers["content-type"]) == (413, PROBLEM)

    async def chunks() -> AsyncIterator[bytes]:  # no Content-Length: the bytes themselves are counted
        for _ in range(20):
            yield b" " * 100_000

    streamed = await root.post("/api/v1/things", content=chunks(), headers=json)
    assert (streamed.status_code, streamed.headers["content-type"]) == (413, PROBLEM)
    assert (await root.put("/api/v1/large", content=under)).json() == {"size": len(under)}
    large = await root.put("/api/v1/large", content=under * 2)
    assert large.json()["detail"] == "the request is larger than the 3 MB that may be sent here"


async def test_a_refused_change_is_audited_in_the_name_of_who_tried(client: httpx.AsyncClient, people: People) -> None:
    developer = await people.person("ada", "developer", "group:default/payments")
    client.headers["Authorization"] = f"Bearer {await people.token(developer)}"
    answer = await client.post("/api/v1/things", json={"name": "orders"})
    assert (answer.status_code, answer.json()["exit_code"]) == (403, 3)
    assert "that takes the role operator" in answer.json()["detail"]
    (record,) = await audited(people, "application.deploy")
    assert (record.principal, record.target, record.outcome) == ("user:ada", "application orders", "refused")
    assert record.environment == "prod"


async def test_a_page_that_answers_its_own_refusal_has_it_audited_too(root: httpx.AsyncClient, people: People) -> None:
    assert (await root.post("/refusing")).status_code == 403
    (record,) = await audited(people, "POST /refusing")
    assert record.detail == {"reason": "not on a Friday"}


async def test_what_may_not_be_seen_is_not_found_and_not_audited(client: httpx.AsyncClient, people: People) -> None:
    client.headers["Authorization"] = f"Bearer {await people.token(await people.person('eve'))}"
    assert (await client.post("/api/v1/things", json={"name": "orders"})).status_code == 404


async def test_a_database_that_is_away_is_said_so(people: People) -> None:
    away = Database("postgresql://nobody@127.0.0.1:1/nothing")
    app = create_app(database=away, identity=people.identity, audit=people.audit, routers=[])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        answer = await client.get("/api/v1/health")
        assert (answer.status_code, answer.json()["code"], answer.json()["exit_code"]) == (503, "unavailable", 5)
        token = {"Authorization": "Bearer " + await people.token(await people.owner())}
        assert (await client.get("/api/v1/whoami", headers=token)).status_code == 503
    await away.close()


async def test_health_is_public_and_says_little(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/health")
    assert (answer.status_code, answer.json()["status"], set(answer.json())) == (200, "ok", {"status", "version"})


async def test_the_openapi_document_is_whole(root: httpx.AsyncClient, app: FastAPI) -> None:
    document = (await root.get("/api/v1/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    operations = [operation for item in document["paths"].values() for operation in item.values()]
    ids = [operation["operationId"] for operation in operations]
    assert len(set(ids)) == len(ids)
    assert all(PROBLEM in operation["responses"]["default"]["content"] for operation in operations)
    assert document["paths"]["/api/v1/whoami"]["get"]["security"] == [{"HTTPBearer": []}]
    assert "/page" not in document["paths"]
