"""The provider that fails on purpose: it keeps to the rules until it is told otherwise, and the world stays true."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from roadbed.kit.errors import OperationFailed
from roadbed.providers.driver import Actual, Desired, Transient
from roadbed.sdk.testing.faults import LIES, Crash, Fault, FaultyProvider, World, plugin_folder


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path / "world.db")
    yield world
    world.close()


@pytest.fixture
def provider(world: World) -> FaultyProvider:
    return FaultyProvider(world)


def wanted(name: str = "a", token: str = "t1", **properties: Any) -> Desired:
    return Desired(f"s@dev/{name}#test:Thing", "test:Thing", name, "s@dev", properties, token=token)


async def said(text: str) -> None:
    """Nobody waits."""


async def test_a_creation_that_is_tried_again_finds_what_it_made(provider: FaultyProvider, world: World) -> None:
    world.fail("a", "lost", action="create")
    with pytest.raises(Transient):
        await provider.create(wanted(value=1), said)
    made = await provider.create(wanted(value=1), said)
    assert [(effect.do, effect.id) for effect in world.effects] == [("create", made.id)]
    assert await provider.read(wanted(), made.id) == made


@pytest.mark.parametrize(
    ("fault", "error", "happened"),
    [
        ("error", OperationFailed, False),
        ("transient", Transient, False),
        ("bug", RuntimeError, False),
        ("crash_before", Crash, False),
        ("lost", Transient, True),
        ("lost_error", OperationFailed, True),
        ("crash_after", Crash, True),
    ],
)
async def test_a_fault_comes_once_before_or_after_the_effect(
    provider: FaultyProvider, world: World, fault: Fault, error: type[BaseException], happened: bool
) -> None:
    world.fail("a", fault)
    with pytest.raises(error):
        await provider.create(wanted(), said)
    assert bool(world.things) is happened
    assert (await provider.create(wanted(), said)).id in world.things


@pytest.mark.parametrize(("fault", "happened"), [("hang", False), ("hang_after", True)])
async def test_what_hangs_can_be_cancelled(
    provider: FaultyProvider, world: World, fault: Fault, happened: bool
) -> None:
    world.fail("*", fault)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(provider.create(wanted(), said), 0.01)
    assert bool(world.things) is happened


@pytest.mark.parametrize("lie", LIES)
async def test_a_lie_is_an_answer_that_differs(provider: FaultyProvider, world: World, lie: Fault) -> None:
    honest = await provider.create(wanted(), said)
    world.fail("a", lie)
    answer: object = await provider.update(wanted(value=2), honest.id, said)
    assert not isinstance(answer, Actual) or answer.id != honest.id or _without_value(answer) != _without_value(honest)


def _without_value(actual: Actual) -> tuple[dict[str, Any], dict[str, str]]:
    return {key: item for key, item in actual.outputs.items() if key != "value"}, dict(actual.secrets)


async def test_the_world_outlives_the_process_that_changed_it(tmp_path: Path) -> None:
    """As a plugin, in a process that dies of SIGKILL right after the effect."""
    script = (
        "import asyncio\nfrom roadbed.providers.registry import with_plugins\n"
        "from roadbed.providers.driver import Desired\n"
        "async def said(text): pass\n"
        "provider = with_plugins([])['test:Thing']\n"
        "provider.world.fail('a', 'crash_after')\n"
        "asyncio.run(provider.create(Desired('u', 'test:Thing', 'a', 's', {}, token='t'), said))\n"
    )
    plugins = plugin_folder(tmp_path / "plugins")
    environment = {"PYTHONPATH": str(plugins), "ROADBED_TEST_WORLD": str(tmp_path / "w.db")}
    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", script], env=environment, capture_output=True, check=False
    )
    world = World(tmp_path / "w.db")
    assert (done.returncode, list(world.things)) == (-9, ["a-t"]), done.stderr
    world.close()
