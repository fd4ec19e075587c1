"""Sources and builds through their one door, as operations and over REST."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from starlette.middleware.base import RequestResponseEndpoint

from control_kit import Control, open_control
from fakes.access import OWNER, allow, refuse
from fakes.audit import FakeAudit
from roadbed.control.run import Run, StepRun
from roadbed.delivery.builds import repository
from roadbed.delivery.builds.builder import Builder
from roadbed.delivery.builds.domain import Build
from roadbed.delivery.builds.errors import BuildNotFound, SourceNotFound
from roadbed.delivery.builds.machine import this_machine
from roadbed.delivery.builds.routes import router
from roadbed.delivery.builds.service import Builds
from roadbed.kit.clock import SystemClock
from roadbed.kit.errors import InvalidInput, Refused, Unauthenticated
from roadbed.storage.call import Call
from roadbed.storage.database import Database
from source_archives import packed, stream

SCORE = "apiVersion: score.dev/v1b1\nmetadata: {name: web}\ncontainers: {main: {image: .}}\n"
FILES = {"score.yaml": SCORE, "main.py": "print(1)"}


class Platform:
    """A service over a home and a database, and an operation that builds."""

    def __init__(self, home: Path, control: Control) -> None:
        self.audit, self.control = FakeAudit(), control
        self.builds = Builds(home, allow, self.audit, SystemClock())  # type: ignore[arg-type]  # records only
        control.operations.register("build", self._run)

    async def _run(self, run: Run) -> Mapping[str, Any]:
        async def variables(names: Collection[str]) -> Mapping[str, str]:
            return {name: value for name, value in run.operation.input.get("set", {}).items() if name in names}

        async def build(step: StepRun) -> Any:
            return (await self.builds.ensure(run, step, run.operation.input["source"], variables)).digest

        return {"digest": await run.step("build", "Building", build)}

    async def upload(self, files: Mapping[str, str]) -> str:
        async with self.control.database.call(OWNER) as call:
            return (await self.builds.accept(call, stream(packed(files)))).digest

    async def build(self, source: str, **set: str) -> tuple[Mapping[str, Any], list[str]]:
        accepted = await self.control.enqueue("build", input={"source": source, "set": set})
        done = await self.control.ended(accepted.id)
        return done.result or done.error or {}, await self.control.log(accepted.id)


@pytest.fixture
async def platform(home: Path, database: Database) -> AsyncIterator[Platform]:
    async with open_control(database) as control:
        yield Platform(home, control)


async def test_a_source_is_built_once(platform: Platform) -> None:
    source = await platform.upload(FILES)
    result, log = await platform.build(source)
    assert log[-1].startswith(f"Built {result['digest'][:12]} in ")
    again, log = await platform.build(source)
    assert again == result
    assert log == [f"Nothing to build: {result['digest'][:12]} was built before"]
    assert platform.audit.actions == ["source.upload", "build.create"]
    async with platform.control.database.call(OWNER) as call:
        assert await platform.builds.artifact_digest(call, source) == result["digest"]
        view = await platform.builds.get(call, result["digest"][:10])
        build = view.build
        assert (build.source, build.recipe["parts"][0]["dependencies"], build.size > 0) == (source, "none", True)
        assert "Compiling" in await platform.builds.log(call, build.digest)
        assert (await platform.builds.application_source(call, source)).name == "web"
        assert [one.build.digest for one in (await platform.builds.list(call)).items] == [build.digest]


async def test_versions_that_no_lock_file_says_are_told_once(platform: Platform) -> None:
    at = SystemClock().now()
    open_, locked = {"layer": "one", "unlocked": "Pipfile"}, {"layer": "two"}
    parts = {"first": [open_, locked], "same": [open_], "other": [{**open_, "layer": "three"}], "locked": [locked]}
    async with platform.control.database.call(OWNER) as call:
        for name, made in parts.items():
            await repository.add(call.session, Build(name, "s", {"parts": made}, at, "x", at, 1.0, 1, ""))
        await repository.add(call.session, Build("none", "s", {"parts": [open_]}, at, "x", at, 1.0, 1, "", lock="# x"))

        async def told(build: str, before: str | None, since: datetime = at) -> list[str]:
            return await platform.builds.notes(call, build, since, before)

        for build, before in (("first", None), ("other", "first"), ("first", "locked")):
            (note,) = await told(build, before)
            assert "chose the versions that Pipfile leaves open" in note
        assert await told("same", "first") == await told("locked", "first") == await told("", "first") == []
        assert await told("none", None) == await told("first", None, at + timedelta(seconds=1)) == []


async def test_a_failed_build_fails_its_operation_with_the_last_lines(platform: Platform) -> None:
    source = await platform.upload({**FILES, "requirements.txt": "h11==0.0.0\n"})
    error, log = await platform.build(source)
    assert (error["code"], error["exit_code"]) == ("build_failed", 1)
    assert "h11==0.0.0" in error["detail"]
    assert any("h11==0.0.0" in line for line in log)


async def test_a_build_sees_the_secrets_that_are_set_and_says_which_are_not(platform: Platform) -> None:
    application = (
        "apiVersion: roadbed.dev/v1\nkind: Application\nmetadata: {name: web}\n"
        'build: {commands: ["echo token=$TOKEN, other=$OTHER"], secrets: [TOKEN]}\n'
    )
    source = await platform.upload({"score.yaml": SCORE, "a.txt": "", "roadbed.yaml": application})
    without, log = await platform.build(source)
    assert "build.secrets names TOKEN, which is not set" in log[0]
    assert "token=, other=" in log
    built, log = await platform.build(source, TOKEN="sesame-opens", OTHER="not-declared")
    assert "token=••••••, other=" in log
    assert built["digest"] != without["digest"]
    async with platform.control.database.call(OWNER) as call:
        assert await platform.builds.artifact_digest(call, source, ["TOKEN"]) == built["digest"]
        assert "sesame" not in await platform.builds.log(call, built["digest"])


async def test_lists_are_given_in_pages(platform: Platform) -> None:
    digests = [(await platform.build(await platform.upload({"main.py": f"print({n})"})))[0]["digest"] for n in range(3)]
    async with platform.control.database.call(OWNER) as call:
        first = await platform.builds.list(call, limit=2)
        rest = await platform.builds.list(call, limit=2, cursor=first.next)
    assert [view.build.digest for view in (*first.items, *rest.items)] == digests[::-1]
    assert rest.next is None


async def test_what_is_not_there_is_not_found(platform: Platform) -> None:
    async with platform.control.database.call(OWNER) as call:
        for digest in ("0" * 64, "../../etc", ""):
            with pytest.raises(SourceNotFound):
                await platform.builds.artifact_digest(call, digest)
        with pytest.raises(BuildNotFound):
            await platform.builds.get(call, "0" * 64)


async def test_a_path_out_of_the_tree_is_refused(platform: Platform) -> None:
    score = SCORE.replace("{image: .}", "{image: ., files: {/x: {source: ../secret}}}")
    source = await platform.upload({"score.yaml": score, "main.py": ""})
    async with platform.control.database.call(OWNER) as call:
        with pytest.raises(InvalidInput, match="leads out of the source tree"):
            await platform.builds.application_source(call, source)


async def test_nobody_and_who_may_not_get_nothing(home: Path, database: Database) -> None:
    async with database.session() as session:
        for call, authorise, error in (
            (Call(session, None), allow, Unauthenticated),
            (Call(session, OWNER), refuse, Refused),
        ):
            builds = Builds(home, authorise, FakeAudit(), SystemClock())  # type: ignore[arg-type]  # records only
            for asked in (
                builds.accept(call, stream(b"")),
                builds.application_source(call, "0" * 64),
                builds.artifact_digest(call, "0" * 64),
                builds.get(call, "0" * 64),
            ):
                with pytest.raises(error):
                    await asked
    assert list(home.iterdir()) == []


async def test_sources_are_uploaded_and_builds_read_over_rest(platform: Platform) -> None:
    app = FastAPI()
    app.state.database = platform.control.database
    app.include_router(router(platform.builds))

    @app.middleware("http")
    async def as_owner(request: Request, call_next: RequestResponseEndpoint) -> Response:
        request.state.principal = OWNER
        return await call_next(request)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as client:
        body = packed(FILES)
        uploaded = (await client.put("/sources", content=body)).json()
        assert uploaded["size"] == len(body)
        built, _ = await platform.build(uploaded["digest"])
        listed = (await client.get("/builds")).json()
        assert [build["digest"] for build in listed["items"]] == [built["digest"]]
        one = (await client.get(f"/builds/{built['digest']}")).json()
        assert one["source"] == uploaded["digest"]
        assert one["created_at"].endswith("Z")


def test_only_what_is_whole_counts_as_built(home: Path) -> None:
    builder = Builder(home, this_machine())
    (builder.folder / "abc").mkdir(parents=True)
    assert not builder.has("abc")
