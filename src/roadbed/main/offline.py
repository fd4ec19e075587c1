"""Tries building blocks and checks a platform repo without a platform: a request on stdin, its answer on stdout.

- `{"kind": "cases", "name", "files"}`: how the examples of a block go. Answer: `{"items": [...]}`.
- `{"kind": "check", "files"}`: all that is wrong in a platform repo. Answer: `{"problems": [...], "files": 74}`.

Both are answered in the shapes of the API; what is refused, as its problem document in `{"error": …}`. There is no
database: groups are those of the repo's own files, and the types those of the providers that are installed here.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from roadbed.blocks.checking import Checking, Groups
from roadbed.blocks.examples import Examples
from roadbed.blocks.schemas import ProblemOut, RepoCheckOut, cases_out
from roadbed.engine.foresight import Foresight
from roadbed.engine.stack_info import StackInfo
from roadbed.estimates.service import Estimates
from roadbed.kit.access import Principal, Target, system
from roadbed.kit.errors import Problem, RoadbedError
from roadbed.main.provider_types import every_type
from roadbed.main.repo_checks import groups_of, of_catalog, of_policies, of_prices, of_templates
from roadbed.platform.domain import KINDS
from roadbed.platform.service import Platform
from roadbed.platform.snapshots import read_snapshot
from roadbed.quotas.reader import Known, read_allowances
from roadbed.secrets.service import Secrets
from roadbed.storage.call import Call


def main() -> None:
    request = msgspec.json.decode(sys.stdin.buffer.read())
    sys.stdout.buffer.write(msgspec.json.encode(asyncio.run(_answer(request))))


async def _answer(request: Mapping[str, Any]) -> dict[str, Any]:
    call = Call(AsyncSession(), system("offline"))
    try:
        return _told(await (_cases if request["kind"] == "cases" else _check)(call, request))
    except RoadbedError as error:
        return {"error": error.to_dict()}


def _told(answer: BaseModel) -> dict[str, Any]:
    return answer.model_dump(mode="json")


async def _cases(call: Call, request: Mapping[str, Any]) -> BaseModel:
    with tempfile.TemporaryDirectory(prefix="roadbed-test-") as temporary:
        blocks = Platform(_readable(Path(temporary)), _allow).building_blocks
        draft = await blocks.draft(read_snapshot(request["name"], request["files"]))
        return cases_out(await Examples(blocks, _foresight()).run(call, draft))


def _readable(home: Path) -> Path:
    """Also for programs, which run as another user."""
    home.chmod(0o755)
    return home


async def _check(call: Call, request: Mapping[str, Any]) -> BaseModel:
    types = every_type()
    groups = groups_of(_nobody)
    checks = [
        of_policies(_allow),
        of_prices(lambda platform: Estimates(_allow, platform, types)),
        _quotas(groups, types),
        of_catalog,
        of_templates,
    ]
    files = request["files"]
    problems = await Checking(_allow, _foresight(), groups, checks).check(call, files)
    return RepoCheckOut(problems=[ProblemOut.model_validate(one) for one in problems], files=len(files))


def _quotas(groups: Groups, types: Collection[str]) -> Any:
    async def check(call: Call, platform: Platform) -> Sequence[Problem]:
        if (text := await platform.quotas_file(call)) is not None:
            teams, environments = frozenset(await groups(call, platform)), frozenset(await platform.kinds(call))
            read_allowances(text, Known(teams, environments, KINDS, frozenset(types)))
        return ()

    return check


def _foresight() -> Foresight:
    return Foresight(_allow, Secrets(bytes(32)), every_type(), _NoSecrets())


def _allow(_principal: Principal | None, _action: str, _target: Target) -> None:
    """It is the person's own repo on their own machine."""


async def _nobody(_call: Call) -> Collection[str]:
    return ()


class _NoSecrets:
    async def held(self, _call: Call, _stack: StackInfo) -> Mapping[str, str]:
        return {}


if __name__ == "__main__":
    main()
