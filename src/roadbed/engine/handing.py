"""Hands a resource of a stack to somebody who does something with it beside plans: backs it up, restores it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from roadbed.engine import repository
from roadbed.engine.applying.desiring import Desiring
from roadbed.engine.domain import Recorded
from roadbed.engine.known import KnownState
from roadbed.engine.stack_info import StackInfo
from roadbed.kit.access import Authorise
from roadbed.kit.errors import Conflict, NotFound
from roadbed.providers.driver import Desired, Provider
from roadbed.secrets.service import Secrets
from roadbed.storage.call import Call


@dataclass(frozen=True, slots=True)
class Handed:
    """A resource as its provider knows it, its secrets in the clear, in memory only."""

    row: Recorded
    desired: Desired
    provider: Provider


class Handing:
    def __init__(self, authorise: Authorise, secrets: Secrets, providers: Mapping[str, Provider]) -> None:
        self._authorise, self._secrets, self._providers = authorise, secrets, providers

    async def of(self, call: Call, stack: StackInfo, urn: str, action: str) -> Handed:
        """Takes the right to do `action` with the stack's. Raises NotFound or Conflict for one that isn't there."""
        self._authorise(call.principal, action, stack.target)
        name = str(stack.name)
        state = await repository.resources(call.session, name)
        row = state.get(urn)
        if row is None:
            raise NotFound(f"{name} has no resource {urn} any more")
        if row.broken or row.kind != "managed":
            raise Conflict(f"{urn} isn't there as it should be", hint="deploy first")
        known = KnownState(name, state, {}, self._secrets)
        desired = Desiring(name, state, known, self._secrets, stack.owner).of_row(row)
        return Handed(row, desired, self._providers[row.type])
