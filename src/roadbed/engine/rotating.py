"""New credentials for a resource, and the end of the old ones: what stands around a deployment that rolls them out."""

from __future__ import annotations

from collections.abc import Iterable

from roadbed.engine import records
from roadbed.engine.editing import StateEditor
from roadbed.engine.handing import Handed, Handing
from roadbed.engine.service import StackInfo
from roadbed.kit.access import Principal
from roadbed.kit.errors import Conflict
from roadbed.providers.driver import Provider, Report
from roadbed.sdk.rotation import RotatesCredentials
from roadbed.storage.call import Call
from roadbed.storage.database import Database

_ACTION = "resource.rotate"


class Rotating:
    """What it does runs in transactions of its own: the provider is asked between them."""

    def __init__(
        self, database: Database, handing: Handing, editor: StateEditor, providers: Iterable[Provider]
    ) -> None:
        self._database, self._handing, self._editor = database, handing, editor
        offering = (each for each in providers if isinstance(each, RotatesCredentials))
        self.types = frozenset(name for each in offering for name in each.rotated)

    async def check(self, call: Call, stack: StackInfo, urn: str) -> None:
        """Raises Conflict for what has no credentials to exchange, or that others use whom this stack can't roll."""
        _rotating(await self._handing.of(call, stack, urn, _ACTION))
        for name, consumers in (await records.consumers(call.session, str(stack.name))).items():
            if consumers:
                raise Conflict(
                    f"{', '.join(consumers)} uses {name} of {stack.name}, and would be locked out",
                    hint="a rotation rolls what is in its own stack: take that use away first",
                )

    async def issue(self, principal: Principal, stack: StackInfo, urn: str, report: Report) -> None:
        """The state has new credentials; the old ones let in as before. After a crash there may be unknown ones, too,
        which end with the old ones.
        """
        async with self._database.call(principal) as call:
            handed = await self._handing.of(call, stack, urn, _ACTION)
        actual = await _rotating(handed).rotate(handed.desired, handed.row.id, report)
        async with self._database.call(principal) as call:
            await self._editor.reissued(call, stack, urn, actual.outputs, actual.secrets)

    async def revoke(self, principal: Principal, stack: StackInfo, urn: str, report: Report) -> None:
        """Ends all credentials but those that the state has."""
        async with self._database.call(principal) as call:
            handed = await self._handing.of(call, stack, urn, _ACTION)
        await _rotating(handed).revoke(handed.desired, handed.row.id, report)


def _rotating(handed: Handed) -> RotatesCredentials:
    provider = handed.provider
    if isinstance(provider, RotatesCredentials) and handed.row.type in provider.rotated:
        return provider
    raise Conflict(f"a {handed.row.type} has no credentials that the platform could exchange")
