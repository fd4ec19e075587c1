"""What is known of outputs before anything is applied. Pure.

An output of something that the plan makes is unknown; so is one that follows a property which the plan changes. All
others are as the state has them, or as a refresh has just found them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from roadbed.engine.domain import Recorded, Step
from roadbed.engine.expressions.values import UNKNOWN, Known, Secret, output_of
from roadbed.providers.driver import ResourceType

_MADE = frozenset({"create", "replace", "adopt", "read"})


class Foreseen:
    """Learns of each step in the order of the graph, so that what depends on it can be resolved."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self._made: set[str] = set()
        self._following: dict[str, frozenset[str]] = {}
        self._was: dict[str, str] = {}
        self._found: dict[str, Mapping[str, Any]] = {}

    def output(self, urn: str, output: str) -> Any:
        name = output.partition(".")[0]
        if urn in self._made or {output, name} & self._following.get(urn, frozenset()):
            return UNKNOWN
        found = self._found.get(urn, {})
        if name in found or output in found:
            return output_of(urn, found, output)
        return self._known.output(self._was.get(urn, urn), output)

    def secret(self, name: str) -> Secret:
        return self._known.secret(name)

    def imported(self, stack: str, name: str) -> Any:
        return self._known.imported(stack, name)

    def learn(self, step: Step, type: ResourceType, prior: Recorded | None, found: Mapping[str, Any] | None) -> None:
        """`found` are outputs that a refresh or an import has just read."""
        if step.moved_from:
            self._was[step.urn] = step.moved_from
        if found:
            self._found[step.urn] = found
        if step.action in _MADE or self._not_seen(step, prior, found):
            self._made.add(step.urn)
        elif step.changes:
            changed = {change.path.partition(".")[0] for change in step.changes}
            self._following[step.urn] = frozenset(
                name for name, follows in type.follows.items() if changed.intersection(follows)
            ).union(changed & type.secret_outputs.keys() if step.action == "import" else ())

    @staticmethod
    def _not_seen(step: Step, prior: Recorded | None, found: Mapping[str, Any] | None) -> bool:
        """Nobody has told its outputs yet; a component's are made of what it holds."""
        return (prior is None and not found) or (step.kind == "component" and step.action != "none")
