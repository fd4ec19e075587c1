"""The one door to what the platform team declares."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from roadbed.kit.access import Authorise, Target, may, require_somebody
from roadbed.kit.errors import InvalidInput, NotFound
from roadbed.platform.domain import Environment
from roadbed.platform.host import ProgramHost, Programs
from roadbed.platform.modules import LIBRARY, Module, Modules
from roadbed.platform.repo import MODULES, PlatformRepo
from roadbed.storage.call import Call
from roadbed.workload.reader import nearest


class Platform:
    """`home` is ROADBED_HOME; the repo lies in `platform/` below it."""

    def __init__(self, home: Path, authorise: Authorise, host: ProgramHost | None = None) -> None:
        self._repo = PlatformRepo(home / "platform")
        self._host = host or ProgramHost(self._repo)
        self._modules = Modules(self._repo.folder / MODULES)
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

    async def modules(self, call: Call) -> Sequence[Module]:
        """Those whose descriptors can be read, by name."""
        require_somebody(call.principal)
        self._authorise(call.principal, "environment.view", Target("environment"))
        return await asyncio.to_thread(lambda: self._modules.all(self._repo.environments()))

    async def module(self, call: Call, name: str) -> Module:
        """Raises NotFound, with the nearest name, and InvalidInput for what is wrong in its descriptor."""
        self._authorise(call.principal, "environment.view", Target("environment"))
        return await asyncio.to_thread(lambda: self._modules.get(name, self._repo.environments()))

    async def declare_module(self, call: Call, name: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """The graph document that a module's program declares for a stack.

        `request` is `{"stack", "environment", "environment_kind", "owner"}`. Raises InvalidInput for an environment
        that the module isn't for, and with the program's own file and line for whatever it does wrong.
        """
        module = await self.module(call, name)
        environment = request["environment"]
        if not module.is_for(environment):
            there = ", ".join(module.environments or ()) or "none"
            hint = f"add {environment} to `environments:` in modules/{name}/roadbed.yaml; it is for: {there}"
            raise InvalidInput(f"the module {name} is not for the environment {environment}", hint=hint)
        revision = await asyncio.to_thread(self._repo.revision_of, name)
        programs = Programs(
            module.folder,
            f"{MODULES}/{name}",
            module.program,
            revision,
            library=self._modules.library,
            library_shown=f"{MODULES}/{LIBRARY}",
        )
        return dict(await self._host.declare(programs, request))

    async def declare_application(
        self, call: Call, folder: Path, digest: str, request: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The graph document that the `roadbed.py` of a source tree declares. `digest` is the tree's.

        `request` is that of `declare_module`; so are the errors.
        """
        self._authorise(call.principal, "environment.view", Target("environment"))
        return dict(await self._host.declare(Programs(folder, "", "roadbed.py", digest), request))
