"""What each capability says of its own files in a platform repo, for `roadbed platform check`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from pathlib import Path

from roadbed.blocks.checking import FileCheck, Groups
from roadbed.catalog.reader import Tree, read_tree
from roadbed.estimates.service import Estimates
from roadbed.golden_paths.actions.titles import TITLES
from roadbed.golden_paths.library import Library
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


def of_policies(authorise: Authorise) -> FileCheck:
    """With their configuration and their cases."""

    async def check(call: Call, platform: Platform) -> Sequence[Problem]:
        found = Policies(authorise, platform)
        book = await found.book(call)
        local = [pack.name for pack in book.packs if pack.installed is None]
        cases = [case for pack in local for case in (await found.examples(call, pack))["cases"]]
        wrong = [case for case in cases if case["wrong"]]
        unloaded = [one.problem for one in book.unloaded]
        return [*unloaded, *(_case(case["policy"], case) for case in wrong)]

    return check


def of_prices(estimates: Callable[[Platform], Estimates]) -> FileCheck:
    async def check(call: Call, platform: Platform) -> Sequence[Problem]:
        with suppress(NotFound):  # there need not be any
            await estimates(platform).prices(call)
        return ()

    return check


def of_quotas(quotas: Quotas, groups: Groups) -> FileCheck:
    async def check(call: Call, platform: Platform) -> Sequence[Problem]:
        await quotas.of(platform, lambda asked: groups(asked, platform)).allowances(call)
        return ()

    return check


async def of_catalog(_call: Call, platform: Platform) -> Sequence[Problem]:
    return (await asyncio.to_thread(_tree, platform.folder)).problems


async def of_templates(_call: Call, platform: Platform) -> Sequence[Problem]:
    return await asyncio.to_thread(Library(platform.folder, TITLES).problems)


def _case(policy: str, case: dict[str, object]) -> Problem:
    file, line = case.get("file"), case.get("line")
    hint = "see: roadbed policy test"
    place = file if isinstance(file, str) else None, line if isinstance(line, int) else None
    return Problem(f"the case {case['expected']} {case['number']} of {policy}: {case['wrong']}", hint, *place)


def _tree(root: Path) -> Tree:
    starts = sorted(path.relative_to(root).as_posix() for path in (root / "catalog").glob("*.y*ml"))
    return read_tree(root, starts)
