"""Operations and events over HTTP: shapes, streams that end, resume and stop."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request
from starlette.middleware.base import RequestResponseEndpoint
from starlette.responses import JSONResponse, Response

from control_kit import Control
from roadbed.control.routes import router
from roadbed.control.run import Run
from roadbed.kit.errors import RoadbedError
from waiting import until


@pytest.fixture
async def http(control: Control) -> AsyncIterator[httpx.AsyncClient]:
    """A server of its own: streams need real connections."""
    app = FastAPI()
    app.state.database = control.database
    app.include_router(router(control.operations), prefix="/api/v1")

    @app.middleware("http")
    async def authenticate(request: Request, proceed: RequestResponseEndpoint) -> Response:
        request.state.principal = control.principal
        return await proceed(request)

    @app.exception_handler(RoadbedError)
    async def problem(_: Request, error: Exception) -> Response:
        assert isinstance(error, RoadbedError)
        return JSONResponse(error.to_dict(), status_code=error.status)

    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
    task = asyncio.create_task(server.serve([listening]))
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{listening.getsockname()[1]}/api/v1", timeout=30
    ) as client:
        await until(lambda: server.started, what="the server")
        yield client
    server.should_exit = True
    await task


async def read(response: httpx.Response) -> list[tuple[str, str | None, Any]]:
    """All (event, id, data) until the stream ends."""
    events, fields = [], dict[str, str]()
    async for line in response.aiter_lines():
        if not line and "data" in fields:
            events.append((fields["event"], fields.get("id"), json.loads(fields["data"])))
        name, _, value = line.partition(": ")
        fields = fields | {name: value} if line else {}
    return events


async def test_shapes(control: Control, http: httpx.AsyncClient) -> None:
    async def deploy(run: Run) -> dict[str, str]:
        await run.log("hello")
        return {"url": "http://x"}

    control.operations.register("deploy", deploy)
    operation = await control.ended((await control.enqueue("deploy", steps=[("a", "A")])).id)
    one = (await http.get(f"/operations/{operation.id}")).json()
    assert one["state"] == "succeeded"
    assert one["result"] == {"url": "http://x"}
    assert one["created_at"].endswith("Z")
    assert one["steps"] == [
        {"name": "a", "title": "A", "state": "skipped", "done": 0, "total": 0, "message": None}
        | {"started_at": None, "ended_at": one["steps"][0]["ended_at"]}
    ]
    assert "input" not in one
    assert (await http.get("/operations")).json() == {"items": [one], "next": None}
    log = (await http.get(f"/operations/{operation.id}/log")).json()
    assert [(line["sequence"], line["text"]) for line in log["items"]] == [(1, "hello")]
    assert (await http.get(f"/operations/{operation.id}/log", params={"after": 1})).json()["items"] == []
    assert (await http.post(f"/operations/{operation.id}/cancel")).status_code == 409
    assert (await http.get("/operations/op_none")).status_code == 404
    assert (await http.get("/operations", params={"state": "odd"})).status_code == 422


async def test_a_followed_operation_streams_and_ends(control: Control, http: httpx.AsyncClient) -> None:
    go = asyncio.Event()

    async def talk(run: Run) -> None:
        for n in range(3):
            await run.log(f"line {n}")
        await go.wait()
        await run.log("bye")

    control.operations.register("talk", talk)
    operation = await control.enqueue("talk")

    async def logged() -> list[str]:
        return await control.log(operation.id)

    await until(logged, what="the log")
    async with http.stream("GET", f"/operations/{operation.id}/events", headers={"Last-Event-ID": "2"}) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        go.set()
        events = await read(response)
    assert [(id_, data["text"]) for kind, id_, data in events if kind == "log"] == [("3", "line 2"), ("4", "bye")]
    assert [data["state"] for kind, _, data in events if kind == "operation"][-1] == "succeeded"


async def test_following_what_is_not_there_is_a_plain_404(control: Control, http: httpx.AsyncClient) -> None:
    assert (await http.get("/operations/op_none/events")).status_code == 404


async def test_events_stream_until_the_client_goes(control: Control, http: httpx.AsyncClient) -> None:
    first = await control.enqueue("nothing.does.this")
    async with http.stream("GET", "/events", headers={"Last-Event-ID": "0"}) as response:
        lines = response.aiter_lines()
        async for line in lines:
            if line.startswith("data: "):
                assert json.loads(line[6:])["subject"] == f"operation:{first.id}"
                break
        before = len(list(control.events._subscriptions))
        await lines.aclose()  # type: ignore[attr-defined]  # it is a generator
    await until(lambda: len(list(control.events._subscriptions)) < before, what="the end of the subscription")
