"""Checks all of a platform repo, as somebody hands it in: every file that can be wrong, each problem at its place."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, TypeAlias

from roadbed.blocks.domain import Case
from roadbed.blocks.examples import Examples
from roadbed.engine.foresight import Foresight
from roadbed.kit.access import PLATFORM, Authorise
from roadbed.kit.errors import InvalidInput, Problem
from roadbed.platform.domain import Environment, read_environments
from roadbed.platform.drafts import Draft
from roadbed.platform.modules import DESCRIPTOR
from roadbed.platform.service import Platform
from roadbed.platform.snapshots import snapshot_of
from roadbed.sdk.hosted.programs import BLOCK
from roadbed.storage.call import Call
from roadbed.workload.reader import nearest

FileCheck: TypeAlias = Callable[[Call, Platform], Awaitable[Sequence[Problem]]]
"""What another capability says of its own files in a platform repo. It may raise InvalidInput, too."""
Groups: TypeAlias = Callable[[Call, Platform], Awaitable[Collection[str]]]
"""Those that may own something in a platform repo: of the catalog, and of its own files."""

MOST_BYTES, MOST_FILES = 8_000_000, 3_000
_ENVIRONMENTS = "environments.yaml"


class Checking:
    """`checks` are those of other capabilities: of policies, prices, templates, the catalog."""

    def __init__(self, authorise: Authorise, foresight: Foresight, groups: Groups, checks: Sequence[FileCheck]) -> None:
        self._authorise, self._foresight, self._groups, self._checks = authorise, foresight, groups, checks

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
        known = Known(environments, await _known_groups(self._groups(call, platform)))
        checks = (
            self._blocks(call, platform, known),
            self._provisioners(call, platform, known),
            self._modules(call, platform, known),
            *(_caught(check(call, platform)) for check in self._checks),
        )
        for check in checks:
            for problem in await check:
                yield problem

    async def _blocks(self, call: Call, platform: Platform, known: Known) -> list[Problem]:
        found: list[Problem] = []
        for program in sorted(platform.folder.glob(f"provisioners/*/{BLOCK}")):
            found += await _caught(self._block(call, platform, program.parent, known))
        return found

    async def _block(self, call: Call, platform: Platform, folder: Path, known: Known) -> list[Problem]:
        """Its examples as they are kept, and whom and what it names."""
        draft = await platform.building_blocks.draft(snapshot_of(folder))
        cases = await Examples(platform.building_blocks, self._foresight).run(call, draft)
        wrong = [_case_problem(case, draft) for case in cases if case.state != "same"]
        return [*wrong, *known.problems(draft.offers)]

    async def _provisioners(self, call: Call, platform: Platform, known: Known) -> list[Problem]:
        return await _caught(_loose(call, platform, known))

    async def _modules(self, call: Call, platform: Platform, known: Known) -> list[Problem]:
        """Each for every environment that it is for: what it declares there may be wrong there alone."""
        found: list[Problem] = []
        for name in sorted(file.parent.name for file in platform.folder.glob("modules/*/roadbed.py")):
            if name != "lib":
                found += await _caught(_module(call, platform, name, known))
        return found


@dataclass(frozen=True, slots=True)
class Known:
    """What may be named in a platform repo. Nothing is said of groups where they can't be read."""

    environments: Mapping[str, Environment]
    groups: Collection[str]

    def problems(self, offers: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
        """Of provisioners that name an owner or an environment that isn't there. A pattern may be for one to come."""
        for offer in offers:
            place = offer["file"], offer["line"]
            yield from self.of_owner(offer["owner"], *place)
            for name in offer["environments"]:
                if name not in self.environments and not any(character in name for character in "*?["):
                    message = f"{offer['type']} is for {name!r}, and there is no such environment"
                    yield Problem(message, nearest(name, self.environments), *place)

    def of_owner(self, owner: str | None, file: str, line: int | None = None) -> Iterator[Problem]:
        if owner is not None and self.groups and owner not in self.groups and not owner.startswith("user:"):
            hint = nearest(owner, self.groups) or "add it to catalog/, or name another"
            yield Problem(f"its owner {owner!r} is no group of the catalog", hint, file, line)


async def _known_groups(groups: Awaitable[Collection[str]]) -> Collection[str]:
    """None, where the catalog's files are wrong: its own check says so."""
    try:
        return await groups
    except InvalidInput:
        return ()


_STATES = {"changed": "is other than it is kept", "new": "is not kept yet", "failed": "fails: "}


def _case_problem(case: Case, draft: Draft) -> Problem:
    """At the line that fails, else where the block is declared."""
    file, _, line = case.place.partition(":")
    place = (file, int(line)) if line.isdecimal() else (draft.file, draft.line)
    message = f"the example {case.example} of {draft.name} {_STATES[case.state]}{case.message}"
    return Problem(message, case.hint or f"see: roadbed platform test {draft.name}", *place)


async def _module(call: Call, platform: Platform, name: str, known: Known) -> list[Problem]:
    module = await platform.module(call, name)
    for environment in known.environments.values():
        if module.is_for(environment.name):
            request = {
                "stack": f"{name}@{environment.name}",
                "environment": environment.name,
                "environment_kind": environment.kind,
                "owner": module.owner,
            }
            await platform.declare_module(call, name, request)
    return [*known.of_owner(module.owner, f"modules/{name}/{DESCRIPTOR}")]


async def _loose(call: Call, platform: Platform, known: Known) -> list[Problem]:
    """Loose provisioners of which nobody could choose one, and whom and what they name."""
    offers = await platform.loose_offers(call)
    found, seen = [*known.problems(offers)], dict[tuple[str, ...], Mapping[str, Any]]()
    for offer in offers:
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
