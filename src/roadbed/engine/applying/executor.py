"""What an effect does: it calls the provider, and says what the state's rows become.

`runner.py` decides when. Whatever goes wrong, the rows say truly what is known: a creation or deletion that failed
leaves a broken row, an update that failed leaves what it was changing not known, and so the next plan does it again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from dataclasses import replace as altered
from functools import partial
from typing import Any

from roadbed.engine.applying import answers
from roadbed.engine.applying.desiring import Desiring, Wanted, plain
from roadbed.engine.applying.leftovers import deposed_key, half_made, token
from roadbed.engine.applying.patience import T, patiently
from roadbed.engine.applying.runner import Outcome, Watcher
from roadbed.engine.applying.unsure import disguised, unsure
from roadbed.engine.domain import Plan, Recorded, Step, key
from roadbed.engine.expressions.functions import text
from roadbed.engine.expressions.values import resolve, reveal
from roadbed.engine.planning.differences import changes
from roadbed.engine.planning.schedule import Effect
from roadbed.engine.planning.schema import COMPONENT
from roadbed.kit.errors import NotFound, RoadbedError
from roadbed.providers.driver import Actual, Desired, Provider, Report, ResourceType

PARALLEL_COMPONENTS = 1000
"""Components are no provider's: nothing bounds them."""


@dataclass(slots=True)
class Attempt:
    """A creation that was begun: by which token, and the identity that a wrong answer told."""

    token: str
    id: str = ""


@dataclass(slots=True)
class Executor:
    """Performs the effects of one plan. `state` changes as they end."""

    plan: Plan
    state: dict[str, Recorded]
    desiring: Desiring
    providers: Mapping[str, Provider]
    watcher: Watcher
    _attempted: dict[str, Attempt] = field(default_factory=dict)

    def bound(self, effect: Effect) -> tuple[str, int]:
        """The provider of an effect, and how much it bears at a time."""
        assert effect.step is not None  # noqa: S101 - barriers are never performed
        if effect.step.kind == "component" or effect.do == "forget":
            return "component", PARALLEL_COMPONENTS
        provider = self.providers[effect.step.type]
        return provider.name, provider.parallel

    async def perform(self, effect: Effect) -> Outcome:
        """Never raises a RoadbedError: it is part of the outcome."""
        step = effect.step
        assert step is not None  # noqa: S101 - barriers are never performed
        outcome = await self._outcome(effect, step)
        for row_key, row in outcome.rows.items():
            if row is None:
                self.state.pop(row_key, None)
            else:
                self.state[row_key] = row
        return outcome

    async def _outcome(self, effect: Effect, step: Step) -> Outcome:
        perform = getattr(self, f"_{effect.do}")
        try:
            return Outcome(await perform(effect, step))
        except RoadbedError as error:
            return Outcome(self._after_failure(effect, step), error)

    # What each effect does. They return the rows that change.

    async def _create(self, effect: Effect, step: Step) -> dict[str, Recorded | None]:
        prior = self.state.get(step.urn)
        if step.kind == "component":
            return {step.urn: self._component(step)}
        wanted = self.desiring.of_step(step, self._type(step), None, token(self.plan, step.urn))
        broken = prior if prior is not None and prior.broken and step.action == "adopt" else None
        if broken is not None and self._stands_in_the_way(step, broken, wanted):
            await self._remove(broken, step)
            broken = None
        if broken is not None:
            wanted = altered(wanted, desired=altered(wanted.desired, token=broken.token))
        row = await self._made(step, wanted, broken)
        if step.action == "replace" and step.order == "create_first" and prior is not None:
            old = altered(prior, deposed=deposed_key(self.plan))
            return {row.key: row, old.key: old}
        return {row.key: row}

    async def _made(self, step: Step, wanted: Wanted, broken: Recorded | None) -> Recorded:
        """Creates it. What an earlier attempt left may be found as that one wanted it: then it is updated, too."""
        provider, desired = self.providers[step.type], wanted.desired
        if broken is not None and broken.id and await self._is_there(step, broken):
            return self._row(step, wanted, await self._mended(step, desired, broken))
        self._attempted[step.urn] = Attempt(desired.token)
        actual = await self._ask(step, "create", desired, lambda report: provider.create(desired, report))
        if broken is not None and broken.properties != wanted.recorded:
            found = altered(desired, previous=broken.properties, outputs=actual.outputs, secrets=actual.secrets)
            identity = actual.id
            actual = await self._ask(step, "update", found, lambda report: provider.update(found, identity, report))
        return self._row(step, wanted, actual)

    async def _is_there(self, step: Step, row: Recorded) -> bool:
        """Whether what is known by its id (its deletion failed) is there: its name may have changed since."""
        desired = self.desiring.of_row(row)
        provider = self.providers[row.type]
        configured = row.options.provider
        return await self._call(step, "read", desired, lambda _: provider.read(desired, row.id), configured) is not None

    async def _mended(self, step: Step, desired: Desired, row: Recorded) -> Actual:
        """It is not made anew, but becomes what is wanted, whatever a deletion left of it."""
        had, provider = self.desiring.of_row(row), self.providers[row.type]
        found = altered(desired, previous=row.properties, outputs=had.outputs, secrets=had.secrets)
        return await self._ask(step, "update", found, lambda report: provider.update(found, row.id, report))

    def _stands_in_the_way(self, step: Step, broken: Recorded, wanted: Wanted) -> bool:
        """Whether what an earlier attempt left can't become what is wanted now."""
        by_type = (name for name, rule in self._type(step).properties.items() if rule.replace)
        replacing = (*by_type, *step.options.replace_on_changes)
        different = changes(broken.properties, wanted.recorded, replacing)
        return broken.options.provider != step.options.provider or any(change.replaces for change in different)

    async def _update(self, effect: Effect, step: Step) -> dict[str, Recorded | None]:
        if step.kind == "component":
            return {step.urn: self._component(step)}
        prior = self.state[step.urn]
        wanted = self.desiring.of_step(step, self._type(step), prior, prior.token)
        provider, desired = self.providers[step.type], wanted.desired
        actual = await self._ask(
            step, "update", desired, lambda report: provider.update(desired, prior.id, report), prior
        )
        return {step.urn: self._row(step, wanted, actual)}

    async def _delete(self, effect: Effect, step: Step) -> dict[str, Recorded | None]:
        row = self.state.get(self._ending_key(effect, step))
        if row is None:
            return {}
        if row.kind != "component":
            await self._remove(row, step)
        return {row.key: None}

    async def _forget(self, effect: Effect, step: Step) -> dict[str, Recorded | None]:
        return {self._ending_key(effect, step): None}

    async def _read(self, effect: Effect, step: Step) -> dict[str, Recorded | None]:
        wanted = self.desiring.of_step(step, self._type(step), None, "")
        identity = str(wanted.desired.properties.get("id", ""))
        plain = {name: value for name, value in wanted.desired.properties.items() if name != "id"}
        desired = altered(wanted.desired, properties=plain)
        actual = await self._look(step, desired, identity)
        return {step.urn: self._row(step, wanted, actual)}

    async def _import(self, effect: Effect, step: Step) -> dict[str, Recorded | None]:
        """What it is now; if that isn't what is wanted, an update follows."""
        wanted = self.desiring.of_step(step, self._type(step), None, "")
        actual = await self._look(step, wanted.desired, str(step.id))
        row = self._row(step, wanted, actual)
        if step.changes:
            shown = disguised(actual.properties or {}, wanted.recorded, self.desiring.secrets.fingerprint)
            row = altered(row, properties={**wanted.recorded, **shown})
        return {step.urn: row}

    async def _settle(self, effect: Effect, step: Step) -> dict[str, Recorded | None]:
        row = self.state[step.urn]
        provider = self.providers[step.type]
        desired = self.desiring.of_step(step, self._type(step), row, row.token).desired
        settle = partial(provider.settle, desired, row.id)
        await self._call(step, "update", desired, settle, step.options.provider)
        return {}

    # Calling providers.

    async def _call(
        self,
        step: Step,
        what_for: str,
        desired: Desired,
        work: Callable[[Report], Awaitable[T]],
        provider: str | None,
    ) -> T:
        """`provider` is the URN of what configures it."""

        async def report(text: str) -> None:
            self.watcher.said(step, text)

        what = f"{desired.type} {desired.urn.partition('#')[0]}"
        limit = step.options.timeouts.get(what_for)
        return await patiently(what, work, report, limit=limit, hide=lambda: self.desiring.hidden(desired, provider))

    async def _ask(
        self,
        step: Step,
        what_for: str,
        desired: Desired,
        work: Callable[[Report], Awaitable[Actual]],
        prior: Recorded | None = None,
    ) -> Actual:
        """What it answers is checked as part of the call, so that nothing of it is in an error either."""

        async def checked(report: Report) -> Actual:
            actual = await work(report)
            self._check(step, desired, actual, prior)
            return actual

        return await self._call(step, what_for, desired, checked, step.options.provider)

    async def _look(self, step: Step, desired: Desired, identity: str) -> Actual:
        provider = self.providers[step.type]

        async def look(report: Report) -> Actual:
            actual = await provider.read(desired, identity)
            if actual is not None:
                return actual
            source = step.source
            raise NotFound(
                f"there is no {step.type} {identity!r}",
                hint="check its id",
                file=source.file if source else None,
                line=source.line if source else None,
            )

        return await self._ask(step, "read", desired, look)

    async def _remove(self, row: Recorded, step: Step) -> None:
        desired, provider = self.desiring.of_row(row), self.providers[row.type]
        remove = partial(provider.delete, desired, row.id)
        await self._call(step, "delete", desired, remove, row.options.provider)

    def _check(self, step: Step, desired: Desired, actual: Actual, prior: Recorded | None) -> None:
        """Raises BadAnswer; what the answer tells of the identity is kept, so that it can be deleted."""
        told = self.desiring.hidden(desired, step.options.provider)
        changed = frozenset(change.path.partition(".")[0] for change in step.changes)
        try:
            answers.check(actual, self._type(step), told, plain(desired) if told else None, prior, changed)
        except RoadbedError:
            if (attempt := self._attempted.get(step.urn)) is not None:
                attempt.id = answers.known_id(actual, told)
            raise

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
            return self._half_made(step)
        if effect.do == "update" and (row := self.state.get(step.urn)) is not None:
            return {row.key: altered(row, properties=unsure(row.properties, step.after))}
        if effect.do == "delete" and (row := self.state.get(self._ending_key(effect, step))) is not None:
            return {row.key: altered(row, broken=True)}
        return {}

    def _half_made(self, step: Step) -> dict[str, Recorded | None]:
        """What stands for a creation that failed: it may have left something. What it would replace stays in force."""
        prior = self.state.get(step.urn)
        attempt = self._attempted.get(step.urn)
        if prior is not None and prior.broken:
            if attempt is None:
                return {}
            if attempt.token == prior.token:  # what it left is as that attempt wanted it, or as this one does
                changed = unsure(prior.properties, step.after)
                return {prior.key: altered(prior, id=attempt.id or prior.id, properties=changed)}
        made = attempt or Attempt(token(self.plan, step.urn))
        row = half_made(self.plan, step, made.token, made.id, replacing=prior is not None)
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
