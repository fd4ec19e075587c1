"""Building blocks on a real database and in the real host of programs: tried, compared, published, brought on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from fakes.access import OWNER, allow
from fakes.audit import FakeAudit
from roadbed.blocks.checking import Checking
from roadbed.blocks.examples import Examples
from roadbed.blocks.impact import Impacts
from roadbed.blocks.service import Blocks
from roadbed.delivery.replanning import Asking, Replanning
from roadbed.engine.foresight import Foresight
from roadbed.engine.service import StackInfo
from roadbed.kit.clock import SystemClock
from roadbed.kit.errors import Conflict, InvalidInput, NotFound, Refused
from roadbed.kit.names import StackName
from roadbed.platform import scaffolds
from roadbed.platform.service import Platform
from roadbed.platform.snapshots import Snapshot, read_snapshot
from roadbed.providers.registry import types_of, with_plugins
from roadbed.secrets.service import Secrets
from roadbed.storage.call import Call
from roadbed.storage.database import Database

pytestmark = pytest.mark.slow

AGAIN = 'from roadbed.sdk import provisioner\n@provisioner("redis")\ndef again(request): ...\n'
OWNERS = "group:default/platform"


def block(name: str = "license") -> Snapshot:
    """What `roadbed platform new block` writes."""
    return read_snapshot(name, scaffolds.block(name, OWNERS))


def edited(snapshot: Snapshot, *changes: tuple[str, str]) -> Snapshot:
    program = snapshot.files["block.py"]
    for old, new in changes:
        assert old in program, old
        program = program.replace(old, new)
    return read_snapshot(snapshot.name, {**snapshot.files, "block.py": program})


@dataclass
class FakeReplanning:
    """Applications that ask for a type, and nothing else: their graphs are what provisioners make of that."""

    stacks: list[tuple[str, str, Mapping[str, Any]]] = field(default_factory=list)

    def add(self, stack: str, type_: str, **params: Any) -> None:
        self.stacks.append((stack, type_, params))

    async def asking(self, call: Call, environment: str, type: str | None = None) -> Sequence[Asking]:
        found = [one for one in self.stacks if one[0].endswith(f"@{environment}") and type in (None, one[1])]
        return [Asking(cast(Any, _Wanted(_info(name))), _request(name, type_, params)) for name, type_, params in found]

    async def document(self, call: Call, asking: Asking, answer: Mapping[str, Any]) -> dict[str, Any]:
        return dict(answer["graph"])


@dataclass
class _Wanted:
    stack: StackInfo


def _info(name: str) -> StackInfo:
    return StackInfo(StackName.parse(name), OWNERS, "development")


def _request(stack: str, type_: str, params: Mapping[str, Any]) -> dict[str, Any]:
    name = StackName.parse(stack)
    ask = {"uid": "web/key", "type": type_, "class": "default", "id": None, "name": "key", "workload": "web"}
    return {
        "stack": stack,
        "application": name.owner,
        "environment": name.environment,
        "environment_kind": "development",
        "owner": OWNERS,
        "requests": [{**ask, "params": dict(params), "workloads": ["web"], "ports": {}}],
    }


class _NoSecrets:
    async def held(self, call: Call, stack: StackInfo) -> Mapping[str, str]:
        return {}


@dataclass
class Scene:
    database: Database
    platform: Platform
    blocks: Blocks
    checking: Checking
    replanning: FakeReplanning
    audit: FakeAudit

    @asynccontextmanager
    async def call(self) -> AsyncIterator[Call]:
        async with self.database.call(OWNER) as call:
            yield call

    async def do(self, method: str, *arguments: Any, **options: Any) -> Any:
        async with self.call() as call:
            return await getattr(self.blocks, method)(call, *arguments, **options)

    async def provision(self, stack: str, type_: str, **params: Any) -> dict[str, Any]:
        async with self.call() as call:
            return await self.platform.provision(call, _request(stack, type_, params))


async def _groups(_call: Call, _platform: Platform) -> Sequence[str]:
    return [OWNERS]


@pytest.fixture
async def scene(home: Path, database: Database) -> Scene:
    platform = Platform(home, allow)
    await platform.ensure_repository()
    foresight = Foresight(allow, Secrets(bytes(32)), types_of(with_plugins([])), cast(Any, _NoSecrets()))
    replanning, audit = FakeReplanning(), FakeAudit()
    known = cast(Replanning, replanning)
    impacts = Impacts(platform, known, foresight)
    examples = Examples(platform.building_blocks, foresight)
    blocks = Blocks(allow, cast(Any, audit), SystemClock(), platform, known, examples, impacts)
    return Scene(database, platform, blocks, Checking(allow, foresight, _groups, []), replanning, audit)


async def test_what_the_scaffold_writes_passes_its_own_test(scene: Scene) -> None:
    """Also for types whose outputs Score promises."""
    for name in ("license", "mysql", "s3", "nats"):
        assert {case.state for case in await scene.do("cases", block(name))} == {"same"}


async def test_a_version_is_used_in_development_at_once_and_elsewhere_when_it_is_brought_there(scene: Scene) -> None:
    with pytest.raises(InvalidInput, match="no provisioner offers 'license' in dev"):
        await scene.provision("shop@dev", "license")
    done = await scene.do("publish", block(), "the first")
    assert done.environments == ("dev",)
    made = await scene.provision("shop@dev", "license", length=64)
    assert made["graph"]["resources"][0]["properties"]["length"] == 64
    with pytest.raises(InvalidInput, match="no provisioner offers 'license' in prod"):
        await scene.provision("shop@prod", "license")
    await scene.do("promote", "license", "prod")
    assert (await scene.provision("shop@prod", "license"))["outputs"]
    assert [one.detail for one in scene.audit.entries] == [
        {"block": "license", "version": "0.1.0", "environments": ["dev"]},
        {"block": "license", "version": "0.1.0", "environments": ["prod"]},
    ]


async def test_each_environment_has_its_own_version(scene: Scene) -> None:
    first = block()
    await scene.do("publish", first)
    await scene.do("promote", "license", "prod")
    second = edited(first, ('version="0.1.0"', 'version="0.1.1"'), ('{request.name}"', '{request.name}-new"'))
    second = await kept(scene, second)
    await scene.do("publish", second)
    assert (await scene.provision("shop@dev", "license"))["outputs"]["web/key"]["name"] == "shop-key-new"
    assert (await scene.provision("shop@prod", "license"))["outputs"]["web/key"]["name"] == "shop-key"
    view = await scene.do("block", "license")
    assert {use.environment: use.version for use in view.uses} == {"dev": "0.1.1", "prod": "0.1.0"}
    async with scene.call() as call:
        offered = next(one for one in await scene.platform.blocks(call) if one.type == "license")
    assert {offer.version: offer.environments for offer in offered.offers} == {"0.1.1": ("dev",), "0.1.0": ("prod",)}
    await scene.do("promote", "license", "dev", "0.1.0")
    assert (await scene.provision("shop@dev", "license"))["outputs"]["web/key"]["name"] == "shop-key"


async def kept(scene: Scene, snapshot: Snapshot) -> Snapshot:
    """With what comes of its examples now."""
    cases = await scene.do("cases", snapshot)
    return read_snapshot(snapshot.name, {**snapshot.files, **{case.file: case.planned for case in cases}})


async def test_a_block_takes_over_from_a_loose_provisioner(scene: Scene) -> None:
    assert (await scene.provision("shop@dev", "secret"))["provisioners"]["web/key"].startswith("provisioners/defaults")
    await scene.do("publish", block("secret"))
    assert (await scene.provision("shop@dev", "secret"))["provisioners"]["web/key"] == "provisioners/secret/block.py:10"
    assert "defaults" in (await scene.provision("shop@prod", "secret"))["provisioners"]["web/key"]


async def test_what_publishing_changes_is_shown_before(scene: Scene) -> None:
    first = block()
    await scene.do("publish", first)
    scene.replanning.add("shop@dev", "license")
    scene.replanning.add("long@dev", "license", length=64)
    scene.replanning.add("other@dev", "secret")
    scene.replanning.add("shop@prod", "license")
    second = edited(first, ('version="0.1.0"', 'version="0.2.0"'), ("default=32, choices=(16, 32, 64)", "default=16"))
    view = await scene.do("block", "license")
    assert view.used_by == ["shop@dev", "long@dev"]
    assert view.docs.startswith("# License")
    impact = await scene.do("impact", second)
    assert impact.before == {"dev": "0.1.0"}
    assert impact.using == 2
    assert [(one.stack, [step.action for step in one.steps], one.problems) for one in impact.stacks] == [
        ("shop@dev", ["create"], ())
    ]
    assert {one.message for one in impact.differences} == {
        "the param 'length' is 16 where it was 32",
        "the param 'length' may be anything",
    }
    third = edited(first, ('version="0.1.0"', 'version="0.2.0"'), ("32, 64)", "32)"), ('{"length": 64}', "{}"))
    impact = await scene.do("impact", third)
    assert [(one.stack, [problem.message for problem in one.problems]) for one in impact.stacks] == [
        ("long@dev", ["params.length of key must be one of 16, 32, not 64"])
    ]
    assert "are not as they are kept" in impact.refused.message


async def test_what_breaks_a_stack_takes_effect_only_where_that_was_said(scene: Scene) -> None:
    """The owner is told the line of the program, also while nobody is asked anything."""
    first = block()
    await scene.do("publish", first)
    scene.replanning.add("shop@dev", "license")
    fails = ("    key = random", '    {"example": 1}[request.application]\n    key = random')
    second = edited(first, ('version="0.1.0"', 'version="0.1.1"'), fails)
    impact = await scene.do("impact", second)
    assert impact.refused is None
    (broken,) = impact.stacks
    assert [str(one) for one in broken.problems] == ["provisioners/license/block.py:30: KeyError: 'shop'"]
    with pytest.raises(Refused, match=r"1 stack could not be planned any more with license 0\.1\.1") as caught:
        await scene.do("publish", second)
    assert caught.value.hint == (
        "shop@dev: provisioners/license/block.py:30: KeyError: 'shop'; "
        "if that is meant, until it is changed: --break-stacks"
    )
    assert (await scene.do("publish", second, break_stacks=True)).environments == ("dev",)
    third = edited(second, ('version="0.1.1"', 'version="0.1.2"'))
    assert list((await scene.do("impact", third)).stacks) == [], "what was broken before is not broken by this"
    assert (await scene.do("promotion", "license", "dev")).refused.message == "dev uses license 0.1.1 already"
    await scene.do("promote", "license", "dev", "0.1.0")


REFUSED: list[tuple[list[tuple[str, str]], str]] = [
    ([('version="0.1.0"', 'version="0.0.9"')], "license goes back: 0.0.9 comes before 0.1.0"),
    ([("How many", "How very many")], "license 0.1.0 was published with other content"),
    (
        [('version="0.1.0"', 'version="0.1.1"'), ("(16, 32, 64)", "(32, 64)")],
        "license 0.1.1 breaks what 0.1.0 promised: the param 'length' may not be 16 any more",
    ),
    (
        [('version="0.1.0"', 'version="0.1.1"'), ("special=False", "special=True")],
        "2 of 2 examples of license are not as they are kept: default (changed), long-in-production (changed)",
    ),
    ([('"license",\n', '"licence",\n')], "the building block license offers 'licence'"),
    ([('    owner="group:default/platform",\n', "")], "license says no owner"),
    ([('docs="README.md"', 'docs="READ.md"')], "the docs of license, 'READ.md', are no file in its folder"),
    (
        [('version="0.1.0"', 'version="0.1.1"'), ("key = random", "key = randon")],
        "2 of 2 examples of license are not as they are kept",
    ),
    (
        [('version="0.1.0"', 'version="0.1.1"'), ("return {", 'return {"extra": 1,')],
        "2 of 2 examples of license are not as they are kept",
    ),
    ([("def license", "def (")], "SyntaxError"),
]


async def test_what_can_not_be_published(scene: Scene) -> None:
    """One after the other: none of them leaves anything behind."""
    await scene.do("publish", block())
    for changes, message in REFUSED:
        with pytest.raises(InvalidInput) as caught:
            await scene.do("publish", edited(block(), *changes))
        said = "\n".join([caught.value.message, *(one.message for one in caught.value.problems)])
        assert message in said
        assert caught.value.problem.file == "provisioners/license/block.py"
    (view,) = await scene.do("catalog")
    assert [one.version for one in view.versions] == ["0.1.0"]


async def test_the_same_twice_is_a_conflict(scene: Scene) -> None:
    await scene.do("publish", block())
    with pytest.raises(Conflict, match=r"license 0\.1\.0 is published already"):
        await scene.do("publish", block())
    with pytest.raises(Conflict, match=r"dev uses license 0\.1\.0 already"):
        await scene.do("promote", "license", "dev")


async def test_what_nobody_knows_is_named_with_what_is_near(scene: Scene) -> None:
    await scene.do("publish", block())
    with pytest.raises(NotFound, match="no building block 'licence' was published") as caught:
        await scene.do("promote", "licence", "prod")
    assert caught.value.hint == "did you mean 'license'?"
    with pytest.raises(NotFound, match=r"license has no version '0\.2\.0'"):
        await scene.do("promote", "license", "prod", "0.2.0")
    with pytest.raises(NotFound, match="there is no environment 'prdo'"):
        await scene.do("promote", "license", "prdo")
    only_dev = edited(block("other"), ('    title="Other",', '    title="Other",\n    environments=("dev",),'))
    await scene.do("publish", await kept(scene, edited(only_dev, (', environment="prod"', ""))))
    with pytest.raises(InvalidInput, match=r"other 0\.1\.0 is not offered in prod") as refused:
        await scene.do("promote", "other", "prod")
    assert refused.value.hint == "it is for: dev; group:default/platform can help"


async def test_to_who_asks_a_block_that_fails_is_a_plain_sentence(scene: Scene) -> None:
    """Its file and line are for its owner."""
    broken = edited(
        block(), ("    key = random", '    request.params["length"] == 16 and {}["nothing"]\n    key = random')
    )
    await scene.do("publish", await kept(scene, broken))
    assert (await scene.provision("shop@dev", "license"))["outputs"]
    with pytest.raises(InvalidInput) as caught:
        await scene.provision("shop@dev", "license", length=16)
    assert caught.value.message == "key can't be made: the building block license 0.1.0 fails"
    assert caught.value.hint == ("tell group:default/platform: provisioners/license/block.py:30: KeyError: 'nothing'")


async def test_a_repo_is_checked_whole(scene: Scene) -> None:
    root = scene.platform.folder
    files = {
        path.relative_to(root).as_posix(): path.read_text(encoding="utf-8")
        for path in root.rglob("*")
        if path.is_file() and ".git" not in path.parts
    }
    redis = files["provisioners/defaults.py"].split('@provisioner("redis"')[0].count("\n") + 1
    more = {f"provisioners/license/{path}": text for path, text in block().files.items()}
    async with scene.call() as call:
        assert await scene.checking.check(call, {**files, **more}) == []
        wrong = {
            **files,
            **more,
            "provisioners/license/golden/default.json": "{}\n",
            "provisioners/again.py": AGAIN,
            "modules/net/roadbed.py": "from roadbed.sdk import export\nexport('zone', 1)\nexport('zone', 2)\n",
            "modules/net/roadbed.yaml": "apiVersion: roadbed.dev/v1\nkind: Modul\n",
        }
        found = await scene.checking.check(call, wrong)
        assert [(one.file, one.line) for one in found] == [
            ("modules/net/roadbed.yaml", 2),
            ("provisioners/defaults.py", redis),
            ("provisioners/license/block.py", 10),
        ]
        del wrong["modules/net/roadbed.yaml"]
        found = await scene.checking.check(call, wrong)
        assert ("modules/net/roadbed.py", 3) in [(one.file, one.line) for one in found]
        named = {
            "provisioners/again.py": "from roadbed.sdk import provisioner\n"
            '@provisioner("odd", environments="dve", owner="group:default/platfrm")\ndef odd(request): ...\n',
            "modules/net/roadbed.py": "",
            "modules/net/roadbed.yaml": "apiVersion: roadbed.dev/v1\nkind: Module\nmetadata: {owner: nobody}\n",
        }
        assert [str(one) for one in await scene.checking.check(call, {**files, **named})] == [
            "modules/net/roadbed.yaml: its owner 'nobody' is no group of the catalog",
            "provisioners/again.py:2: its owner 'group:default/platfrm' is no group of the catalog",
            "provisioners/again.py:2: odd is for 'dve', and there is no such environment",
        ]
        found = await scene.checking.check(call, {**files, "environments.yaml": "environments: ["})
        assert [(one.file, one.line, one.column) for one in found] == [("environments.yaml", 2, 1)]


async def test_where_data_would_go_it_must_be_said() -> None:
    from roadbed.blocks.domain import Impact, StackImpact
    from roadbed.blocks.service import refuse_harm
    from roadbed.engine.domain import Step

    step = Step(
        "shop@dev/db#postgres:Database", "postgres:Database", "db", "replace", "infrastructure", loses_data=True
    )
    impact = Impact("db", "2.0.0", None, {"dev": "1.0.0"}, [], 1, [StackImpact("shop@dev", "dev", None, (step,))])
    with pytest.raises(
        Refused, match=r"db 2\.0\.0 would delete data of 1 stack: replace shop@dev/db#postgres:Database"
    ):
        refuse_harm(impact, delete_data=False, break_stacks=True)
    refuse_harm(impact, delete_data=True, break_stacks=False)
