"""The guide's policies pass their cases, and judge as it says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import roadbed
from fakes.access import OWNER, allow
from roadbed.cli.main import run
from roadbed.platform.service import Platform
from roadbed.policy.domain import Case, JudgedStep, Judgement, Verdict
from roadbed.policy.service import Policies
from roadbed.sdk.policies import Context, PlannedResource
from roadbed.storage.call import Call

GUIDE = (Path(roadbed.__file__).parents[2] / "docs" / "guides" / "write-a-policy.md").read_text(encoding="utf-8")
BLOCKS: dict[str, str] = dict(re.findall(r"^```\w+ (\S+)\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL))
PLACE = {"file": "modules/data/roadbed.py", "line": 3}


def write(folder: Path, *names: str) -> None:
    for name in names or [name for name in BLOCKS if name.startswith("policies/")]:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(BLOCKS[name], encoding="utf-8")


def bucket(name: str = "files", **properties: Any) -> PlannedResource:
    return PlannedResource(f"data@prod/{name}#s3:Bucket", "s3:Bucket", name, properties, PLACE)


@pytest.fixture
async def policies(home: Path) -> Policies:
    platform = Platform(home, allow)
    await platform.ensure_repository()
    for file in (platform.folder / "policies").iterdir():
        file.unlink()
    return Policies(allow, platform)


async def judge(policies: Policies, *resources: PlannedResource, kind: str = "production", **more: Any) -> Judgement:
    environment = {"production": "prod", "development": "dev"}[kind]
    call = Call(None, OWNER)  # type: ignore[arg-type]  # the platform repo is no database
    return await policies.judge(call, Case(Context(f"data@{environment}", environment, kind), resources, **more))


def own(judgement: Judgement) -> list[Verdict]:
    """What the guide's policies say, without the packs that ship."""
    return [one for one in judgement.verdicts if f'"{one.policy}"' in GUIDE]


def test_its_cases_pass_without_a_platform(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "policies/storage.py")
    assert run(["policy", "test", "./policies"]) == 0
    assert capsys.readouterr().out in BLOCKS["policy-test"]
    write(tmp_path)
    assert run(["policy", "test", "."]) == 0
    assert capsys.readouterr().out.count("✓") == 4


async def test_they_judge_as_it_says(policies: Policies, home: Path) -> None:
    write(home / "platform")
    said_of_one = own(await judge(policies, bucket(force_destroy=True, versioned=True)))
    assert [(one.policy, one.level, one.refuses) for one in said_of_one] == [
        ("buckets-are-used", "advisory", False),
        ("no-wiped-buckets", "mandatory", True),
    ]
    said = said_of_one[1]
    assert (str(said.source), said.remedy.split(",")[0]) == ("modules/data/roadbed.py:3", "drop `force_destroy`")
    assert not own(await judge(policies, bucket(force_destroy=True), kind="development"))
    gone = [JudgedStep("delete", bucket(name), {}) for name in ("a", "b")]
    levels = {
        kind: [one.level for one in own(await judge(policies, kind=kind, steps=gone))]
        for kind in ("production", "development")
    }
    assert levels == {"production": ["mandatory"], "development": []}


async def test_what_is_wrong_is_put_right(policies: Policies, home: Path) -> None:
    write(home / "platform")
    judgement = await judge(policies, bucket(), bucket("kept", versioned=True))
    (change,) = judgement.rewritten
    assert (change.policy, change.resource, change.properties) == (
        "buckets-keep-versions", bucket().urn, {"versioned": True},
    )  # fmt: skip
    assert judgement.properties == {bucket().urn: {"versioned": True}}


async def test_a_policy_that_raises_says_what_the_guide_shows(policies: Policies, home: Path) -> None:
    text = BLOCKS["policies/storage.py"].replace('.get("force_destroy")', '["force_destroy"]')
    (home / "platform" / "policies" / "storage.py").write_text(text)
    (verdict,) = (await judge(policies, bucket())).verdicts
    assert f"{verdict.level} {verdict.policy}: {verdict.message}\n" == BLOCKS["broken"]
    assert verdict.refuses
