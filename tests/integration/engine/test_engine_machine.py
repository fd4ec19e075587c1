"""However a stack is edited and whatever befalls its applies: world, state and declaration agree in the end."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator
from uuid import uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from conftest import CLONED, TEMPLATE
from integration.engine.machine import FAULTS, Machine, Stage, Trouble
from roadbed.engine.applying import patience
from roadbed.storage.database import Database
from roadbed.storage.embedded import EmbeddedPostgres
from unit.engine.random_stacks import Wish

STEPS = 4


@pytest.fixture
def stage(postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """A loop of its own, since hypothesis drives it from outside; retries that don't wait."""
    monkeypatch.setattr(patience, "FIRST_DELAY_S", 0.0001)
    name = f"test_{uuid4().hex}"
    loop = asyncio.new_event_loop()
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as administrator:
        administrator.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} {CLONED}".encode())
        database = Database(postgres.url(name))
        try:
            stage = Stage(database, loop)
            yield stage
            stage.world.close()
        finally:
            loop.run_until_complete(database.close())
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.close()
            administrator.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def on(stage: Stage) -> type[Machine]:
    return type("StackMachine", (Machine,), {"stage": stage})


def hold(stage: Stage, examples: int, record: Callable[[str, object], None]) -> None:
    """Tells what was met, also when it fails."""
    asked = settings(
        max_examples=examples,
        stateful_step_count=STEPS,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,  # a run is the same whatever the last one found
    )
    try:
        run_state_machine_as_test(on(stage), settings=asked)
    finally:
        record("met", ", ".join(f"{what} {count}" for what, count in sorted(stage.met.items())))


def test_world_state_and_declaration_agree(stage: Stage, record_property: Callable[[str, object], None]) -> None:
    hold(stage, 100, record_property)


@pytest.mark.longest
@pytest.mark.slow
@pytest.mark.parametrize("half", ["one half", "other half"])
def test_they_agree_at_length(stage: Stage, half: str, record_property: Callable[[str, object], None]) -> None:
    """2,000 examples in two halves, which two workers share."""
    random.seed(f"{random.random()} {half}")  # every test begins with the run's seed: both would try the same
    hold(stage, 1000, record_property)
    assert set(FAULTS) <= stage.met.keys(), half


def test_a_renamed_resource_whose_deletion_failed_is_not_left_behind(stage: Stage) -> None:
    """Found by the machine: its provider may know it by its old name, so it is found by its id."""
    machine = on(stage)()
    machine.begin({"a": Wish()})
    machine.change({"b": Wish(alias="a")})
    machine.replace_all(Trouble(faults=(("*", "delete", "hang"),)))
    machine.settle()
