"""The door to changes of a state alone, that leave the world as it is.

Each is one transaction that holds the stack's row, is refused while a plan is being applied, and makes every plan that
was made before stale: the state and the plans that are applied to it never get out of step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from roadbed.audit.service import Audit
from roadbed.control.events import Events
from roadbed.engine import records, repository
from roadbed.engine.domain import Graph, Observed, Recorded, Stack
from roadbed.engine.errors import StalePlan
from roadbed.engine.known import output_context
from roadbed.engine.planning import selection
from roadbed.engine.planning.priors import refreshed
from roadbed.engine.service import StackInfo
from roadbed.engine.state import document as state_document
from roadbed.engine.state import moving
from roadbed.engine.state import rows as state_rows
from roadbed.engine.state.moving import Place
from roadbed.engine.views import Imported
from roadbed.kit.access import Authorise
from roadbed.kit.clock import Clock
from roadbed.kit.errors import Conflict, InvalidInput, NotFound
from roadbed.providers.driver import Provider
from roadbed.secrets.errors import CannotOpen
from roadbed.secrets.service import Secrets
from roadbed.storage.call import Call


class StateEditor:
    def __init__(
        self,
        authorise: Authorise,
        audit: Audit,
        events: Events,
        clock: Clock,
        secrets: Secrets,
        providers: Mapping[str, Provider],
    ) -> None:
        self._authorise, self._audit, self._events = authorise, audit, events
        self._clock, self._secrets = clock, secrets
        self._types = {name: provider.types[name] for name, provider in providers.items()}

    async def import_(
        self, call: Call, info: StackInfo, document: Mapping[str, Any], *, over: bool = False
    ) -> Imported:
        """Takes in what an export gave. Raises Conflict over resources that there are, unless it goes `over` them."""
        self._authorise(call.principal, "stack.import", info.target)
        found = state_document.read(document, str(info.name), self._types, self._opens)
        await repository.ensure_stack(call.session, str(info.name), info.owner, info.kind)
        stack = await self._hold(call, info)
        before = await repository.resources(call.session, str(info.name))
        if before and not over:
            raise Conflict(
                f"{info.name} has {len(before)} resources already",
                hint="import over them with --replace: those that the document lacks are forgotten",
            )
        await state_rows.drop(call.session, list(before.values()))
        await state_rows.put(call.session, str(info.name), list(found.rows.values()), self._clock.now())
        names = [item.name for item in found.exports]
        await records.save_exports(call.session, str(info.name), found.exports, names)
        await self._changed(call, info, "import", {"resources": len(found.rows), "replaced": len(before)})
        return Imported(str(info.name), len(found.rows), stack.serial + 1)

    async def move(
        self, call: Call, info: StackInfo, resources: Sequence[str], to: StackInfo, path: str | None = None
    ) -> Mapping[str, str]:
        """Moves resources, with what they hold, to another stack or another path: old → new URNs.

        The world stays as it is, so the programs must declare them at their new place before they are planned again.
        """
        for one in (info, to):
            self._authorise(call.principal, "stack.move", one.target)
        both = {str(one.name): one for one in (info, to)}
        for name in sorted(both):  # always in this order, so that two moves can't wait for each other
            if name == str(to.name):
                await repository.ensure_stack(call.session, name, to.owner, to.kind)
            await self._hold(call, both[name])
        state = await repository.resources(call.session, str(info.name))
        there = await repository.resources(call.session, str(to.name))
        urns = selection.select(resources, Graph(str(info.name), ()), state)
        moved = moving.move(urns, state, str(info.name), Place(str(to.name), path), there)
        if info.name != to.name:
            self._check_movable(moved.moved)
        now = self._clock.now()
        await state_rows.drop(call.session, [state[key] for key in moved.left.gone])
        await state_rows.put(call.session, str(info.name), moved.left.rows, now)
        await state_rows.put(call.session, str(to.name), self._sealed_anew(moved.moved, state), now)
        detail = {"moved": len(moved.renamed), "from": str(info.name), "to": str(to.name)}
        for one in both.values():
            await self._changed(call, one, "move", detail)
        return moved.renamed

    async def forget(
        self, call: Call, info: StackInfo, resources: Sequence[str], *, force: bool = False
    ) -> Sequence[str]:
        """Drops resources, with what they hold, from the state and leaves them in the world: their URNs."""
        self._authorise(call.principal, "stack.forget", info.target)
        await self._hold(call, info)
        state = await repository.resources(call.session, str(info.name))
        chosen = selection.select(resources, Graph(str(info.name), ()), state)
        urns = moving.with_contents(chosen, state)
        outcome = moving.forget(urns, state, force=force)
        await state_rows.drop(call.session, [state[key] for key in outcome.gone])
        await state_rows.put(call.session, str(info.name), outcome.rows, self._clock.now())
        await self._changed(call, info, "forget", {"forgotten": sorted(urns)[:100], "resources": len(urns)})
        return sorted(urns)

    async def refresh(
        self, call: Call, info: StackInfo, observed: Mapping[str, Observed], serial: int
    ) -> Mapping[str, int]:
        """Makes the state say what was observed when its serial was `serial`: how many changed, gone and unreadable."""
        self._authorise(call.principal, "stack.apply", info.target)
        stack = await self._hold(call, info)
        if stack.serial != serial:
            raise StalePlan(f"{info.name} was changed while it was read", hint="refresh it again")
        state = await repository.resources(call.session, str(info.name))
        seen = {key: one for key, one in observed.items() if key in state and one.error is None}
        gone = frozenset(key for key, one in seen.items() if one.gone)
        rest = moving.without(frozenset(state[key].urn for key in gone), state)
        now = {key: refreshed(rest[key], one) for key, one in seen.items() if key not in gone}
        changed = [key for key, row in now.items() if row is not rest[key]]
        written = {key: row for key, row in {**rest, **now}.items() if row is not state[key] and key not in gone}
        counts = {"changed": len(changed), "gone": len(gone)}
        if written or gone:
            await state_rows.drop(call.session, [state[key] for key in gone])
            await state_rows.put(call.session, str(info.name), list(written.values()), self._clock.now())
            await self._changed(call, info, "refresh", counts)
        return {**counts, "unreadable": sum(one.error is not None for one in observed.values())}

    async def reissued(
        self, call: Call, info: StackInfo, urn: str, outputs: Mapping[str, Any], secrets: Mapping[str, str]
    ) -> None:
        """A resource has other credentials: what uses its outputs differs from what is in force until it is applied."""
        self._authorise(call.principal, "resource.rotate", info.target)
        await self._hold(call, info)
        row = (await repository.resources(call.session, str(info.name))).get(urn)
        if row is None:
            raise NotFound(f"{info.name} has no resource {urn} any more")
        sealed = {name: self._secrets.seal(value, context=output_context(urn, name)) for name, value in secrets.items()}
        now = replace(row, outputs=dict(outputs), sealed={**row.sealed, **sealed})
        await state_rows.put(call.session, str(info.name), [now], self._clock.now())
        await self._changed(call, info, "rotate", {"resource": urn})

    async def secrets_changed(self, call: Call, info: StackInfo, detail: Mapping[str, Any]) -> None:
        """What the stack's program calls secret is about to change: told like a change of the state.

        The stack may have none yet; `detail` holds names. Raises Conflict while a plan is being applied.
        """
        self._authorise(call.principal, "secret.seal", info.target)
        await repository.ensure_stack(call.session, str(info.name), info.owner, info.kind)
        await self._hold(call, info)
        await self._changed(call, info, "secrets", detail)

    # Inside

    async def _hold(self, call: Call, info: StackInfo) -> Stack:
        """Locks the stack's row until the transaction ends. Raises Conflict while a plan is being applied."""
        found = await repository.stack(call.session, str(info.name), lock=True)
        if found is None:
            raise NotFound(f"{info.name} has no state yet", hint="apply a plan to it first")
        if found.applying is not None:
            raise Conflict(
                f"plan {found.applying} of {info.name} is being applied", hint="wait for it to end, or cancel it"
            )
        return found

    async def _changed(self, call: Call, info: StackInfo, action: str, detail: Mapping[str, Any]) -> None:
        now = self._clock.now()
        await repository.advance(call.session, str(info.name), applying=None, at=now)
        await records.add_history(call.session, str(info.name), now, str(call.principal), action, summary=detail)
        await self._audit.record(call, _AUDITED[action], info.target, detail=detail)
        await self._events.emit(call, "stack.changed", f"stack:{info.name}", {"owner": info.owner})

    def _check_movable(self, moved: Mapping[str, Recorded]) -> None:
        for row in moved.values():
            type_ = self._types.get(row.type)
            if type_ is not None and type_.phase == "rollout":
                raise InvalidInput(
                    f"{row.urn} runs in its stack and can't be moved to another", hint="deploy it there instead"
                )

    def _sealed_anew(self, moved: Mapping[str, Recorded], state: Mapping[str, Recorded]) -> Sequence[Recorded]:
        return [self._resealed(row, state[key].urn) for key, row in moved.items()]

    def _resealed(self, row: Recorded, was: str) -> Recorded:
        """A sealed output is bound to its URN."""
        sealed = {
            name: self._secrets.seal(
                self._secrets.open(text, context=output_context(was, name)), context=output_context(row.urn, name)
            )
            for name, text in row.sealed.items()
        }
        return replace(row, sealed=sealed)

    def _opens(self, sealed: str, context: str) -> bool:
        try:
            self._secrets.open(sealed, context=context)
        except CannotOpen:
            return False
        return True


_AUDITED = {
    "import": "stack.import",
    "move": "stack.move",
    "forget": "stack.forget",
    "refresh": "stack.apply",
    "secrets": "secret.seal",
    "rotate": "resource.rotate",
}
