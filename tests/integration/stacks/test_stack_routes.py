"""Stacks over REST: the shapes of the answers, and what is never in them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from starlette.responses import Response

from roadbed.client.streams import read_events
from roadbed.engine.errors import PolicyRefused
from roadbed.kit.errors import InvalidInput
from roadbed.policy.domain import Place, Verdict
from roadbed.sdk.testing.faults import key_of
from roadbed.stacks import routes
from stacks_kit import Scene

PROGRAM = "a = Resource('test:Thing', 'a', value=1)\nResource('test:Thing', 'b', value=a.id)\nexport('key', a.key)\n"


@pytest.fixture
async def client(scene: Scene) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.state.database = scene.control.database
    app.include_router(routes.router(scene.stacks))

    @app.middleware("http")
    async def as_owner(request: Request, following: Any) -> Response:
        request.state.principal = scene.control.principal
        answer: Response = await following(request)
        return answer

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


async def test_from_a_plan_to_its_progress(scene: Scene, client: httpx.AsyncClient) -> None:
    scene.module("network", PROGRAM)
    plan = (await client.post("/stacks/network@dev/plans", json={})).json()
    assert (plan["version"], plan["number"], [step["action"] for step in plan["steps"]]) == (1, 1, ["create"] * 2)
    accepted = await client.post("/stacks/network@dev/plans/1/apply")
    assert (accepted.status_code, accepted.json()["operation"]["kind"]) == (202, "stack.apply")
    stream = (await client.get("/stacks/network@dev/plans/1/progress")).content
    *batches, end = read_events(stream.splitlines(keepends=True))
    entries = [entry for batch in batches for entry in batch.data["entries"]]
    assert [entry["event"] for entry in entries if entry["event"] != "began"] == ["succeeded", "succeeded"]
    assert (end.event, batches[-1].id) == ("end", str(entries[-1]["id"]))
    again = await client.get("/stacks/network@dev/plans/1/progress", headers={"Last-Event-ID": str(entries[-1]["id"])})
    assert [event.event for event in read_events(again.content.splitlines(keepends=True))] == ["end"]


async def test_nothing_changed_is_short(scene: Scene, client: httpx.AsyncClient) -> None:
    await scene.apply("network@dev", PROGRAM)
    plan = (await client.post("/stacks/network@dev/plans?all=false", json={"refresh": True})).json()
    assert (plan["steps"], plan["empty"], plan["summary"]["none"]) == ([], True, 2)
    assert len((await client.get(f"/stacks/network@dev/plans/{plan['number']}")).json()["steps"]) == 2
    discarded = await client.post(f"/stacks/network@dev/plans/{plan['number']}/discard")
    assert discarded.json() == {"stack": "network@dev", "number": plan["number"], "discarded": True}


async def test_dependents_of_no_target_are_refused(scene: Scene, client: httpx.AsyncClient) -> None:
    scene.module("network", PROGRAM)
    with pytest.raises(InvalidInput, match="no targets whose dependents"):
        await client.post("/stacks/network@dev/plans", json={"target_dependents": True})


async def test_no_answer_holds_a_secret(scene: Scene, client: httpx.AsyncClient) -> None:
    await scene.apply("network@dev", PROGRAM)
    urn = "network@dev/a%23test:Thing"
    paths = (
        "",
        "/resources",
        f"/resources?urn={urn}",
        f"/resources/history?urn={urn}",
        "/history",
        "/plans",
        "/outputs",
    )
    answers = [await client.get(f"/stacks/network@dev{path}") for path in (*paths, "/drift", "/export", "/plans/1")]
    answers.append(await client.get("/stacks"))
    assert {answer.status_code for answer in answers} == {200}
    assert key_of(scene.thing("a")) not in "".join(answer.text for answer in answers)


async def test_secrets_go_in_and_never_out(scene: Scene, client: httpx.AsyncClient) -> None:
    scene.module("network", "Resource('test:Thing', 'a', value=secret('TOKEN'))\n")
    secrets = "/stacks/network@dev/secrets"
    for value, changed in (("hunter2", True), ("hunter2", False), ("hunter3", True)):
        answer = await client.put(f"{secrets}/TOKEN", json={"value": value})
        assert answer.json() == {"stack": "network@dev", "name": "TOKEN", "changed": changed}
    await scene.apply("network@dev")
    (item,) = (await client.get(secrets)).json()["items"]
    assert item.keys() == {"name", "set_at", "set_by"}
    assert (item["name"], item["set_by"]) == ("TOKEN", "user:olga")
    paths = ("", "/secrets", "/resources", "/history", "/plans", "/plans/1", "/export", "/drift")
    answers = [await client.get(f"/stacks/network@dev{path}") for path in paths]
    assert {answer.status_code for answer in answers} == {200}
    assert "hunter" not in "".join(answer.text for answer in answers)
    gone = await client.delete(f"{secrets}/TOKEN")
    assert gone.json() == {"stack": "network@dev", "name": "TOKEN", "unset": True}
    assert (await client.get(secrets)).json()["items"] == []


@pytest.mark.parametrize("body", [{}, {"value": ""}, {"value": 7}, {"value": "x" * 65_537}, {"value": "a", "b": 1}])
async def test_wrong_secrets(scene: Scene, client: httpx.AsyncClient, body: Any) -> None:
    scene.module("network", "")
    assert (await client.put("/stacks/network@dev/secrets/TOKEN", json=body)).status_code == 422
    assert (await client.get("/stacks/network@dev/secrets")).json()["items"] == []


async def test_the_state_goes_out_and_in(scene: Scene, client: httpx.AsyncClient) -> None:
    await scene.apply("network@dev", PROGRAM)
    document = (await client.get("/stacks/network@dev/export")).json()
    answer = await client.post("/stacks/network@dev/import", json={"document": document, "replace": True})
    assert answer.json()["resources"] == 2
    moved = await client.post("/stacks/network@dev/move", json={"resources": ["b"], "to": "network@dev/web/b"})
    assert moved.json()["items"] == [{"was": "network@dev/b#test:Thing", "urn": "network@dev/web/b#test:Thing"}]
    gone = await client.post("/stacks/network@dev/forget", json={"resources": ["web/b"]})
    assert gone.json() == {"items": ["network@dev/web/b#test:Thing"]}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("plans", {"unknown": 1}),
        ("plans", {"targets": ["x" * 1_001]}),
        ("move", {"resources": [], "to": "a@dev"}),
        ("forget", {"resources": [""]}),
        ("import", {"document": []}),
    ],
)
async def test_wrong_bodies(client: httpx.AsyncClient, path: str, body: Any) -> None:
    assert (await client.post(f"/stacks/network@dev/{path}", content=json.dumps(body))).status_code == 422


async def test_what_policies_say_of_a_stack_without_a_plan_and_across_stacks(
    scene: Scene, client: httpx.AsyncClient
) -> None:
    scene.module("network", PROGRAM)
    urn = "network@dev/a#test:Thing"
    scene.policies.say(
        Verdict("closed", "mandatory", urn, "it is open", "close it", "ours", "so", Place("roadbed.py", 2)),
        Verdict("closed", "advisory", urn, "it is wide open", "close it", "ours"),
        Verdict("named", "advisory", "", "it has no name", "name it"),
    )
    checked = (await client.post("/stacks/network@dev/checks")).json()
    assert (checked["stack"], checked["refused"], len(checked["verdicts"])) == ("network@dev", True, 3)
    assert checked["verdicts"][0]["source"] == {"file": "roadbed.py", "line": 2}
    report = (await client.get("/policy-report")).json()
    assert report == {"judged": 0, "policies": [], "stacks": []}, "a check stores nothing"
    assert (await client.post("/stacks/network@dev/plans", json={})).status_code == 200
    with pytest.raises(PolicyRefused, match="closed: it is open"):
        await client.post("/stacks/network@dev/plans/1/apply")
    report = (await client.get("/policy-report", params={"environment": "dev"})).json()
    assert [(one["policy"], one["findings"], one["waived"], one["stacks"]) for one in report["policies"]] == [
        ("closed", 1, 0, ["network@dev"]),
        ("closed", 1, 0, ["network@dev"]),
        ("named", 1, 0, ["network@dev"]),
    ]
    (stack,) = report["stacks"]
    assert (stack["stack"], stack["owner"], stack["plan"], len(stack["verdicts"])) == ("network@dev", None, 1, 3)
    assert (await client.get("/policy-report", params={"environment": "prod"})).json()["judged"] == 0
