"""The one door to what the platform team declares."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from roadbed.kit.access import Authorise, Target, may, require_somebody
from roadbed.kit.errors import InvalidInput, NotFound
from roadbed.platform.blocks import Block, is_for, read_blocks
from roadbed.platform.building_blocks import BuildingBlocks
from roadbed.platform.domain import Environment, Kind
from roadbed.platform.host import POLICIES, ProgramHost, Programs
from roadbed.platform.modules import LIBRARY, Module, Modules
from roadbed.platform.packs import Pack, installed_packs, local_packs
from roadbed.platform.repo import MODULES, POLICIES_FILE, PRICES_FILE, QUOTAS_FILE, PlatformRepo
from roadbed.platform.snapshots import BlockFolder
from roadbed.platform.spare import Spare
from roadbed.platform.versions import ordered
from roadbed.storage.call import Call
from roadbed.workload.reader import nearest

_AT_ONCE = 100
"""Requests that one process of the host answers: it has a few seconds."""


class Platform:
    """`home` is ROADBED_HOME; the repo lies in `platform/` below it. Whoever gives a `spare` closes it."""

    def __init__(self, home: Path, authorise: Authorise, spare: Spare | None = None) -> None:
        self._repo = PlatformRepo(home / "platform")
        self._host = ProgramHost(self._repo, spare=spare)
        self._modules = Modules(self._repo.folder / MODULES)
        self._blocks = BuildingBlocks(home, self._host)
        self._authorise = authorise

    @property
    def folder(self) -> Path:
        return self._repo.folder

    @property
    def building_blocks(self) -> BuildingBlocks:
        """Those that were published. Whoever uses them asks for permission."""
        return self._blocks

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
        return await self._host.ask(
            "provision", request, blocks=await self._blocks.folders(call.session, request["environment"])
        )

    async def provision_all(
        self, call: Call, requests: Sequence[Mapping[str, Any]], blocks: Sequence[BlockFolder]
    ) -> list[dict[str, Any]]:
        """The same for many requests at once, with these building blocks in use. One that fails has an `error`."""
        self._authorise(call.principal, "environment.view", Target("environment"))
        answers: list[dict[str, Any]] = []
        for start in range(0, len(requests), _AT_ONCE):
            asked = {"asked": requests[start : start + _AT_ONCE]}
            answers += (await self._host.ask("provisions", asked, blocks=blocks))["answers"]
        return answers

    async def blocks(self, call: Call) -> list[Block]:
        """The building blocks that there are, by type. Raises InvalidInput for provisioners that can't be loaded."""
        self._authorise(call.principal, "environment.view", Target("environment"))
        answer = await self._host.ask("offers", {})
        found = await asyncio.to_thread(self._repo.environments)
        return read_blocks([*await self._offered(call, list(found)), *answer["offers"]], list(found))

    async def loose_offers(self, call: Call) -> list[dict[str, Any]]:
        """What the provisioners of the repo say of themselves, without building blocks."""
        self._authorise(call.principal, "environment.view", Target("environment"))
        offers: list[dict[str, Any]] = (await self._host.ask("offers", {}))["offers"]
        return offers

    async def _offered(self, call: Call, environments: Sequence[str]) -> list[dict[str, Any]]:
        """What published building blocks say of themselves, each version for the environments that use it."""
        offers = {(one.name, one.version): one.offers for one in await self._blocks.versions(call.session)}
        used: dict[tuple[str, str], list[str]] = {}
        for use in await self._blocks.in_use(call.session):
            used.setdefault((use.name, use.version), []).append(use.environment)
        return [
            {**offer, "environments": names}
            for key in sorted(used, key=lambda key: (key[0], ordered(key[1])), reverse=True)
            for offer in offers[key]
            if (names := [name for name in environments if name in used[key] and is_for(offer, name)])
        ]

    async def packs(self, call: Call) -> list[Pack]:
        """The packs of policies that there are, those of the platform repo first.

        Raises InvalidInput, with its place, for a descriptor that can't be read, and for a name that is taken.
        """
        self._authorise(call.principal, "policy.view", Target("policy"))
        return await asyncio.to_thread(self._packs)

    def _packs(self) -> list[Pack]:
        packs = local_packs(self._repo.programs(POLICIES))
        taken = {pack.name for pack in packs}
        return packs + [pack for pack in installed_packs() if pack.name not in taken]

    async def policies_file(self, call: Call) -> str | None:
        """What `policies/policies.yaml` says, None where there is none."""
        self._authorise(call.principal, "policy.view", Target("policy"))
        return await asyncio.to_thread(self._repo.text, POLICIES_FILE)

    async def prices_file(self, call: Call) -> str | None:
        """What `prices.yaml` says, None where there is none."""
        self._authorise(call.principal, "environment.view", Target("environment"))
        return await asyncio.to_thread(self._repo.text, PRICES_FILE)

    async def quotas_file(self, call: Call) -> str | None:
        """What `quotas.yaml` says, None where there is none."""
        self._authorise(call.principal, "policy.view", Target("policy"))
        return await asyncio.to_thread(self._repo.text, QUOTAS_FILE)

    async def kinds(self, call: Call) -> dict[str, Kind]:
        """The kind of every environment, by name, also of those that the caller may not see: policies speak of all."""
        self._authorise(call.principal, "policy.view", Target("policy"))
        found = await asyncio.to_thread(self._repo.environments)
        return {name: environment.kind for name, environment in found.items()}

    async def ask_policies(
        self,
        call: Call,
        kind: Literal["judge", "policies", "examples"],
        request: Mapping[str, Any],
        packs: Sequence[Pack],
    ) -> dict[str, Any]:
        """Asks the policies of these packs: see `roadbed.sdk.host` for the shapes."""
        self._authorise(call.principal, "policy.view", Target("policy"))
        return await self._host.ask(kind, request, packs)

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
