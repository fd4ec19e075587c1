"""The guide's provisioners answer as it says, and what it shows of errors is what comes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import roadbed
from roadbed.kit.errors import InvalidInput
from roadbed.platform.host import ProgramHost
from roadbed.platform.repo import PlatformRepo
from roadbed.sdk.contracts import CONTRACTS

GUIDE = (Path(roadbed.__file__).parents[2] / "docs" / "guides" / "write-a-provisioner.md").read_text(encoding="utf-8")
BLOCKS: dict[str, str] = dict(re.findall(r"^```\w+ (\S+)\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL))
PLACE = {"file": "score.yaml", "line": 8, "column": 7}


@pytest.fixture
def repo(home: Path) -> PlatformRepo:
    made = PlatformRepo(home / "platform")
    made.ensure()
    return made


def write(repo: PlatformRepo, *names: str) -> ProgramHost:
    for name in names:
        (repo.folder / name).write_text(BLOCKS[name], encoding="utf-8")
    return ProgramHost(repo)


async def ask(host: ProgramHost, type: str = "mysql", environment: str = "dev", **more: Any) -> dict[str, Any]:
    wanted = {"uid": "db", "type": type, "name": "db", "workload": "web", "source": PLACE, **more}
    kinds = {"environment": environment, "environment_kind": "development"}
    return await host.ask(
        "provision", {"stack": f"shop@{environment}", "application": "shop", **kinds, "requests": [wanted]}
    )


async def refused(host: ProgramHost, **more: str) -> str:
    with pytest.raises(InvalidInput) as caught:
        await ask(host, **more)
    return f"{caught.value}\n  → {caught.value.hint}\n"


async def test_its_provisioner_is_chosen_and_keeps_the_contract(repo: PlatformRepo) -> None:
    host = write(repo, "provisioners/mysql.py", "provisioners/mysql_in_prod.py")
    answer = await ask(host, **{"class": "large"})
    assert CONTRACTS["mysql"].problem(answer["outputs"]["db"]) is None
    _, database = answer["graph"]["resources"]
    assert database["properties"]["create"][1:] == ["create", "shop_web_db", "20"]
    production = await ask(host, environment="prod")
    assert production["outputs"]["db"]["host"] == {"$import": ["databases@prod", "mysql_host"]}
    assert production["provisioners"] == {"db": "provisioners/mysql_in_prod.py:4"}


async def test_what_it_shows_of_errors_is_what_comes(repo: PlatformRepo) -> None:
    assert await refused(write(repo)) == BLOCKS["refused"]
    assert await refused(write(repo, "provisioners/cut.py"), type="mongodb") == BLOCKS["contract"]
    both = write(repo, "provisioners/mysql.py", "provisioners/mysql_again.py")
    assert await refused(both, environment="production-old-d") == BLOCKS["tie"]


def test_it_names_every_type_that_the_platform_satisfies() -> None:
    starter = Path(roadbed.__file__).parent / "platform" / "starter" / "provisioners" / "defaults.py"
    offered = set(re.findall(r'^@provisioner\("([a-z0-9-]+)", params=.*\)$', starter.read_text(), re.MULTILINE))
    intro = GUIDE.partition("```")[0]
    assert offered == set(re.findall(r"`([a-z0-9-]+)`", intro.partition("The platform brings")[2].partition("(")[0]))
