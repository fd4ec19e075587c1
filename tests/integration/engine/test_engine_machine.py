"""However a stack is edited and whatever befalls its applies: world, state and declaration agree in the end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from uuid import uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from conftest import TEMPLATE
from integration.engine.machine import FAULTS, Machine, Stage
from roadbed.engine import patience
from roadbed.storage.database import Database
from roadbed.storage.embedded import EmbeddedPostgres

STEPS = 4


@pytest.fixture
def stage(postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """A loop of its own, since hypothesis drives it from outside; retries that don't wait."""
    monkeypatch.setattr(patience, "FIRST_DELAY_S", 0.0001)
    name = f"test_{uuid4().hex}"
    loop = asyncio.new_event_loop()
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as administrator:
        administrator.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}".encode())
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


def hold(stage: Stage, examples: int, record: Callable[[str, object], None]) -> None:
    machine = type("StackMachine", (Machine,), {"stage": stage})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink],
        ),
    )
    record("met", ", ".join(f"{what} {count}" for what, count in sorted(stage.met.items())))


def test_world_state_and_declaration_agree(stage: Stage, record_property: Callable[[str, object], None]) -> None:
    hold(stage, 100, record_property)


@pytest.mark.slow
@pytest.mark.parametrize("half", ["one half", "other half"])
def test_they_agree_at_length(stage: Stage, half: str, record_property: Callable[[str, object], None]) -> None:
    """2,000 examples in two halves, which two workers share."""
    hold(stage, 1000, record_property)
    assert set(FAULTS) <= stage.met.keys(), half
