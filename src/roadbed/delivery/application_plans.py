"""What a deployment would do, before anybody asks for it: its plan, what policies say of it, and why it is so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from roadbed.delivery import repository
from roadbed.delivery.directory import Directory
from roadbed.delivery.domain import Settings, SettingsChange
from roadbed.delivery.planning import Planning, Wanted, application_target
from roadbed.engine.domain import Judged, Plan
from roadbed.engine.service import StackInfo
from roadbed.kit.access import Authorise
from roadbed.kit.errors import NotFound
from roadbed.kit.names import StackName
from roadbed.storage.call import Call


class ApplicationPlans:
    """Of a source, or of the one in force where none is given."""

    def __init__(self, authorise: Authorise, directory: Directory, planning: Planning) -> None:
        self._authorise, self._directory, self._planning = authorise, directory, planning

    async def plan(
        self, call: Call, name: str, environment: str, source: str | None = None, needs: Sequence[str] = ()
    ) -> Plan:
        wanted, _ = await self._wanted(call, name, environment, source, needs)
        return await self._planning.plan(call, wanted)

    async def check(self, call: Call, name: str, environment: str, source: str | None = None) -> Judged:
        """What policies say of it. Nothing is stored."""
        wanted, _ = await self._wanted(call, name, environment, source)
        return await self._planning.check(call, wanted)

    async def explanation(
        self, call: Call, name: str, environment: str, source: str | None = None
    ) -> Mapping[str, Any]:
        """Why it is compiled to what it is: see `explanation.explain`."""
        wanted, release = await self._wanted(call, name, environment, source)
        return {**await self._planning.explanation(call, wanted), "release": release}

    async def _wanted(
        self, call: Call, name: str, environment: str, source: str | None, needs: Sequence[str] = ()
    ) -> tuple[Wanted, str | None]:
        """What the deployment is to bring about, and the release in force."""
        stack = StackName(name, environment)
        active = await repository.active_release(call.session, stack)
        if source is None:
            await self._directory.known(call, name, environment, "application.plan")
        digest = source or (active.source if active else None)
        if digest is None:
            raise NotFound(f"{stack} has no release yet", hint="say which source: roadbed plan PATH")
        settings = SettingsChange(needs=tuple(needs)).apply(active.settings if active else Settings())
        declared = await self._planning.source(call, digest, stack, settings)
        kind = (await self._planning.environment(call, environment)).kind
        info = StackInfo(stack, await self._directory.owner(call, name, declared.owner), kind)
        self._authorise(call.principal, "application.plan", application_target(stack, info.owner, kind))
        return Wanted(info, digest, declared, settings.over(declared)), active.name if active else None
