"""The building blocks that were published, and which version of each is in use where.

What lies in `provisioners/NAME/` of a platform repo is a draft, and offers nothing. A version is published as a whole:
its files are kept, so that it stays what it was whatever becomes of the repo.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from roadbed.kit.errors import Conflict, InvalidInput, NotFound
from roadbed.platform import repository
from roadbed.platform.drafts import Draft, read_draft
from roadbed.platform.host import ProgramHost
from roadbed.platform.snapshots import BlockFolder, Snapshot, Snapshots
from roadbed.platform.versions import BlockUse, BlockVersion, ordered
from roadbed.workload.reader import nearest


class BuildingBlocks:
    """`home` is ROADBED_HOME; their files lie in `blocks/` below it. It asks for no permission, and so
    takes no call: its callers do."""

    def __init__(self, home: Path, host: ProgramHost) -> None:
        self._snapshots, self._host = Snapshots(home / "blocks"), host
        self._empty = home / "blocks" / "none"

    async def folders(self, session: AsyncSession, environment: str) -> list[BlockFolder]:
        """Those in use in an environment, by name."""
        return [await self._folder(session, use) for use in await repository.uses(session, environment)]

    async def in_use(self, session: AsyncSession) -> Sequence[BlockUse]:
        return await repository.uses(session)

    async def versions(self, session: AsyncSession, name: str | None = None) -> list[BlockVersion]:
        """In the order of names, then of their publication."""
        return await repository.versions(session, name)

    async def version(self, session: AsyncSession, name: str, version: str) -> BlockVersion:
        """Raises NotFound, with the nearest of those that there are."""
        found = {one.version: one for one in await repository.versions(session, name)}
        if not found:
            known = {one.name for one in await repository.versions(session)}
            raise NotFound(f"no building block {name!r} was published", hint=nearest(name, known) or _PUBLISH)
        if version not in found:
            told = ", ".join(sorted(found, key=ordered))
            raise NotFound(f"{name} has no version {version!r}", hint=nearest(version, found) or f"there are: {told}")
        return found[version]

    async def files(self, session: AsyncSession, name: str, version: str) -> Snapshot:
        return await repository.snapshot(session, name, version)

    async def folder(self, session: AsyncSession, name: str, version: BlockVersion) -> BlockFolder:
        """Where a version's files lie."""
        found = self._snapshots.has(version.digest, name)
        if found is None:
            found = await self.written(await repository.snapshot(session, name, version.version))
        return BlockFolder(name, found, version.digest, version.version)

    async def _folder(self, session: AsyncSession, use: BlockUse) -> BlockFolder:
        found = self._snapshots.has(use.digest, use.name)
        if found is None:
            found = await self.written(await repository.snapshot(session, use.name, use.version))
        return BlockFolder(use.name, found, use.digest, use.version)

    async def written(self, snapshot: Snapshot) -> Path:
        return await asyncio.to_thread(self._snapshots.write, snapshot)

    async def draft(self, snapshot: Snapshot) -> Draft:
        """What a block that somebody hands in says of itself. Raises InvalidInput with all that is wrong in that."""
        folder = BlockFolder(snapshot.name, await self.written(snapshot), snapshot.digest)
        answer = await self.ask("offers", {}, [folder])
        return read_draft(snapshot, folder, answer["offers"])

    async def ask(self, kind: str, request: Mapping[str, Any], blocks: Sequence[BlockFolder]) -> dict[str, Any]:
        """Asks these blocks and no other program: see `roadbed.sdk.host` for the shapes."""
        await asyncio.to_thread(self._make_empty)
        return await self._host.ask_blocks(kind, request, blocks, self._empty)

    def _make_empty(self) -> None:
        self._empty.mkdir(mode=0o755, parents=True, exist_ok=True)

    async def publish(self, session: AsyncSession, draft: Draft, version: BlockVersion) -> None:
        """Keeps a version for good. Raises Conflict for one that was published, and one that goes back."""
        await repository.lock(session, draft.name)
        published = await repository.versions(session, draft.name)
        check_new(draft, published)
        await repository.add_version(session, version, draft.snapshot)

    async def use(self, session: AsyncSession, use: BlockUse) -> None:
        await repository.lock(session, use.name)
        await repository.use(session, use)


_PUBLISH = "see: roadbed platform publish"


def check_new(draft: Draft, published: Sequence[BlockVersion]) -> None:
    """Raises Conflict where this can't be the next version."""
    same = next((one for one in published if one.version == draft.version), None)
    if same is not None and same.digest == draft.snapshot.digest:
        raise Conflict(
            f"{draft.name} {draft.version} is published already",
            hint=f"bring it on: roadbed platform publish {draft.name} --to ENV",
        )
    newest = max((one.version for one in published), key=ordered, default=None)
    if same is not None:
        what = f"{draft.name} {draft.version} was published with other content"
        raise InvalidInput(what, hint=f"raise the version above {newest}", file=draft.file, line=draft.line)
    if newest is not None and ordered(draft.version) < ordered(newest):
        what = f"{draft.name} goes back: {draft.version} comes before {newest}, which is published"
        hint = f"raise it above {newest}; to use an earlier one again: roadbed platform publish {draft.name} --to ENV"
        raise InvalidInput(what, hint=f"{hint} --version VERSION", file=draft.file, line=draft.line)
