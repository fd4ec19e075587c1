"""The process that stands ready for the next judgement: who is answered by it, and when it is ended."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from roadbed.platform.host import ProgramHost
from roadbed.platform.packs import Pack, local_packs
from roadbed.platform.repo import PlatformRepo
from roadbed.platform.spare import Spare
from waiting import until

FEW = """\
from roadbed.sdk import policy
@policy("few", level="mandatory", reason="It costs.", remedy="have fewer")
def few(resource, context):
    if resource.properties["count"] > {most}:
        yield f"{{resource.name}} has {{resource.properties['count']}}"
"""


@pytest.fixture
def repo(home: Path) -> PlatformRepo:
    repo = PlatformRepo(home / "platform")
    repo.ensure()
    _write(repo, most=3)
    return repo


@pytest.fixture
async def spare() -> AsyncIterator[Spare]:
    made = Spare()
    yield made
    await made.close()
    assert _waiting() == []


def _write(repo: PlatformRepo, *, most: int) -> None:
    (repo.folder / "policies" / "few.py").write_text(FEW.format(most=most))


async def _judged(host: ProgramHost, repo: PlatformRepo, count: int) -> list[str]:
    request: dict[str, Any] = {
        "stack": "orders@dev",
        "environment": "dev",
        "environment_kind": "development",
        "settings": {"few": {"level": "mandatory", "config": {}}},
        "resources": [["u", "a:B", "one", {"count": count}]],
    }
    packs: list[Pack] = local_packs(repo.programs("policies"))
    return [verdict["message"] for verdict in (await host.ask("judge", request, packs))["verdicts"]]


def _waiting() -> list[psutil.Process]:
    """The hosts of programs below this process that have not ended."""
    return [one for one in psutil.Process().children(recursive=True) if _is_host(one)]


def _is_host(process: psutil.Process) -> bool:
    try:
        return any("roadbed.sdk.host" in word for word in process.cmdline())
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return False


async def _ready() -> psutil.Process:
    await until(lambda: len(_waiting()) == 1)
    return _waiting()[0]


async def test_the_one_that_stands_ready_answers_and_another_takes_its_place(repo: PlatformRepo, spare: Spare) -> None:
    host = ProgramHost(repo, spare=spare)
    assert await _judged(host, repo, 4) == ["one has 4"]
    first = await _ready()
    assert await _judged(host, repo, 5) == ["one has 5"]
    assert not first.is_running()
    assert (await _ready()).pid != first.pid


async def test_it_never_answers_for_programs_that_have_changed(repo: PlatformRepo, spare: Spare) -> None:
    host = ProgramHost(repo, spare=spare)
    assert await _judged(host, repo, 4) == ["one has 4"]
    first = await _ready()
    _write(repo, most=4)
    assert await _judged(host, repo, 4) == []
    assert not first.is_running()


async def test_nor_where_the_folder_was_made_anew(repo: PlatformRepo, spare: Spare) -> None:
    """What it holds is the folder that is gone: it would find nothing there."""
    host = ProgramHost(repo, spare=spare)
    await _judged(host, repo, 4)
    await _ready()
    policies, aside = repo.programs("policies"), repo.folder / "aside"
    shutil.copytree(policies, aside)
    shutil.rmtree(policies)
    aside.rename(policies)
    assert await _judged(host, repo, 5) == ["one has 5"]


async def test_one_that_was_killed_is_not_asked(repo: PlatformRepo, spare: Spare) -> None:
    host = ProgramHost(repo, spare=spare)
    await _judged(host, repo, 4)
    first = await _ready()
    around = next(one for one in first.parents() if one.ppid() == os.getpid())
    first.kill()
    await until(lambda: not around.is_running() or around.status() == psutil.STATUS_ZOMBIE)
    assert await _judged(host, repo, 5) == ["one has 5"]


async def test_many_at_once_each_have_a_process_of_their_own(repo: PlatformRepo, spare: Spare) -> None:
    host = ProgramHost(repo, spare=spare)
    await _judged(host, repo, 0)
    found = await asyncio.gather(*(_judged(host, repo, count) for count in range(4, 9)))
    assert found == [[f"one has {count}"] for count in range(4, 9)]
    await _ready()
