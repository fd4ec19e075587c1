"""Modules of the platform repo: their descriptors, and what their programs declare."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from roadbed.kit.access import system
from roadbed.kit.errors import InvalidInput, NotFound
from roadbed.platform.service import Platform
from roadbed.sandbox import detect
from roadbed.storage.call import Call

HEAD = "apiVersion: roadbed.dev/v1\nkind: Module\n"
PROGRAM = "from roadbed.sdk import Resource, context\nResource('x:T', context.environment)\n"
CALL = Call(cast("Any", None), system("test"))


@pytest.fixture
async def platform(home: Path) -> Platform:
    platform = Platform(home, lambda principal, action, target: None)
    await platform.ensure_repository()
    return platform


def _add(platform: Platform, name: str, descriptor: str | None = None, program: str = PROGRAM) -> None:
    folder = platform.folder / "modules" / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "roadbed.py").write_text(program)
    if descriptor is not None:
        (folder / "roadbed.yaml").write_text(HEAD + descriptor)


def _request(environment: str = "dev") -> dict[str, Any]:
    return {
        "stack": f"network@{environment}",
        "environment": environment,
        "environment_kind": "development",
        "owner": None,
    }


async def test_there_are_none_at_first(platform: Platform) -> None:
    assert await platform.modules(CALL) == []
    with pytest.raises(NotFound) as caught:
        await platform.module(CALL, "network")
    assert caught.value.hint == "add modules/network/roadbed.py to the platform repo"


async def test_a_module_is_a_folder_with_a_program(platform: Platform) -> None:
    _add(platform, "network")
    described = "metadata: {name: shared, owner: group:default/team, description: All share it}\nenvironments: [dev]\n"
    _add(platform, "shared", described)
    (platform.folder / "modules" / "notes").mkdir()
    network, shared = await platform.modules(CALL)
    assert (network.name, network.owner, network.is_for("prod")) == ("network", None, True)
    assert (shared.owner, shared.description) == ("group:default/team", "All share it")
    assert (shared.is_for("dev"), shared.is_for("prod")) == (True, False)
    with pytest.raises(NotFound) as caught:
        await platform.module(CALL, "netwrk")
    assert caught.value.hint == "did you mean 'network'?"


@pytest.mark.parametrize(
    ("descriptor", "message", "hint"),
    [
        ("enviroments: all\n", "enviroments is not a known field", "did you mean 'environments'?"),
        ("environments: [prd]\n", "there is no environment 'prd'", "did you mean 'prod'?"),
        ("environments: dev\n", "environments must be a list", None),
        ("metadata: {name: other}\n", "metadata.name must be 'network'", None),
        ("metadata: {label: other}\n", "metadata.label is not a known field", "known here"),
    ],
)
async def test_a_wrong_descriptor_is_refused_and_hides_no_other(
    platform: Platform, descriptor: str, message: str, hint: str | None
) -> None:
    _add(platform, "network", descriptor)
    _add(platform, "other", "environments: all\n")
    with pytest.raises(InvalidInput) as caught:
        await platform.module(CALL, "network")
    assert message in caught.value.message
    assert caught.value.problem.file == "modules/network/roadbed.yaml"
    assert caught.value.problem.line == 3
    assert hint is None or hint in (caught.value.hint or "")
    assert [one.name for one in await platform.modules(CALL)] == ["other"]


async def test_a_module_declares_its_stack(platform: Platform) -> None:
    _add(platform, "network", "environments: [dev]\n")
    document = await platform.declare_module(CALL, "network", _request())
    (resource,) = document["resources"]
    assert resource["urn"] == "network@dev/dev#x:T"
    assert resource["source"] == {"file": "modules/network/roadbed.py", "line": 2}
    with pytest.raises(InvalidInput, match="not for the environment prod"):
        await platform.declare_module(CALL, "network", _request("prod"))


async def test_a_wrong_program_says_its_line_until_it_is_mended(platform: Platform) -> None:
    _add(platform, "network", program="import helper\n")
    (platform.folder / "modules/network/helper.py").write_text("x = 1\nx.upper()\n")
    with pytest.raises(InvalidInput, match=r"^modules/network/helper\.py:2: AttributeError"):
        await platform.declare_module(CALL, "network", _request())
    (platform.folder / "modules/network/helper.py").write_text("x = 1\n")
    assert (await platform.declare_module(CALL, "network", _request()))["resources"] == []


def _share(platform: Platform, name: str, text: str) -> None:
    folder = platform.folder / "modules" / "lib"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)


SHARED = "from roadbed.sdk import Resource\ndef thing(name):\n    return Resource('x:T', name)\n"


async def test_modules_share_what_lies_in_lib(platform: Platform) -> None:
    _share(platform, "things.py", SHARED)
    _add(platform, "network", program="from lib.things import thing\nthing('a')\n")
    _add(platform, "other", program="from lib import things\nthings.thing('a')\n")
    for name in ("network", "other"):
        (resource,) = (await platform.declare_module(CALL, name, _request()))["resources"]
        assert resource["source"] == {"file": "modules/lib/things.py", "line": 3}
    _share(platform, "things.py", SHARED.replace("x:T", "x:Other"))
    (resource,) = (await platform.declare_module(CALL, "network", _request()))["resources"]
    assert resource["type"] == "x:Other"


async def test_what_goes_wrong_in_lib_is_said_with_its_line(platform: Platform) -> None:
    _share(platform, "things.py", SHARED + "open(__file__.replace('lib', 'nowhere'))\n")
    _add(platform, "network", program="from lib.things import thing\n")
    with pytest.raises(InvalidInput, match=r"^modules/lib/things\.py:4: FileNotFoundError") as caught:
        await platform.declare_module(CALL, "network", _request())
    assert "/programs/lib" not in caught.value.message


async def test_lib_is_no_module_and_none_sees_another(platform: Platform) -> None:
    _share(platform, "roadbed.py", PROGRAM)
    _add(platform, "other", program="SECRET = 1\n")
    _add(platform, "network", program="import other.roadbed\n")
    assert [module.name for module in await platform.modules(CALL)] == ["network", "other"]
    with pytest.raises(NotFound, match="modules/lib/ is what modules share, and no module"):
        await platform.module(CALL, "lib")
    if detect.isolation().sandbox:
        with pytest.raises(InvalidInput, match="No module named 'other'"):
            await platform.declare_module(CALL, "network", _request())


async def test_what_lies_beside_a_program_goes_before_what_is_shared(platform: Platform) -> None:
    _share(platform, "things.py", SHARED)
    _add(
        platform, "network", program="from lib.things import NAME\nfrom roadbed.sdk import export\nexport('n', NAME)\n"
    )
    (platform.folder / "modules/network/lib").mkdir()
    (platform.folder / "modules/network/lib/things.py").write_text("NAME = 'own'\n")
    assert (await platform.declare_module(CALL, "network", _request()))["exports"] == {"n": "own"}
