"""A provider that tells what it was told in secret: by an error, a report, a log line, a thread, an output."""

from __future__ import annotations

import asyncio
import base64
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fakes.access import OWNER, allow
from fakes.approvals import OpenGate
from fakes.audit import FakeAudit
from fakes.watching import Silent
from roadbed.control.events import Events
from roadbed.engine.domain import Recorded, Step
from roadbed.engine.errors import ApplyFailed
from roadbed.engine.known import secret_context
from roadbed.engine.service import Engine, PlanRequest, StackInfo
from roadbed.kit.clock import FixedClock
from roadbed.kit.errors import InvalidInput, Problem, RoadbedError, TooLarge
from roadbed.kit.names import StackName
from roadbed.policy.domain import Judgement, Verdict
from roadbed.providers.driver import Actual, Desired, Report, Transient
from roadbed.sdk.testing.faults import FaultyProvider, World
from roadbed.secrets.service import Secrets
from roadbed.storage.call import Call
from roadbed.storage.database import Database
from roadbed.waivers.in_force import WaiversInForce
from unit.engine.building import STACK, document, ref, resource

SECRET = "hunter2/&hunter2"
INFO = StackInfo(StackName.parse(STACK), "group:default/shops", "development")
SECRETS = Secrets(bytes(32))
VALUE = {"value": {"url": {"$secret": "password"}}}

Leak = Callable[[Desired, Report], Awaitable[dict[str, Any]]]


class Leaking(FaultyProvider):
    """Does `leak` before each creation; what that returns goes into its answer."""

    leak: Leak

    async def create(self, desired: Desired, report: Report) -> Actual:
        more = await self.leak(desired, report)
        actual = await super().create(desired, report)
        return replace(actual, id=more.pop("id", actual.id), outputs={**actual.outputs, **more})


class Held:
    """What is told of the stack: its one secret; no policy says anything."""

    async def held(self, call: Call, stack: StackInfo) -> Mapping[str, str]:
        return {"password": SECRETS.seal(SECRET, context=secret_context(STACK, "password"))}

    async def judge(self, *_: Any) -> Judgement:
        return Judgement()

    async def judge_again(self, *_: Any) -> Sequence[Verdict]:
        return ()


@dataclass
class Watching(Silent):
    told: list[str] = field(default_factory=list)

    def ended(self, step: Step, error: RoadbedError | None) -> None:
        self.told.append(str(error))

    def said(self, step: Step, text: str) -> None:
        self.told.append(text)


@dataclass
class Bench:
    database: Database
    engine: Engine
    provider: Leaking
    watching: Watching = field(default_factory=Watching)

    async def apply(self, *resources: Mapping[str, Any], leak: Leak) -> None:
        self.provider.leak = leak
        async with self.database.call(OWNER) as call:
            plan = await self.engine.plan(call, PlanRequest(INFO, document(*resources)))
        await self.engine.apply(OWNER, INFO, plan.number, self.watching)

    async def state(self) -> Mapping[str, Recorded]:
        async with self.database.call(OWNER) as call:
            return await self.engine.resources(call, INFO)

    async def stored(self) -> str:
        """All that the database holds of the stack, but for what is sealed."""
        async with self.database.session() as session:
            connection = await session.connection()
            tables = ("resources", "journal", "plans", "stack_history")
            return "".join([str((await connection.exec_driver_sql(f"SELECT * FROM {name}")).all()) for name in tables])


@pytest.fixture
def bench(database: Database) -> Bench:
    provider = Leaking(World(Path(":memory:")))
    providers = dict.fromkeys(provider.types, provider)
    held: Any = Held()
    audit: Any = FakeAudit()
    clock = FixedClock()
    waivers = WaiversInForce(clock)
    engine = Engine(
        database, allow, audit, Events(database), clock, SECRETS, providers, held, held, waivers, OpenGate()
    )
    return Bench(database, engine, provider)


async def in_its_error(desired: Desired, report: Report) -> dict[str, Any]:
    told = desired.properties["value"]["url"]
    raise InvalidInput(f"can't log in with {told}", hint=f"try {told}", problems=[Problem(f"{told} is bad", told)])


async def by_a_bug(desired: Desired, report: Report) -> dict[str, Any]:
    raise RuntimeError(f"can't log in with {desired.properties['value']['url']}")


async def by_a_bug_with_a_cause(desired: Desired, report: Report) -> dict[str, Any]:
    try:
        await by_a_bug(desired, report)
    except RuntimeError as error:
        raise InvalidInput("can't log in") from error
    return {}


async def by_something_transient(desired: Desired, report: Report) -> dict[str, Any]:
    raise Transient(f"busy with {desired.properties['value']['url']}")


async def in_a_report(desired: Desired, report: Report) -> dict[str, Any]:
    await report(f"logging in with {desired.properties['value']['url']}")
    raise InvalidInput("no")


async def in_its_log(desired: Desired, report: Report) -> dict[str, Any]:
    told = desired.properties["value"]["url"]
    log = logging.getLogger("a.provider")
    log.warning("logging in with %s", told)
    await asyncio.to_thread(log.warning, "from a thread with %s", told)
    try:
        await by_a_bug(desired, report)
    except RuntimeError:
        log.exception("it failed with %s", told, stack_info=True)
    raise InvalidInput("no")


async def in_an_output(desired: Desired, report: Report) -> dict[str, Any]:
    return {"value": [{"deep": f"postgres://app:{desired.properties['value']['url']}@host"}]}


async def in_base64(desired: Desired, report: Report) -> dict[str, Any]:
    return {"value": base64.b64encode(SECRET.encode()).decode()}


async def in_a_key(desired: Desired, report: Report) -> dict[str, Any]:
    return {"value": {SECRET: 1}}


async def in_the_name_of_an_output(desired: Desired, report: Report) -> dict[str, Any]:
    return {SECRET: 1}


async def in_its_id(desired: Desired, report: Report) -> dict[str, Any]:
    return {"id": f"id-{SECRET}"}


LEAKS: list[Leak] = [
    in_its_error,
    by_a_bug,
    by_a_bug_with_a_cause,
    by_something_transient,
    in_a_report,
    in_its_log,
    in_an_output,
    in_base64,
    in_a_key,
    in_the_name_of_an_output,
    in_its_id,
]


@pytest.mark.parametrize("leak", LEAKS, ids=lambda leak: leak.__name__)
async def test_a_secret_is_nowhere_however_a_provider_tells_it(
    bench: Bench, leak: Leak, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("roadbed.engine.applying.patience.FIRST_DELAY_S", 0.0001)
    with caplog.at_level(logging.DEBUG), pytest.raises(ApplyFailed) as failed:
        await bench.apply(resource("a", VALUE), leak=leak)
    logged = "\n".join(logging.Formatter().format(record) for record in caplog.records)
    told = "\n".join([msgspec.json.encode(failed.value.to_dict()).decode(), *bench.watching.told])
    for text in (told, logged, await bench.stored()):
        assert SECRET not in text
        assert "hunter2" not in text
        assert base64.b64encode(SECRET.encode()).decode() not in text
    if leak in (in_an_output, in_base64, in_a_key):
        assert "the output 'value' is plain and holds a secret that it was given" in failed.value.message
    if leak is in_its_log:
        assert logged.count("••••••") >= 4


async def test_the_secret_outputs_of_what_configures_a_provider_are_hidden_and_its_plain_ones_are_not(
    bench: Bench,
) -> None:
    async def leak(desired: Desired, report: Report) -> dict[str, Any]:
        configuration = desired.configuration
        if configuration is None:
            return {}
        raise InvalidInput(f"no {configuration['key']} for {configuration['stable']}")

    server = resource("server")
    urn = server["urn"]
    with pytest.raises(ApplyFailed, match=r"no •••••• for stable-server-"):
        await bench.apply(server, {**resource("a"), "options": {"provider": urn}}, leak=leak)


async def test_what_stands_in_plain_beside_it_is_no_secret(bench: Bench) -> None:
    async def leak(desired: Desired, report: Report) -> dict[str, Any]:
        return {"value": SECRET} if desired.name == "a" else {}

    await bench.apply(resource("a", {"value": [{"$secret": "password"}, f"say {SECRET}"]}), leak=leak)
    assert not next(iter((await bench.state()).values())).broken


async def test_what_refers_to_large_outputs_is_refused_before_it_is_made(bench: Bench) -> None:
    async def leak(desired: Desired, report: Report) -> dict[str, Any]:
        return {}

    large = resource("large", {"value": "x" * 900_000})
    refers = resource("many", {"value": [ref("large", "value")] * 3}, after=("large",))
    with pytest.raises(ApplyFailed, match="shop@dev/many#test:Thing are over 2,000,000 bytes with what they refer to"):
        await bench.apply(large, refers, leak=leak)
    assert [thing.urn for thing in bench.provider.world.things.values()] == [large["urn"]]
    many: dict[str, Any] = {"value": {str(index): ref("large", "value") for index in range(300)}}
    with pytest.raises(TooLarge, match="over 2,000,000 bytes with what they refer to") as refused:
        await bench.apply(large, resource("many", many, after=("large",)), leak=leak)
    assert refused.value.problem.place == "thing.py:7"


async def test_an_output_of_200_mb_is_refused(bench: Bench) -> None:
    async def leak(desired: Desired, report: Report) -> dict[str, Any]:
        return {"value": "x" * 200_000_000}

    with pytest.raises(ApplyFailed, match="the output 'value' is over 1,000,000 bytes"):
        await bench.apply(resource("a"), leak=leak)
    assert len(await bench.stored()) < 100_000
