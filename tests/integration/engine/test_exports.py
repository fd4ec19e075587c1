"""What stacks export and use of each other: what can't be is refused as the plan is made, at its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from fakes.access import OWNER
from fakes.provider import FakeWorld, permanent
from fakes.watching import Silent
from integration.engine.bench import make_engine
from roadbed.engine import records
from roadbed.engine.domain import Plan
from roadbed.engine.errors import ApplyFailed, PlanChanged
from roadbed.engine.service import Engine, PlanRequest, StackInfo
from roadbed.kit.errors import InvalidInput
from roadbed.kit.names import StackName
from roadbed.providers.core.provider import CoreProvider
from roadbed.storage.database import Database
from unit.engine.building import STACK, ref, resource, urn

OTHER = "other@dev"


@dataclass
class Bench:
    """An engine over a world in memory, with its state in a real database."""

    database: Database
    world: FakeWorld
    engine: Engine

    async def plan(self, *resources: Mapping[str, Any], stack: str = STACK, **exports: Any) -> Plan:
        document = {"version": 1, "stack": stack, "resources": list(resources), "exports": exports}
        async with self.database.call(OWNER) as call:
            return await self.engine.plan(call, PlanRequest(info(stack), document))

    async def apply(self, *resources: Mapping[str, Any], stack: str = STACK, **exports: Any) -> Plan:
        plan = await self.plan(*resources, stack=stack, **exports)
        return await self.engine.apply(OWNER, info(stack), plan.number, Silent())

    async def refused(self, *resources: Mapping[str, Any], stack: str = STACK, **exports: Any) -> str:
        """What is said of a plan that can't be made."""
        with pytest.raises(InvalidInput) as refused:
            await self.plan(*resources, stack=stack, **exports)
        return str(refused.value)

    async def exported(self) -> dict[str, Any]:
        async with self.database.call(OWNER) as call:
            return {name: export.value for name, export in (await records.exports(call.session, STACK)).items()}

    async def edit(self, statement: str) -> None:
        async with self.database.session() as session:
            await (await session.connection()).exec_driver_sql(statement)


def info(stack: str) -> StackInfo:
    return StackInfo(StackName.parse(stack), "group:default/shops", "development")


def data(value: Any) -> dict[str, Any]:
    """Something that shows what it is given, declared in line 7 of `roadbed.py` of another stack."""
    urn, source = f"{OTHER}/x#core:Data", {"file": "roadbed.py", "line": 7}
    return {"urn": urn, "type": "core:Data", "name": "x", "properties": {"input": value}, "source": source}


@pytest.fixture
def bench(database: Database) -> Bench:
    world = FakeWorld()
    engine = make_engine(database, world, CoreProvider())
    return Bench(database, world, engine)


async def test_what_can_not_be_exported_is_refused_and_the_old_value_is_not_served_for_it(bench: Bench) -> None:
    await bench.apply(resource("a"), x=ref("a"))
    assert await bench.refused(resource("a", {"value": 2}), x=ref("a", "idd")) == (
        f"the export 'x' asks for 'idd' of {urn('a')}, which has no such output"
    )
    assert await bench.refused(resource("a"), x={"$import": ["none@dev", "v"]}) == (
        "the export 'x' can't be resolved: none@dev exports no 'v'"
    )
    assert await bench.refused(resource("a"), x={"$secret": "secret_1"}) == (
        f"the export 'x' can't be resolved: {STACK} holds no secret 'secret_1' any more"
    )
    assert await bench.refused(resource("a"), x=ref("a", "id.0")) == (
        f"the export 'x' can't be resolved: {urn('a')} has no output 'id.0'"
    )
    assert await bench.exported() == {"x": "id-a"}


async def test_what_failed_to_be_made_exports_what_it_did_before(bench: Bench) -> None:
    await bench.apply(resource("a"), resource("b"), x=ref("a"), y=ref("b"))
    bench.world.before["c"].append(permanent())
    with pytest.raises(ApplyFailed):
        await bench.apply(resource("a"), resource("b"), resource("c"), x=ref("c"), y=[ref("b")])
    assert await bench.exported() == {"x": "id-a", "y": ["id-b"]}


async def test_what_is_found_at_last_not_to_be_exportable_is_told_and_leaves_the_old_value(bench: Bench) -> None:
    await bench.apply(resource("a"), x=ref("a"), y="old")
    number, plan = {"$call": ["number", ref("b")]}, [resource("a"), resource("b")]
    says = "all resources are as planned, but the export 'x' can't be resolved: number() can't take (str): ValueError"
    with pytest.raises(ApplyFailed) as failed:
        await bench.apply(*plan, x=number, y="new")
    assert failed.value.message == says
    assert urn("b") in bench.world.things
    assert await bench.exported() == {"x": "id-a", "y": "new"}
    with pytest.raises(ApplyFailed) as again:
        await bench.engine.apply(OWNER, info(STACK), 2, Silent())
    assert again.value.message == says
    assert await bench.refused(*plan, x=number) == (
        "the export 'x' can't be resolved: number() can't take (str): ValueError"
    )
    await bench.apply(*plan, x=ref("b"))
    assert await bench.exported() == {"x": "id-b"}


async def test_a_secret_of_another_stack_is_not_planned_where_it_would_stand_in_the_clear(bench: Bench) -> None:
    await bench.apply(resource("a"), k=ref("a", "key"), id=ref("a"))
    secret, plain = {"$import": [STACK, "k"]}, {"$import": [STACK, "id"]}
    assert await bench.refused(data({"$call": ["json", {"a": secret}]}), stack=OTHER) == (
        f"roadbed.py:7: 'input' of {OTHER}/x#core:Data is secret, and may not be"
    )
    await bench.apply(data(plain), stack=OTHER)


IMPORTS = "UPDATE plans SET body = jsonb_set(body::jsonb, '{imports}', '[]')::json"
TIME = "UPDATE plans SET created_at = created_at + interval '1 microsecond'"
UNSEALED = "UPDATE plans SET body = (body::jsonb - 'seal')::json"
NUMBER = "UPDATE plans SET number = 7"


@pytest.mark.parametrize(("edited", "number"), [(IMPORTS, 1), (TIME, 1), (UNSEALED, 1), (NUMBER, 7)])
async def test_what_an_apply_goes_by_can_not_be_edited(bench: Bench, edited: str, number: int) -> None:
    await bench.apply(resource("a"), id=ref("a"))
    await bench.plan(data({"$import": [STACK, "id"]}), stack=OTHER)
    await bench.edit(f"{edited} WHERE stack = '{OTHER}'")
    with pytest.raises(PlanChanged, match=f"plan {number} of {OTHER} was changed after it was made"):
        await bench.engine.apply(OWNER, info(OTHER), number, Silent())
