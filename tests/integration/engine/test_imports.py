"""Taking over what is there: once, by one resource."""

from __future__ import annotations

import pytest

from integration.engine.bench import OTHER, Bench, make_bench
from roadbed.kit.errors import InvalidInput
from roadbed.storage.database import Database
from unit.engine.building import resource, urn


@pytest.fixture
def bench(database: Database) -> Bench:
    return make_bench(database)


async def test_what_another_resource_has_is_not_imported(bench: Bench) -> None:
    await bench.apply(resource("a"))
    (thing,) = bench.world.things.values()
    taken = {**resource("b"), "options": {"import": thing.id}}
    for info in (None, OTHER):
        with pytest.raises(InvalidInput, match=f"{urn('a')} has it already: forget it there, or move it here"):
            await (bench.plan(resource("a"), taken) if info is None else bench.plan(taken, info=info))
    assert (await bench.state()).keys() == {"a"}


async def test_what_nobody_has_any_more_is(bench: Bench) -> None:
    bench.world.add("found", value="there")
    await bench.apply({**resource("a"), "options": {"import": "found"}})
    await bench.apply({**resource("a", {"value": "there"}), "options": {"retain_on_delete": True}})
    await bench.apply()
    plan = await bench.apply({**resource("b", {"value": "there"}), "options": {"import": "found"}}, info=OTHER)
    assert [step.action for step in plan.steps] == ["import"]
