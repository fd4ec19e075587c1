"""The conformance suite lets an honest provider through, and catches each kind of one that is not."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from roadbed.providers.driver import Actual, Desired, Property, Report
from roadbed.sdk.testing import CHECKS, Case, Check, Violation
from roadbed.sdk.testing.faults import LIES, FaultyProvider, World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path / "world.db")
    yield world
    world.close()


def case(provider: FaultyProvider, type: str = "test:Thing") -> Case:
    async def vanish(id: str) -> None:
        provider.world.remove(id)

    return Case(provider, type, {"value": 1, "place": "a"}, changed={"value": 2, "place": "a"}, vanish=vanish)


@pytest.mark.parametrize("check", CHECKS, ids=str)
@pytest.mark.parametrize("type", FaultyProvider.types)
async def test_an_honest_provider_passes(check: Check, type: str, world: World) -> None:
    await check(case(FaultyProvider(world), type))
    assert not world.things, "the suite left something"


async def broken(subject: Case) -> set[str]:
    """The names of the rules that it breaks."""
    found = set()
    for check in CHECKS:
        try:
            await check(subject)
        except Violation:
            found.add(check.name)
    return found


@pytest.mark.parametrize("lie", LIES)
async def test_a_lie_is_caught(lie: Any, world: World) -> None:
    world.fail("*", lie, action="update", times=100)
    assert "round_trip" in await broken(case(FaultyProvider(world)))


class Forgetful(FaultyProvider):
    """Makes another at each attempt."""

    def _id(self, desired: Desired) -> str:
        return super()._id(replace(desired, type="test:Once"))


class Chatty(FaultyProvider):
    async def create(self, desired: Desired, report: Report) -> Actual:
        made = await super().create(desired, report)
        logging.getLogger("chatty").debug("made %s with %s", made.id, made.secrets["key"])
        return made


class Teller(FaultyProvider):
    async def update(self, desired: Desired, id: str, report: Report) -> Actual:
        made = await super().update(desired, id, report)
        await report(f"its key is {made.secrets['key']}")
        return made


class Stubborn(FaultyProvider):
    async def delete(self, desired: Desired, id: str, report: Report) -> None:
        """Leaves everything."""


class Pedantic(FaultyProvider):
    async def delete(self, desired: Desired, id: str, report: Report) -> None:
        if self.world.find(id) is None:
            raise KeyError(id)
        await super().delete(desired, id, report)


class Singleton(FaultyProvider):
    def _id(self, desired: Desired) -> str:
        return "the-only-one"


class Neighbourly(FaultyProvider):
    """Finds what it made by its URN, whoever has that by now."""

    async def create(self, desired: Desired, report: Report) -> Actual:
        return await super().create(replace(desired, token=""), report)


class Trusting(FaultyProvider):
    async def read(self, desired: Desired, id: str) -> Actual | None:
        return await super().read(desired, id) if isinstance(desired.properties["value"], int) else None


class Undescribed(FaultyProvider):
    types = {"test:Thing": replace(FaultyProvider.types["test:Thing"], properties={"value": Property({})})}  # noqa: RUF012


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        (Forgetful, "created_again"),
        (Forgetful, "outcome_lost"),
        (Chatty, "round_trip"),
        (Teller, "round_trip"),
        (Stubborn, "round_trip"),
        (Singleton, "two_at_once"),
        (Neighbourly, "named_again"),
        (Trusting, "unsure"),
        (Undescribed, "declared"),
    ],
)
async def test_a_broken_rule_is_named(kind: type[FaultyProvider], rule: str, world: World) -> None:
    assert rule in await broken(case(kind(world)))


async def test_a_place_of_its_own_hides_no_thing_that_was_taken(world: World) -> None:
    def place(word: str) -> dict[str, Any]:
        return {"place": word}

    assert "named_again" in await broken(replace(case(Neighbourly(world)), properties={"value": 1}, vary=place))


async def test_a_removal_that_complains_is_caught(world: World) -> None:
    deleted_again: Callable[[Case], Awaitable[None]] = next(check for check in CHECKS if check.name == "deleted_again")
    with pytest.raises(KeyError):
        await deleted_again(case(Pedantic(world)))
