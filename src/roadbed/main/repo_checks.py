"""What each capability says of its own files in a platform repo, for `roadbed platform check`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from roadbed.blocks.checking import FileCheck, Groups
from roadbed.catalog.reader import Tree, read_tree
from roadbed.estimates.service import Estimates
from roadbed.golden_paths.service import GoldenPaths
from roadbed.kit.access import Authorise
from roadbed.kit.errors import NotFound, Problem
from roadbed.platform.service import Platform
from roadbed.policy.service import Policies
from roadbed.quotas.service import Quotas
from roadbed.storage.call import Call

CatalogGroups = Callable[[Call], Awaitable[Collection[str]]]


def groups_of(catalog: CatalogGroups) -> Groups:
    """The groups that the catalog has, and those that the files of a platform repo declare."""

    async def groups(call: Call, platform: Platform) -> Collection[str]:
        found = await asyncio.to_thread(_tree, platform.folder)
        here = (entity for entities in found.files.values() for entity in entities)
        return {*await catalog(call), *(str(one.ref) for one in here if one.ref.kind == "group")}

    return groups


def repo_checks(
    authorise: Authorise, golden_paths: GoldenPaths, estimates: Estimates, quotas: Quotas, groups: Groups
) -> list[FileCheck]:
    """Policies with their configuration and cases, prices, quotas, the catalog, and golden paths."""

    async def policies(call: Call, platform: Platform) -> Sequence[Problem]:
        found = Policies(authorise, platform)
        book = await found.book(call)
        local = [pack.name for pack in book.packs if pack.installed is None]
        cases = [case for pack in local for case in (await found.examples(call, pack))["cases"]]
        wrong = [case for case in cases if case["wrong"]]
        unloaded = [one.problem for one in book.unloaded]
        return [*unloaded, *(_case(case["policy"], case) for case in wrong)]

    async def prices(call: Call, platform: Platform) -> Sequence[Problem]:
        with suppress(NotFound):  # there need not be any
            await estimates.of(platform).prices(call)
        return ()

    async def limits(call: Call, platform: Platform) -> Sequence[Problem]:
        await quotas.of(platform, partial(groups, platform=platform)).allowances(call)
        return ()

    async def catalog(_call: Call, platform: Platform) -> Sequence[Problem]:
        return await asyncio.to_thread(_catalog, platform.folder)

    async def templates(_call: Call, platform: Platform) -> Sequence[Problem]:
        return await asyncio.to_thread(golden_paths.problems, platform.folder)

    return [policies, prices, limits, catalog, templates]


def _case(policy: str, case: dict[str, object]) -> Problem:
    file, line = case.get("file"), case.get("line")
    hint = "see: roadbed policy test"
    place = file if isinstance(file, str) else None, line if isinstance(line, int) else None
    return Problem(f"the case {case['expected']} {case['number']} of {policy}: {case['wrong']}", hint, *place)


def _catalog(root: Path) -> Sequence[Problem]:
    return _tree(root).problems


def _tree(root: Path) -> Tree:
    starts = sorted(path.relative_to(root).as_posix() for path in (root / "catalog").glob("*.y*ml"))
    return read_tree(root, starts)
