"""graph × state → steps. Pure: the same graph, state and types give the same steps."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from roadbed.engine.domain import Action, Change, Graph, Node, Recorded, Step
from roadbed.engine.values import UNKNOWN, Known, Secret, record, resolve
from roadbed.policy.domain import Verdict
from roadbed.providers.driver import ResourceType

_ABSENT = object()


class _Foreseen:
    """What is known before apply: the outputs of everything but what the plan itself is going to make."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self.made: set[str] = set()

    def output(self, urn: str, output: str) -> Any:
        return UNKNOWN if urn in self.made else self._known.output(urn, output)

    def secret(self, name: str) -> Secret:
        return self._known.secret(name)


def make_steps(
    graph: Graph,
    state: Mapping[str, Recorded],
    types: Mapping[str, ResourceType],
    known: Known,
    fingerprint: Callable[[str], str],
    *,
    keep: frozenset[str] = frozenset(),
) -> tuple[Step, ...]:
    """Steps in the graph's order, deletions last and in reverse order of dependency.

    `keep` names resources that stay as they are whatever the graph says (a rollback keeps the jobs that have run).
    """
    foreseen = _Foreseen(known)
    steps: list[Step] = []
    for node in graph.nodes:
        step = _step(node, state.get(node.urn), types[node.type], foreseen, fingerprint, kept=node.urn in keep)
        if step.action in ("create", "replace"):
            foreseen.made.add(node.urn)
        steps.append(step)
    return (*steps, *_deletions(graph, state, types))


def _step(
    node: Node,
    prior: Recorded | None,
    type: ResourceType,
    known: Known,
    fingerprint: Callable[[str], str],
    *,
    kept: bool,
) -> Step:
    if prior is not None and prior.broken:
        prior = None  # its creation is repeated, and finds what the first one left
    after = {key: record(resolve(value, known), fingerprint) for key, value in node.properties.items()}
    before = prior.properties if prior else {}
    replacing = frozenset(name for name, rule in type.properties.items() if rule.replace) if prior else frozenset()
    changes = () if kept else tuple(_changes(before, after, replacing))
    return Step(
        urn=node.urn,
        type=node.type,
        name=node.name,
        action="none" if kept else _action(prior, changes),
        phase=type.phase,
        properties=node.properties,
        after=after,
        changes=changes,
        depends_on=node.depends_on,
        source=node.source,
        note="kept as it is" if kept else None,
    )


def _action(prior: Recorded | None, changes: Iterable[Change]) -> Action:
    if prior is None:
        return "create"
    changes = tuple(changes)
    if any(change.replaces for change in changes):
        return "replace"
    return "update" if changes else "none"


def _changes(before: Mapping[str, Any], after: Mapping[str, Any], replacing: frozenset[str]) -> Iterator[Change]:
    for name in sorted({*before, *after}):
        for path, old, new in _differences(name, before.get(name, _ABSENT), after.get(name, _ABSENT)):
            yield _change(path, old, new, replaces=name in replacing)


def _differences(path: str, old: Any, new: Any) -> Iterator[tuple[str, Any, Any]]:
    """The smallest parts that differ. Maps are compared key by key, lists as a whole."""
    if old == new:
        return
    old_map, new_map = _plain_map(old), _plain_map(new)
    if old_map is None or new_map is None:
        yield path, old, new
        return
    for key in sorted({*old_map, *new_map}):
        yield from _differences(f"{path}.{key}", old_map.get(key, _ABSENT), new_map.get(key, _ABSENT))


def _plain_map(value: Any) -> Mapping[str, Any] | None:
    """The value if it is a map of the user's own, an absent one read as empty."""
    if value is _ABSENT:
        return {}
    if not isinstance(value, Mapping) or is_secret(value) or is_unknown(value):
        return None
    return value


def is_secret(value: Any) -> bool:
    return isinstance(value, Mapping) and "$secret" in value


def is_unknown(value: Any) -> bool:
    return isinstance(value, Mapping) and "$unknown" in value


def _change(path: str, old: Any, new: Any, *, replaces: bool) -> Change:
    return Change(
        path=path,
        before=_shown(old),
        after=_shown(new),
        secret=is_secret(old) or is_secret(new),
        unknown=is_unknown(new),
        replaces=replaces,
    )


def _shown(value: Any) -> Any:
    return None if value is _ABSENT or is_secret(value) or is_unknown(value) else value


def _deletions(graph: Graph, state: Mapping[str, Recorded], types: Mapping[str, ResourceType]) -> Iterator[Step]:
    gone = {urn: recorded for urn, recorded in state.items() if urn not in graph.urns}
    for urn in reversed(_in_order(gone)):
        recorded = gone[urn]
        yield Step(
            urn=urn,
            type=recorded.type,
            name=recorded.name,
            action="delete",
            phase=types[recorded.type].phase,
            changes=tuple(_changes(recorded.properties, {}, frozenset())),
            depends_on=recorded.depends_on & gone.keys(),
            source=recorded.source,
        )


def _in_order(resources: Mapping[str, Recorded]) -> list[str]:
    """URNs, each after what it depends on. State can hold no cycle, since no graph with one is ever applied."""
    ordered: dict[str, None] = {}
    stack = [(urn, False) for urn in sorted(resources, reverse=True)]
    while stack:
        urn, expanded = stack.pop()
        if urn in ordered:
            continue
        if expanded:
            ordered[urn] = None
            continue
        stack.append((urn, True))
        stack += [(other, False) for other in sorted(resources[urn].depends_on & resources.keys(), reverse=True)]
    return list(ordered)


def digest(stack: str, base: int, steps: tuple[Step, ...], verdicts: tuple[Verdict, ...]) -> str:
    """SHA-256 of everything that the plan says, apart from its number, its time and who asked."""
    content = {
        "stack": stack,
        "base": base,
        "steps": [asdict(step) for step in steps],
        "verdicts": [asdict(verdict) for verdict in verdicts],
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), default=sorted)
    return hashlib.sha256(text.encode()).hexdigest()
