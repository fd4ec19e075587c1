"""What declares a stack: a module of the platform repo, or the application in force."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from roadbed.delivery.in_force import InForce
from roadbed.engine.expressions.named_secrets import with_stored_secrets
from roadbed.engine.service import StackInfo
from roadbed.engine.states import States
from roadbed.kit.access import Authorise, may, require_somebody
from roadbed.kit.errors import InvalidInput, NotFound
from roadbed.kit.names import StackName
from roadbed.platform.domain import DriftPolicy, Environment
from roadbed.platform.service import Platform
from roadbed.stacks.domain import Declared
from roadbed.stacks.secrets import ModuleSecrets
from roadbed.storage.call import Call


@dataclass(frozen=True, slots=True)
class Resolved:
    """A stack that a name stands for. `release` is the number of the application's release in force.

    `drift` is what its environment says of looking for drift, None where nothing.
    """

    info: StackInfo
    declared: Declared
    release: int | None = None
    description: str = ""
    drift: DriftPolicy | None = None

    @property
    def name(self) -> str:
        return str(self.info.name)


class Sources:
    """An application in force goes before a module of the same name. The state of a module that was taken out of the
    repo can still be seen and deleted.
    """

    def __init__(
        self, authorise: Authorise, platform: Platform, in_force: InForce, states: States, secrets: ModuleSecrets
    ) -> None:
        self._authorise, self._platform = authorise, platform
        self._in_force, self._states, self._secrets = in_force, states, secrets

    async def resolve(self, call: Call, text: str) -> Resolved:
        """Raises NotFound, with the nearest name, for one that nothing stands for, or that the caller may not see."""
        require_somebody(call.principal)
        name = StackName.parse(text)
        environment = await self._platform.environment(call, name.environment)
        found = await self._find(call, name, environment)
        if found is None or not may(self._authorise, call.principal, "stack.view", found.info.target):
            raise await self._unknown(call, name, environment)
        return found

    async def _find(self, call: Call, name: StackName, environment: Environment) -> Resolved | None:
        drift = environment.drift
        if deployed := await self._in_force.find(call, name):
            return Resolved(deployed.stack, "application", deployed.release, deployed.description, drift)
        summary = await self._states.find(call, name)
        try:
            module = await self._platform.module(call, name.owner)
        except (NotFound, InvalidInput) as problem:
            if summary is not None:
                return Resolved(StackInfo(name, summary.owner, environment.kind), "module", drift=drift)
            if isinstance(problem, InvalidInput):
                raise
            return None
        info = StackInfo(name, module.owner, environment.kind)
        return Resolved(info, "module", description=module.description, drift=drift)

    async def document(self, call: Call, stack: Resolved) -> Mapping[str, Any]:
        """The graph document that its program declares now. Raises NotFound when there is none."""
        require_somebody(call.principal)
        if stack.declared == "application":
            return await self._in_force.document(call, stack.info)
        request = {
            "stack": stack.name,
            "environment": stack.info.name.environment,
            "environment_kind": stack.info.kind,
            "owner": stack.info.owner,
        }
        program = await self._platform.declare_module(call, stack.info.name.owner, request)
        return with_stored_secrets(program, await self._secrets.named(call, stack.info))

    async def applications(self, call: Call) -> frozenset[str]:
        """The stacks that are applications' in force, of those that the caller may see."""
        return await self._in_force.stacks(call)

    async def _unknown(self, call: Call, name: StackName, environment: Environment) -> NotFound:
        """Names the nearest of those that the caller may see."""
        modules = [
            StackInfo(StackName(one.name, environment.name), one.owner, environment.kind)
            for one in await self._platform.modules(call)
        ]
        seen = {str(one.name) for one in modules if may(self._authorise, call.principal, "stack.view", one.target)}
        known = {*seen, *(item.name for item in await self._states.list(call))}
        return NotFound(f"there is no stack {str(name)!r}", hint=_nearest(str(name), known))


def _nearest(wanted: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(wanted, sorted(known), 1)
    return f"did you mean {near[0]!r}?" if near else "see what there is: roadbed stack list"
