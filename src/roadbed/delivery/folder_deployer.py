"""Deploys a folder on this machine: what a golden path has just made."""

from __future__ import annotations

import asyncio
import tarfile
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import IO

from roadbed.delivery.builds.service import Builds
from roadbed.delivery.directory import Directory
from roadbed.delivery.service import Applications
from roadbed.storage.call import Call

_CHUNK = 1 << 20


class FolderDeployer:
    """The golden paths' `Deployer`. The same way as an upload: packed, accepted, deployed."""

    def __init__(self, applications: Applications, directory: Directory, builds: Builds) -> None:
        self._applications, self._directory, self._builds = applications, directory, builds

    async def check(self, call: Call, *, application: str, environment: str, owner: str | None) -> None:
        """Raises what keeps a new application from being deployed: no such environment, a name that is taken."""
        await self._directory.check_new(call, application, environment, owner)

    async def exists(self, call: Call, *, application: str) -> bool:
        """Whether there is an application of that name in any environment, whoever may see it."""
        return await self._directory.exists(call, application)

    async def deploy(self, call: Call, *, application: str, environment: str, source_dir: Path, message: str) -> str:
        """The id of the operation that deploys it."""
        with tempfile.TemporaryFile() as packed:
            await asyncio.to_thread(_pack, source_dir, packed)
            source = await self._builds.accept(call, _chunks(packed))
        operation = await self._applications.deploy(call, application, environment, source.digest, message)
        return operation.id


def _pack(folder: Path, packed: IO[bytes]) -> None:
    """Everything but the repository's own folder."""
    with tarfile.open(fileobj=packed, mode="w:gz", compresslevel=1) as archive:
        for path in sorted(folder.iterdir()):
            if path.name != ".git":
                archive.add(path, arcname=path.name)
    packed.seek(0)


async def _chunks(packed: IO[bytes]) -> AsyncIterator[bytes]:
    while chunk := packed.read(_CHUNK):
        yield chunk
