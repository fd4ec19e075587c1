"""Checks all of a platform repo, as somebody hands it in: every file that can be wrong, each problem at its place."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, TypeAlias

from roadbed.blocks.domain import Case
from roadbed.blocks.examples import Examples
from roadbed.engine.foresight import Foresight
from roadbed.kit.access import PLATFORM, Authorise
from roadbed.kit.errors import InvalidInput, Problem
from roadbed.platform.domain import Environment, read_environments
from roadbed.platform.drafts import Draft
from roadbed.platform.service import Platform
from roadbed.platform.snapshots import snapshot_of
from roadbed.sdk.hosted.programs import BLOCK
from roadbed.storage.call import Call

FileCheck: TypeAlias = Callable[[Call, Platform], Awaitable[Sequence[Problem]]]
"""What another capability says of its own files in a platform repo. It may raise InvalidInput, too."""

MOST_BYTES, MOST_FILES = 8_000_000, 3_000
_ENVIRONMENTS = "environments.yaml"


class Checking:
    """`checks` are those of other capabilities: of policies, prices, templates, the catalog."""

    def __init__(self, authorise: Authorise, foresight: Foresight, checks: Sequence[FileCheck]) -> None:
        self._authorise, self._foresight, self._checks = authorise, foresight, checks

    async def check(self, call: Call, files: Mapping[str, str]) -> list[Problem]:
        """`files` are the texts of a platform repo by their paths. Everything that is wrong, by file and line."""
        self._authorise(call.principal, "platform.manage", PLATFORM)
        _check_size(files)
        with tempfile.TemporaryDirectory(prefix="roadbed-check-") as temporary:
            home = Path(temporary)
            await asyncio.to_thread(_write, home, files)
            found = [one async for one in self._found(call, Platform(home, self._authorise), files)]
        return sorted(dict.fromkeys(found), key=lambda one: (one.file or "", one.line or 0, one.column or 0))

    async def _found(self, call: Call, platform: Platform, files: Mapping[str, str]) -> Any:
        try:
            environments = read_environments(_text(files, _ENVIRONMENTS), file=_ENVIRONMENTS)
        except InvalidInput as error:
            for problem in _problems(error):
                yield problem
            return  # whatever else there is speaks of environments
        checks = (
            self._blocks(call, platform),
            self._provisioners(call, platform, environments),
            self._modules(call, platform, environments),
            *(_caught(check(call, platform)) for check in self._checks),
        )
        for check in checks:
            for problem in await check:
                yield problem

    async def _blocks(self, call: Call, platform: Platform) -> list[Problem]:
        found: list[Problem] = []
        for program in sorted(platform.folder.glob(f"provisioners/*/{BLOCK}")):
            found += await _caught(self._block(call, platform, program.parent))
        return found

    async def _block(self, call: Call, platform: Platform, folder: Path) -> list[Problem]:
        """Its examples as they are kept."""
        draft = await platform.building_blocks.draft(snapshot_of(folder))
        cases = await Examples(platform.building_blocks, self._foresight).run(call, draft)
        return [_case_problem(case, draft) for case in cases if case.state != "same"]

    async def _provisioners(
        self, call: Call, platform: Platform, environments: Mapping[str, Environment]
    ) -> list[Problem]:
        return await _caught(_ties(call, platform, environments))

    async def _modules(self, call: Call, platform: Platform, environments: Mapping[str, Environment]) -> list[Problem]:
        """Each for every environment that it is for: what it declares there may be wrong there alone."""
        found: list[Problem] = []
        for name in sorted(file.parent.name for file in platform.folder.glob("modules/*/roadbed.py")):
            if name != "lib":
                found += await _caught(_module(call, platform, name, environments.values()))
        return found


_STATES = {"changed": "is other than it is kept", "new": "is not kept yet", "failed": "fails: "}


def _case_problem(case: Case, draft: Draft) -> Problem:
    """At the line that fails, else where the block is declared."""
    file, _, line = case.place.partition(":")
    place = (file, int(line)) if line.isdecimal() else (draft.file, draft.line)
    message = f"the example {case.example} of {draft.name} {_STATES[case.state]}{case.message}"
    return Problem(message, case.hint or f"see: roadbed platform test {draft.name}", *place)


async def _module(call: Call, platform: Platform, name: str, environments: Any) -> list[Problem]:
    module = await platform.module(call, name)
    for environment in environments:
        if module.is_for(environment.name):
            request = {
                "stack": f"{name}@{environment.name}",
                "environment": environment.name,
                "environment_kind": environment.kind,
                "owner": module.owner,
            }
            await platform.declare_module(call, name, request)
    return []


async def _ties(call: Call, platform: Platform, environments: Mapping[str, Environment]) -> list[Problem]:
    """Loose provisioners of which nobody could choose one."""
    found, seen = [], dict[tuple[str, ...], Mapping[str, Any]]()
    for offer in await platform.loose_offers(call):
        for pattern in offer["environments"]:
            key = (offer["type"], offer["class"], offer["id"], pattern)
            first = seen.setdefault(key, offer)
            if first is not offer:
                place = f"{first['file']}:{first['line']}"
                message = f"two provisioners offer {offer['type']!r} for the same requests; the first is in {place}"
                hint = "make one of them more specific: by id, resource_class or environments"
                found.append(Problem(message, hint, offer["file"], offer["line"]))
    return found


async def _caught(check: Awaitable[Sequence[Problem]]) -> list[Problem]:
    try:
        return list(await check)
    except InvalidInput as error:
        return list(_problems(error))


def _problems(error: InvalidInput) -> Iterator[Problem]:
    yield from error.problems or (error.problem,)


def _text(files: Mapping[str, str], name: str) -> str:
    if name not in files:
        hint = "name the folder of a platform repo"
        raise InvalidInput(f"the platform repo has no {name}", hint=hint, file=name)
    return files[name]


def _check_size(files: Mapping[str, str]) -> None:
    if len(files) > MOST_FILES or sum(len(text) for text in files.values()) > MOST_BYTES:
        raise InvalidInput(
            f"a platform repo of over {MOST_FILES:,} files or {MOST_BYTES // 1_000_000} MB is not checked"
        )
    for path in files:
        pure = PurePosixPath(path)
        if pure.is_absolute() or ".." in pure.parts or not pure.parts or "\0" in path or len(path) > 300:
            raise InvalidInput(f"{path[:80]!r} can't be the path of a file in a platform repo")


def _write(home: Path, files: Mapping[str, str]) -> None:
    """As `platform/` of a home. Readable for the host of programs, who is another user."""
    home.chmod(0o755)
    root = home / "platform"
    root.mkdir(mode=0o755)
    for folder in ("provisioners", "policies", "modules"):
        (root / folder).mkdir()
    for path, text in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    for entry in root.rglob("*"):
        entry.chmod(0o755 if entry.is_dir() else 0o644)
