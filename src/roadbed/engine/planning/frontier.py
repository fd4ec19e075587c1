"""How far an apply has come in its graph of effects: what may begin, what has failed, what was left out. Pure.

The cost of an effect does not grow with their number: each knows how many it waits for, and counts down.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from roadbed.engine.errors import LeftOut
from roadbed.engine.planning.schedule import Effect
from roadbed.kit.errors import RoadbedError


class Frontier:
    """`failures` are by effect, those that were left out too; `finished` are the keys of steps that were done whole.

    `done` are the effects that ended well before; they, and barriers, pass as soon as they are reached.
    """

    def __init__(self, effects: Sequence[Effect], done: frozenset[str]) -> None:
        self._done = done
        self._first = [effect for effect in effects if not effect.after]
        self._missing = {effect.key: len(effect.after) for effect in effects}
        self._dependents: defaultdict[str, list[Effect]] = defaultdict(list)
        for effect in effects:
            for key in effect.after:
                self._dependents[key].append(effect)
        self._parts = Counter(effect.step.key for effect in effects if effect.step and effect.key not in done)
        self.finished = {effect.step.key for effect in effects if effect.step} - self._parts.keys()
        self.failures: dict[str, RoadbedError] = {}

    def first(self) -> list[Effect]:
        """What may begin at once."""
        return self._to_do(list(self._first))

    def succeeded(self, effect: Effect) -> list[Effect]:
        """What may begin now that this effect has ended well."""
        assert effect.step is not None  # noqa: S101 - barriers are never performed
        self._parts[effect.step.key] -= 1
        if not self._parts[effect.step.key]:
            self.finished.add(effect.step.key)
        return self._to_do(self._reached(effect))

    def failed(self, effect: Effect, error: RoadbedError) -> None:
        """Everything that waits for it, directly or not, is left out."""
        self.failures[effect.key] = error
        culprit = effect.step.urn if effect.step else effect.key
        waiting = [effect]
        while waiting:
            for dependent in self._dependents[waiting.pop().key]:
                if dependent.key not in self.failures:
                    self.failures[dependent.key] = LeftOut(f"left out, because {culprit} failed")
                    waiting.append(dependent)

    def _to_do(self, reached: list[Effect]) -> list[Effect]:
        ready: list[Effect] = []
        for effect in reached:  # which grows while it is gone through
            if effect.step is None or effect.key in self._done:
                reached += self._reached(effect)
            else:
                ready.append(effect)
        return ready

    def _reached(self, effect: Effect) -> list[Effect]:
        """What waits for nothing any more now that this has succeeded."""
        reached: list[Effect] = []
        for dependent in self._dependents[effect.key]:
            self._missing[dependent.key] -= 1
            if not self._missing[dependent.key]:
                reached.append(dependent)
        return reached
