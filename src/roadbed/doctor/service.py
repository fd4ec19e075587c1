"""The door to the platform's own state."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

import psutil

from roadbed import __version__
from roadbed.doctor import checks
from roadbed.doctor.domain import Check, Component, PlatformStatus
from roadbed.kit.access import PLATFORM, Authorise
from roadbed.kit.clock import Clock
from roadbed.sandbox.domain import Isolation
from roadbed.storage.call import Call

Count = Callable[[Call], Awaitable[int]]


class Doctor:
    """`components` looks at the processes each time; `counts` names what is counted and how."""

    def __init__(
        self,
        authorise: Authorise,
        clock: Clock,
        *,
        home: Path,
        url: str,
        isolation: Isolation,
        components: Callable[[], Sequence[Component]],
        counts: Mapping[str, Count],
        portal_built: Callable[[], bool],
    ) -> None:
        self._authorise, self._home, self._url, self._isolation = authorise, home, url, isolation
        self._components, self._counts, self._portal_built = components, counts, portal_built
        self._started_at = clock.now()

    async def status(self, call: Call) -> PlatformStatus:
        self._authorise(call.principal, "platform.view", PLATFORM)
        return PlatformStatus(
            version=__version__,
            home=str(self._home),
            started_at=self._started_at,
            url=self._url,
            isolation=self._isolation,
            components=await asyncio.to_thread(self._look),
            counts={name: await count(call) for name, count in self._counts.items()},
        )

    async def doctor(self, call: Call) -> list[Check]:
        self._authorise(call.principal, "platform.view", PLATFORM)
        found = await asyncio.to_thread(checks.machine, self._home, self._isolation, portal_built=self._portal_built())
        return [*found, *(_component_check(item) for item in await asyncio.to_thread(self._look))]

    def _look(self) -> Sequence[Component]:
        return self._components()


def process(name: str, pid: int | None, detail: str = "", *, alone: bool = False) -> Component:
    """A part that is a process of this machine, with all of its children unless it is looked at `alone`."""
    if pid is None:
        return Component(name, "stopped", detail)
    return Component(name, "running", detail, pid, memory_mb(pid, alone=alone))


def memory_mb(pid: int, *, alone: bool = False) -> float | None:
    """Resident memory of a process and its children, what they share counted once (PSS); None where unreadable."""
    try:
        parent = psutil.Process(pid)
        family = [parent, *([] if alone else parent.children(recursive=True))]
        return round(sum(member.memory_full_info().pss for member in family) / 2**20, 1)
    except (psutil.Error, OSError):
        return None


def _component_check(component: Component) -> Check:
    if component.state == "stopped":
        return Check(component.name, "missing", "not running", "restart the platform: roadbed down, then roadbed up")
    return Check(component.name, "ok", component.detail or component.state)
