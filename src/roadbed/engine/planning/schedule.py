"""A plan's steps as effects, and what each of them waits for. Pure: the executor only runs what stands here.

Every rule of the order in which a plan is carried out is an edge of this graph:

- a resource is made after everything it depends on;
- infrastructure first, then rollouts (but for what stands on a rollout itself: it comes after it);
- what goes is deleted when everything before has succeeded and every rollout has settled, whatever depends on it first,
  rollouts before the infrastructure that they use;
- the exception is a replacement that deletes first: it takes with it, before itself, what uses it and goes, too.

An effect runs when all that it waits for has succeeded, and is left out when one of them has failed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from roadbed.engine.domain import Plan, Step

Do: TypeAlias = Literal["create", "update", "delete", "read", "import", "forget", "settle", "barrier"]

MAKING = frozenset({"create", "update", "replace", "read", "adopt", "import"})
_INFRASTRUCTURE, _SETTLED, _ENDED = "barrier infrastructure", "barrier settled", "barrier ended"


@dataclass(frozen=True, slots=True)
class Effect:
    """One call of a provider. `old`: it is about what the step replaces. A `barrier` has no step and does nothing."""

    key: str
    do: Do
    step: Step | None = None
    after: tuple[str, ...] = ()
    old: bool = False


def schedule(plan: Plan) -> tuple[Effect, ...]:
    """Each effect after all that it waits for."""
    return _Schedule(plan.steps).effects()


def main_effect(step: Step) -> str:
    """The key of the effect after which the resource is as the step wants it."""
    if step.action == "import":
        return f"update {step.key}" if step.changes else f"import {step.key}"
    return f"{'update' if step.action == 'update' else 'read' if step.action == 'read' else 'create'} {step.key}"


def end_effect(step: Step) -> str:
    """The key of the effect that ends what the step deletes, replaces or retains."""
    word = "forget" if step.action == "retain" or (step.action == "replace" and step.options.retain_on_delete) else None
    old = "old " if step.action == "replace" else ""
    return f"{word or 'delete'} {old}{step.key}"


@dataclass(slots=True)
class _Schedule:
    steps: tuple[Step, ...]
    found: dict[str, Effect] = field(default_factory=dict)
    making: dict[str, Step] = field(default_factory=dict)
    ending: list[Step] = field(default_factory=list)
    late: set[str] = field(default_factory=set)
    pulled: set[str] = field(default_factory=set)
    users: dict[str, list[Step]] = field(default_factory=lambda: defaultdict(list))
    reached: dict[str, str] = field(default_factory=dict)

    def effects(self) -> tuple[Effect, ...]:
        self.making = {step.urn: step for step in self.steps if step.action in MAKING}
        self.ending = [step for step in self.steps if step.action in ("delete", "retain", "replace")]
        for step in self.ending:
            for urn in _old_dependencies(step):
                self.users[urn].append(step)
        self.pulled = self._pulled()
        self._make()
        self._end()
        return _sorted(self.found)

    def _add(self, key: str, do: Do, step: Step | None, after: Iterable[str], *, old: bool = False) -> None:
        self.found[key] = Effect(key, do, step, tuple(dict.fromkeys(after)), old)

    def _pulled(self) -> set[str]:
        """The keys of ending steps that must go before their phase, since what they use is deleted to be replaced."""
        pulled: set[str] = set()
        waiting = [step for step in self.ending if step.interrupting]
        while waiting:
            used = waiting.pop()
            for user in self.users[used.urn]:
                if user.key not in pulled and (user.action != "replace" or user.interrupting):
                    pulled.add(user.key)
                    waiting.append(user)
        return pulled

    def _make(self) -> None:
        """Effects that lead to what is wanted, in the order of the steps, which is that of their dependencies."""
        rollouts = {urn for urn, step in self.making.items() if step.phase == "rollout"}
        for step in self.steps:
            if step.action not in MAKING and step.action != "none":
                continue
            if any(urn in self.late or urn in rollouts for urn in step.depends_on):
                self.late.add(step.urn)
            before = [self.reached[urn] for urn in sorted(step.depends_on) if urn in self.reached]
            if step.action == "none":
                self._pass_through(step, before)
            elif step.phase != "rollout":
                self._make_one(step, before)
        if rollouts:
            early = [main_effect(step) for urn, step in self.making.items() if urn not in rollouts | self.late]
            self._add(_INFRASTRUCTURE, "barrier", None, early)
        self._roll_out(rollouts)

    def _pass_through(self, step: Step, before: list[str]) -> None:
        """What depends on an unchanged resource waits for what that depends on."""
        if len(before) == 1:
            self.reached[step.urn] = before[0]
        elif before:
            self.reached[step.urn] = f"barrier {step.key}"
            self._add(f"barrier {step.key}", "barrier", None, before)

    def _roll_out(self, rollouts: set[str]) -> None:
        """Rollouts behind their barrier; then once more what stands on them, whose dependencies are known now."""
        for step in self.steps:
            if step.urn in rollouts and step.action in MAKING:
                self.reached[step.urn] = main_effect(step)
        for step in self.steps:
            if step.action not in MAKING and step.action != "none":
                continue
            if step.urn not in rollouts and step.urn not in self.late:
                continue
            before = [self.reached[urn] for urn in sorted(step.depends_on) if urn in self.reached]
            if step.action == "none":
                self._pass_through(step, before)
            else:
                self._make_one(step, [*before, _INFRASTRUCTURE] if step.urn in rollouts else before)

    def _make_one(self, step: Step, before: list[str]) -> None:
        key = main_effect(step)
        if step.action == "import":
            self._add(f"import {step.key}", "import", step, before)
            if step.changes:
                self._add(key, "update", step, [f"import {step.key}"])
        elif step.interrupting:
            self._add_end(step, [] if step.key in self.pulled else before)
            self._add(key, "create", step, [end_effect(step), *before])
        else:
            do: Do = "update" if step.action == "update" else "read" if step.action == "read" else "create"
            self._add(key, do, step, before)
        self.reached[step.urn] = key

    def _add_end(self, step: Step, before: Iterable[str]) -> None:
        """Deletes or forgets, after everything that uses it has gone."""
        users = [end_effect(user) for user in self.users[step.urn] if self._ends_before(user, step)]
        do: Do = "forget" if end_effect(step).startswith("forget") else "delete"
        self._add(end_effect(step), do, step, [*before, *users], old=step.action == "replace")

    def _ends_before(self, user: Step, used: Step) -> bool:
        """Whether the user goes in the same phase as what it uses, or an earlier one; otherwise it can't be awaited."""
        if user.key == used.key:
            return False
        first = used.interrupting or used.key in self.pulled
        return not first or user.interrupting or user.key in self.pulled

    def _end(self) -> None:
        """The deletions, behind everything that was made and has settled."""
        last = [step for step in self.ending if not step.interrupting]
        if not last:
            return
        settled: list[str] = []
        for step in self.making.values():
            settled.append(main_effect(step))
            if step.phase == "rollout":
                settled.append(f"settle {step.key}")
                self._add(f"settle {step.key}", "settle", step, [main_effect(step)])
        if settled:
            self._add(_SETTLED, "barrier", None, settled)
        self._end_in_order(last, [_SETTLED] if settled else [])

    def _end_in_order(self, last: list[Step], settled: list[str]) -> None:
        on_rollouts = self._standing_on_rollouts(last)
        rollouts = [step for step in last if step.phase == "rollout" and step.key not in self.pulled]
        if rollouts:
            self._add(_ENDED, "barrier", None, map(end_effect, rollouts))
        for step in last:
            before = [] if step.key in self.pulled else list(settled)
            infrastructure = step.phase != "rollout" and step.key not in on_rollouts and step.key not in self.pulled
            if rollouts and infrastructure:
                before.append(_ENDED)
            self._add_end(step, before)

    def _standing_on_rollouts(self, last: list[Step]) -> set[str]:
        """What depends on a rollout that goes, which it must leave before: it can't wait for all of them to end."""
        found: set[str] = set()
        waiting = [step for step in last if step.phase == "rollout"]
        while waiting:
            for user in self.users[waiting.pop().urn]:
                if user.key not in found:
                    found.add(user.key)
                    waiting.append(user)
        return found


def _old_dependencies(step: Step) -> frozenset[str]:
    return step.depended_on if step.action == "replace" else step.depends_on


def _sorted(effects: Mapping[str, Effect]) -> tuple[Effect, ...]:
    """In the order in which they were found, but each after what it waits for. What isn't there is not waited for."""
    ordered: dict[str, Effect] = {}
    for root in effects.values():
        stack = [root]
        while stack:
            effect = stack[-1]
            missing = [effects[key] for key in effect.after if key in effects and key not in ordered]
            if missing and effect.key not in ordered:
                stack += missing[::-1]
            else:
                stack.pop()
                ordered.setdefault(effect.key, effect)
    return tuple(
        effect if all(key in effects for key in effect.after) else _without_missing(effect, effects)
        for effect in ordered.values()
    )


def _without_missing(effect: Effect, effects: Mapping[str, Effect]) -> Effect:
    after = tuple(key for key in effect.after if key in effects)
    return Effect(effect.key, effect.do, effect.step, after, effect.old)
