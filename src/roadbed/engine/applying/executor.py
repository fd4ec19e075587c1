"""What an effect does: it has the provider called, and says what the state's rows become.

`runner.py` decides when, `calls.py` how. Whatever goes wrong, the rows say truly what is known: a creation or deletion
that failed leaves a broken row, an update that failed leaves what it was changing not known, and so the next plan does
it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from dataclasses import replace as altered
from typing import Any

from roadbed.engine.applying import answers
from roadbed.engine.applying.calls import Calls
from roadbed.engine.applying.desiring import Desiring, Wanted
from roadbed.engine.applying.leftovers import deposed_key, half_made, stands_in_the_way, token
from roadbed.engine.applying.runner import Outcome, Work
from roadbed.engine.applying.unsure import disguised, unsure
from roadbed.engine.domain import Plan, Recorded, Step, key
from roadbed.engine.expressions.functions import text
from roadbed.engine.expressions.values import resolve, reveal
from roadbed.engine.planning.schedule import Effect
from roadbed.engine.planning.schema import COMPONENT
from roadbed.kit.errors import RoadbedError
from roadbed.providers.driver import Actual, Desired, Provider, ResourceType

PARALLEL_COMPONENTS = 1000
"""Components are no provider's: nothing bounds them."""


@dataclass(slots=True)
class Executor:
    """Performs the effects of one plan. `state` changes as they end. `doubtful` are those that an earlier attempt may
    have begun.
    """

    plan: Plan
    state: dict[str, Recorded]
    desiring: Desiring
    providers: Mapping[str, Provider]
    calls: Calls
    doubtful: frozenset[str] = frozenset()
    _attempted: dict[str, str] = field(default_factory=dict)
    """By URN: the token of a creation that was begun."""

    def bound(self, effect: Effect) -> tuple[str, int]:
        """The provider of an effect, and how much it bears at a time."""
        assert effect.step is not None  # noqa: S101 - barriers are never performed
        if effect.step.kind == "component" or effect.do == "forget":
            return "component", PARALLEL_COMPONENTS
        provider = self.providers[effect.step.type]
        return provider.name, provider.parallel

    async def perform(self, work: Work) -> Outcome:
        """Never raises a RoadbedError: it is part of the outcome. Raises NotBegun."""
        outcome = await self._outcome(work)
        for row_key, row in outcome.rows.items():
            if row is None:
                self.state.pop(row_key, None)
            else:
                self.state[row_key] = row
        return outcome

    async def _outcome(self, work: Work) -> Outcome:
        perform = getattr(self, f"_{work.effect.do}")
        try:
            return Outcome(await perform(work))
        except RoadbedError as error:
            return Outcome(self._after_failure(work.effect, work.step), error)

    # What each effect does. They return the rows that change.

    async def _create(self, work: Work) -> dict[str, Recorded | None]:
        step = work.step
        prior = self.state.get(step.urn)
        if step.kind == "component":
            return {step.urn: self._component(step)}
        wanted = self.desiring.of_step(step, self._type(step), None, token(self.plan, step.urn))
        broken = prior if prior is not None and prior.broken and step.action == "adopt" else None
        if broken is not None and stands_in_the_way(step, broken, wanted.recorded, self._type(step)):
            await self.calls.delete(work, broken)
            broken = None
        if broken is not None:
            wanted = altered(wanted, desired=altered(wanted.desired, token=broken.token))
        row = await self._made(work, wanted, broken)
        if step.action == "replace" and step.order == "create_first" and prior is not None:
            old = altered(prior, deposed=deposed_key(self.plan))
            return {row.key: row, old.key: old}
        return {row.key: row}

    async def _made(self, work: Work, wanted: Wanted, broken: Recorded | None) -> Recorded:
        """Creates it. What an earlier attempt left may be found as that one wanted it: then it is updated, too."""
        desired = wanted.desired
        if broken is not None and broken.id and await self.calls.is_there(work, broken):
            return self._row(work.step, wanted, await self._mended(work, desired, broken))
        self._attempted[work.step.urn] = desired.token
        actual = await self.calls.create(work, desired)
        if broken is not None and broken.properties != wanted.recorded:
            found = altered(desired, previous=broken.properties, outputs=actual.outputs, secrets=actual.secrets)
            actual = await self.calls.update(work, found, actual.id)
        return self._row(work.step, wanted, actual)

    async def _mended(self, work: Work, desired: Desired, row: Recorded) -> Actual:
        """What is known by its id, since its deletion failed, becomes what is wanted, whatever is left of it."""
        had = self.desiring.of_row(row)
        found = altered(desired, previous=row.properties, outputs=had.outputs, secrets=had.secrets)
        return await self.calls.update(work, found, row.id)

    async def _update(self, work: Work) -> dict[str, Recorded | None]:
        step = work.step
        if step.kind == "component":
            return {step.urn: self._component(step)}
        prior = self.state[step.urn]
        wanted = self.desiring.of_step(step, self._type(step), prior, prior.token)
        return {step.urn: self._row(step, wanted, await self.calls.update(work, wanted.desired, prior.id, prior))}

    async def _delete(self, work: Work) -> dict[str, Recorded | None]:
        row = self.state.get(self._ending_key(work.effect, work.step))
        if row is None:
            return {}
        if row.kind != "component":
            if not row.broken and self.providers[row.type].types[row.type].holds(row.properties):
                await self.calls.keep(work, row)
            await self.calls.delete(work, row)
        return {row.key: None}

    async def _forget(self, work: Work) -> dict[str, Recorded | None]:
        return {self._ending_key(work.effect, work.step): None}

    async def _read(self, work: Work) -> dict[str, Recorded | None]:
        step = work.step
        wanted = self.desiring.of_step(step, self._type(step), None, "")
        identity = str(wanted.desired.properties.get("id", ""))
        plain = {name: value for name, value in wanted.desired.properties.items() if name != "id"}
        desired = altered(wanted.desired, properties=plain)
        actual = await self.calls.read(work, desired, identity)
        return {step.urn: self._row(step, wanted, actual)}

    async def _import(self, work: Work) -> dict[str, Recorded | None]:
        """What it is now; if that isn't what is wanted, an update follows."""
        step = work.step
        wanted = self.desiring.of_step(step, self._type(step), None, "")
        actual = await self.calls.read(work, wanted.desired, str(step.id))
        row = self._row(step, wanted, actual)
        if step.changes:
            shown = disguised(actual.properties or {}, wanted.recorded, self.desiring.secrets.fingerprint)
            row = altered(row, properties={**wanted.recorded, **shown})
        return {step.urn: row}

    async def _settle(self, work: Work) -> dict[str, Recorded | None]:
        step = work.step
        row = self.state[step.urn]
        desired = self.desiring.of_step(step, self._type(step), row, row.token).desired
        await self.calls.settle(work, desired, row.id)
        return {}

    # Rows.

    def _row(self, step: Step, wanted: Wanted, actual: Actual) -> Recorded:
        """Raises TooLarge."""
        row = Recorded(
            urn=step.urn,
            type=step.type,
            name=step.name,
            id=actual.id,
            properties=wanted.recorded,
            depends_on=step.depends_on,
            outputs=actual.outputs,
            sealed=self.desiring.sealed(step.urn, actual.secrets),
            release=self.desiring.release,
            source=step.source,
            options=step.options,
            kind=step.kind,
            token=wanted.desired.token,
        )
        answers.check_row(row)
        return row

    def _component(self, step: Step) -> Recorded:
        """Its outputs are what its declaration says of what it holds."""
        wanted = self.desiring.of_step(step, COMPONENT, None, "")
        resolved = {name: resolve(value, self.desiring.known) for name, value in _outputs(step).items()}
        outputs: dict[str, Any] = {}
        secrets: dict[str, str] = {}
        for name, value in resolved.items():
            plain, paths = reveal(value)
            if paths:
                secrets[name] = text(plain)
            else:
                outputs[name] = plain
        return self._row(step, wanted, Actual(step.urn, outputs, secrets))

    def _after_failure(self, effect: Effect, step: Step) -> dict[str, Recorded | None]:
        if effect.do == "create" and step.kind != "component":
            return self._half_made(effect, step)
        if effect.do == "update" and (row := self.state.get(step.urn)) is not None:
            return {row.key: altered(row, properties=unsure(row.properties, step.after))}
        if effect.do == "delete" and (row := self.state.get(self._ending_key(effect, step))) is not None:
            return {row.key: altered(row, broken=True)}
        return {}

    def _half_made(self, effect: Effect, step: Step) -> dict[str, Recorded | None]:
        """What stands for a creation that failed: it may have left something. What it would replace stays in force.

        One that the provider was never asked for has left nothing.
        """
        prior = self.state.get(step.urn)
        attempted = self._attempted.get(step.urn)
        if attempted is None and effect.key not in self.doubtful:
            return {}
        told = self.calls.told_ids.get(attempted, "") if attempted is not None else ""
        if prior is not None and prior.broken:
            if attempted is None:
                return {}
            if attempted == prior.token:  # what it left is as that attempt wanted it, or as this one does
                changed = unsure(prior.properties, step.after)
                return {prior.key: altered(prior, id=told or prior.id, properties=changed)}
        by = attempted if attempted is not None else token(self.plan, step.urn)
        row = half_made(self.plan, step, by, told, replacing=prior is not None)
        return {row.key: row}

    def _ending_key(self, effect: Effect, step: Step) -> str:
        """The row that an effect deletes or forgets."""
        if effect.old and step.order == "create_first":
            return key(step.urn, deposed_key(self.plan))
        return step.key

    def _type(self, step: Step) -> ResourceType:
        return COMPONENT if step.kind == "component" else self.providers[step.type].types[step.type]


def _outputs(step: Step) -> Mapping[str, Any]:
    outputs = step.properties.get("outputs")
    return outputs if isinstance(outputs, Mapping) else {}
