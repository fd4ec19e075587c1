"""What policies and estimates take: policies on a large stack, and both in the plan of one that is changed."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.figures import Figure
from bench.platform import ENVIRONMENT, Platform
from roadbed.kit.access import Principal, Target, system
from roadbed.platform.service import Platform as PlatformRepo
from roadbed.policy.domain import Case
from roadbed.policy.service import Policies
from roadbed.sdk.policies import Context, PlannedResource
from roadbed.storage.call import Call

POLICIES, RESOURCES = 100, 5_000
PLAN_POLICIES, PLAN_RESOURCES = 60, 200
RUNS = 5

JUDGED = Figure(f"{POLICIES} policies × {RESOURCES:,} resources", None, "s", 1.5)
PLANNED = Figure(
    f"a plan of {PLAN_RESOURCES} changed resources with {PLAN_POLICIES} policies and costs, more than without",
    None,
    "s",
    0.5,
)

_HEAD = "from roadbed.sdk import policy\n"
_POLICY = '''

@policy("rule-{number}", types="*", reason="It costs.", remedy="take less", config={{"most": 8}})
def rule_{number}(resource, context):
    """Each looks at what the other ones do not, and a few find something."""
    size = resource.properties.get("size", 1)
    tags = resource.properties.get("tags") or {{}}
    if isinstance(size, int) and size > context.config["most"] and tags.get("team") == "team-{number}":
        yield f"{{resource.name}} is of size {{size}}"
'''
_FILE_POLICY = '''

@policy("rule-{number}", level="advisory", types="file:*", reason="It is shown.", remedy="take another")
def rule_{number}(resource, context):
    """Each finds one file: what is planned says whether all have judged."""
    if resource.properties.get("path") == "bench/{number}.txt":
        yield f"{{resource.name}} is the one"
'''
_PROGRAM = """\
from roadbed.sdk.types import file

for number in range({count}):
    file.File(f"file-{{number}}", path=f"bench/{{number}}.txt", content="{content}")
"""

_PRICED = '  "file:File": {storage: "1Gi", memory: "64Mi", source: the bench, date: "2026-01-01"}\n'


def judging() -> Iterator[Figure]:
    """Through the sandbox that every judgement takes, as the platform's own service asks; nothing is remembered."""
    with tempfile.TemporaryDirectory(prefix="roadbed-bench-") as folder:
        home = Path(folder)
        home.chmod(0o711)
        yield JUDGED.measured(statistics.median(asyncio.run(_judge(home))))


async def _judge(home: Path) -> list[float]:
    repo = PlatformRepo(home, _allow)
    await repo.ensure_repository()
    folder = repo.folder / "policies"
    for file in folder.glob("*.py"):
        file.unlink()
    (folder / "policies.yaml").write_text(_configuration(""))
    _write_policies(folder, _POLICY, POLICIES)
    policies, call = Policies(_allow, repo), Call(None, system("bench"))  # type: ignore[arg-type]  # no database is asked
    return [await _judge_once(policies, call, number) for number in range(RUNS)]


async def _judge_once(policies: Policies, call: Call, run: int) -> float:
    case = Case(Context("large@prod", "prod", "production"), [_resource(number, run) for number in range(RESOURCES)])
    began = time.perf_counter()
    judgement = await policies.judge(call, case)
    took = time.perf_counter() - began
    found = {verdict.policy for verdict in judgement.verdicts}
    if len(found) != POLICIES:
        raise RuntimeError(f"{len(found)} of {POLICIES} policies found what there is")
    return took


def _resource(number: int, run: int) -> PlannedResource:
    """Every twentieth is too large, and each policy minds some of those."""
    name = f"thing-{number}"
    properties = {
        "size": 9 if number % 20 == 0 else number % 9,
        "tags": {"team": f"team-{number // 20 % POLICIES}", "run": str(run)},
        "environment": {f"VARIABLE_{key}": "a value of a usual length" for key in range(8)},
        "ports": [80, 443],
    }
    kind = "runtime:Service" if number % 2 else "postgres:Database"
    return PlannedResource(f"large@prod/{name}#{kind}", kind, name, properties, {"file": "roadbed.py", "line": number})


def planning(platform: Platform) -> Iterator[Figure]:
    """The stack is applied once; then every resource of it is changed for each plan.

    Plans with and without take turns, so that whatever else the machine does meets both, and what counts is the
    difference of each pair. Each is the second one under its configuration: the first reads what is new.
    """
    sides = _Sides(platform)
    _declare(sides.module, "first")
    sides.without()
    platform.cli("apply", f"many@{ENVIRONMENT}", "--yes")
    differences = []
    for run in range(RUNS):
        sides.without()
        without = _second_plan(platform, sides.module, f"without {run}", judged=False)
        sides.judged()
        differences.append(_second_plan(platform, sides.module, f"with {run}", judged=True) - without)
    yield PLANNED.measured(statistics.median(differences))


class _Sides:
    """A platform repo with policies and prices, and without."""

    def __init__(self, platform: Platform) -> None:
        repo = platform.home / "platform"
        self.module, self._packs, self._prices = (
            repo / "modules/many",
            repo / "policies/policies.yaml",
            repo / "prices.yaml",
        )
        self._sheet = self._prices.read_text(encoding="utf-8").replace("\ntypes:\n", f"\ntypes:\n{_PRICED}")
        self.module.mkdir(parents=True)
        _write_policies(_pack(repo / "policies" / "rules"), _FILE_POLICY, PLAN_POLICIES)

    def without(self) -> None:
        self._packs.write_text(_configuration(""))
        self._prices.unlink(missing_ok=True)

    def judged(self) -> None:
        self._packs.write_text(_configuration("  rules:\n"))
        self._prices.write_text(self._sheet, encoding="utf-8")


def _second_plan(platform: Platform, module: Path, word: str, *, judged: bool) -> float:
    """Seconds of it. Raises RuntimeError unless every policy has judged, and everything has a price; or none has."""
    took = 0.0
    for turn in ("first", "second"):
        _declare(module, f"{word} {turn}")
        began = time.perf_counter()
        plan = platform.cli("plan", f"many@{ENVIRONMENT}")
        took = time.perf_counter() - began
        found = {verdict["policy"] for verdict in plan["verdicts"]}
        if plan["summary"]["update"] != PLAN_RESOURCES or len(found) != (PLAN_POLICIES if judged else 0):
            raise RuntimeError(f"the plan updates {plan['summary']['update']}; {len(found)} policies say something")
        if bool(plan["cost"]["total"]) != judged:
            raise RuntimeError(f"of what it costs the plan says: {plan['cost']['total']}")
    return took


def _declare(module: Path, content: str) -> None:
    (module / "roadbed.py").write_text(_PROGRAM.format(count=PLAN_RESOURCES, content=content))


def _configuration(packs: str) -> str:
    return f"apiVersion: roadbed.dev/v1\nkind: Policies\npacks:{' {}' if not packs else ''}\n{packs}"


def _pack(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "pack.yaml").write_text(f"name: {folder.name}\nversion: 1.0.0\n")
    return folder


def _write_policies(folder: Path, template: str, count: int) -> None:
    text = _HEAD + "".join(template.format(number=number) for number in range(count))
    (folder / "rules.py").write_text(text)


def _allow(principal: Principal | None, action: str, target: Target) -> None:
    """Whoever measures may."""
