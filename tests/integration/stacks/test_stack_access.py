"""Who may do what to a stack: by role, by team, and by the kind of environment."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from roadbed.identity.authorisation import Authoriser
from roadbed.kit.access import Grant, Principal, Role
from roadbed.kit.errors import NotFound, Refused
from roadbed.stacks.domain import Wish
from roadbed.storage.database import Database
from stacks_kit import Scene, make_scene

pytestmark = pytest.mark.slow

TEAM = "group:default/payments"
MODULE = f"apiVersion: roadbed.dev/v1\nkind: Module\nmetadata: {{name: network, owner: {TEAM}}}\n"


def person(role: Role, team: str = TEAM) -> Principal:
    return Principal("user", "ada", frozenset({team}), (Grant(role, team),))


@pytest.fixture
async def scene(database: Database, home: Path) -> AsyncIterator[Scene]:
    made = make_scene(database, home, authorise=Authoriser().authorise)
    await made.start()
    made.module("network", "Resource('test:Thing', 'a')\n")
    (made.root / "modules" / "network" / "roadbed.yaml").write_text(MODULE)
    for environment in ("dev", "prod"):
        plan = await made.do("plan", f"network@{environment}", Wish(), by=person("operator"))
        operation = await made.do("apply", f"network@{environment}", plan.number, by=person("operator"))
        assert (await made.ended(operation)).state == "succeeded"
    yield made
    await made.stop()


async def attempt(scene: Scene, method: str, environment: str, by: Principal) -> str:
    arguments: dict[str, tuple[Any, ...]] = {
        "plan": (Wish(),),
        "forget": (["a"],),
        "move": (["a"], f"network@{environment}/b"),
        "set_secret": ("TOKEN", "hunter2"),
        "unset_secret": ("TOKEN",),
        "import_": ({"version": 1, "stack": f"network@{environment}", "resources": []},),
    }
    options = {"replace": True} if method == "import_" else {}
    try:
        await scene.do(method, f"network@{environment}", *arguments.get(method, ()), by=by, **options)
    except (Refused, NotFound) as error:
        return type(error).__name__
    return "done"


@pytest.mark.parametrize(
    ("method", "viewer", "developer", "developer_in_prod"),
    [
        ("resources", "done", "done", "done"),
        ("outputs", "done", "done", "done"),
        ("plan", "NotAllowed", "done", "NotAllowed"),
        ("refresh", "NotAllowed", "done", "NotAllowed"),
        ("scan", "NotAllowed", "done", "NotAllowed"),
        ("export", "NotAllowed", "done", "NotAllowed"),
        ("move", "NotAllowed", "done", "NotAllowed"),
        ("forget", "NotAllowed", "done", "NotAllowed"),
        ("secrets", "done", "done", "done"),
        ("set_secret", "NotAllowed", "done", "NotAllowed"),
        ("import_", "NotAllowed", "NotAllowed", "NotAllowed"),
    ],
)
async def test_by_role(scene: Scene, method: str, viewer: str, developer: str, developer_in_prod: str) -> None:
    assert await attempt(scene, method, "dev", person("viewer")) == viewer
    assert await attempt(scene, method, "prod", person("developer")) == developer_in_prod
    assert await attempt(scene, method, "dev", person("developer")) == developer
    assert await attempt(scene, method, "prod", person("operator")) == "done"


async def test_who_unsets_a_secret(scene: Scene) -> None:
    for environment in ("dev", "prod"):
        await scene.do("set_secret", f"network@{environment}", "TOKEN", "hunter2", by=person("operator"))
    assert await attempt(scene, "unset_secret", "dev", person("viewer")) == "NotAllowed"
    assert await attempt(scene, "unset_secret", "prod", person("developer")) == "NotAllowed"
    assert await attempt(scene, "unset_secret", "dev", person("developer")) == "done"


async def test_a_team_s_developer_plans_with_its_secrets(scene: Scene) -> None:
    """What they may use, they can't read: there is nothing to read it with."""
    scene.module("network", "Resource('test:Thing', 'a', value=secret('TOKEN'))\n")
    await scene.do("set_secret", "network@dev", "TOKEN", "hunter2", by=person("developer"))
    plan = await scene.do("plan", "network@dev", Wish(), by=person("developer"))
    assert [(step.name, step.action) for step in plan.steps] == [("a", "update")]


async def test_another_team_sees_no_stack(scene: Scene) -> None:
    stranger = person("operator", "group:default/other")
    assert await scene.do("stacks", by=stranger) == []
    with pytest.raises(NotFound) as caught:
        await scene.do("resources", "network@dev", by=stranger)
    assert caught.value.hint == "see what there is: roadbed stack list"
