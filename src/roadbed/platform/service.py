"""The one door to what the platform team declares."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from roadbed.kit.access import Authorise, Target, may, require_somebody
from roadbed.kit.errors import NotFound
from roadbed.platform.domain import Environment
from roadbed.platform.host import ProgramHost
from roadbed.platform.repo import PlatformRepo
from roadbed.storage.call import Call
from roadbed.workload.reader import nearest


class Platform:
    """`home` is ROADBED_HOME; the repo lies in `platform/` below it."""

    def __init__(self, home: Path, authorise: Authorise, host: ProgramHost | None = None) -> None:
        self._repo = PlatformRepo(home / "platform")
        self._host = host or ProgramHost(self._repo)
        self._authorise = authorise

    @property
    def folder(self) -> Path:
        return self._repo.folder

    @property
    def templates_dir(self) -> Path:
        return self._repo.folder / "templates"

    @property
    def catalog_dir(self) -> Path:
        return self._repo.folder / "catalog"

    async def ensure_repository(self) -> bool:
        """Writes the starter at the first start; True if it did. Asks nobody: it runs before anybody can call."""
        return await asyncio.to_thread(self._repo.ensure)

    async def environments(self, call: Call) -> Sequence[Environment]:
        """Those that the caller may see, in the order of `environments.yaml`."""
        require_somebody(call.principal)
        found = (await asyncio.to_thread(self._repo.environments)).values()
        return [one for one in found if may(self._authorise, call.principal, "environment.view", one.target)]

    async def environment(self, call: Call, name: str) -> Environment:
        """Raises NotFound, with the nearest name, for one that isn't declared."""
        self._authorise(call.principal, "environment.view", Target("environment"))
        found = await asyncio.to_thread(self._repo.environments)
        if name not in found:
            raise NotFound(f"there is no environment {name!r}", hint=nearest(name, found))
        self._authorise(call.principal, "environment.view", found[name].target)
        return found[name]

    async def revision(self, call: Call) -> str:
        """Digest of the repo's programs: compiling with the same request and revision gives the same graph."""
        self._authorise(call.principal, "environment.view", Target("environment"))
        return await asyncio.to_thread(self._repo.revision)

    async def provision(self, call: Call, request: Mapping[str, Any]) -> dict[str, Any]:
        """Lets provisioners satisfy a compile's requests: see `roadbed.sdk.host` for both shapes."""
        self._authorise(call.principal, "environment.view", Target("environment"))
        return await self._host.ask("provision", request)

    async def judge(self, call: Call, request: Mapping[str, Any]) -> dict[str, Any]:
        """Lets policies judge planned resources: see `roadbed.sdk.host` for both shapes."""
        self._authorise(call.principal, "policy.view", Target("policy"))
        return await self._host.ask("judge", request)
