"""Which stack uses what of which: the graph across stacks. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from roadbed.stacks.domain import Declared, StackView


@dataclass(frozen=True, slots=True)
class StackNode:
    stack: str
    kind: Declared
    owner: str | None
    environment: str
    resources: int


@dataclass(frozen=True, slots=True)
class StackEdge:
    """`consumer` uses these exports of `stack`."""

    consumer: str
    stack: str
    exports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StackGraph:
    stacks: Sequence[StackNode]
    uses: Sequence[StackEdge]


def stack_graph(
    stacks: Iterable[StackView],
    consumption: Iterable[tuple[str, str, str]],
    *,
    environment: str | None = None,
    around: str | None = None,
) -> StackGraph:
    """Of one environment: its stacks and what they use elsewhere. `around` one stack: all that is tied to it, however
    far.
    """
    exports: dict[tuple[str, str], list[str]] = {}
    for stack, name, consumer in consumption:
        exports.setdefault((consumer, stack), []).append(name)
    edges = [StackEdge(*pair, tuple(sorted(names))) for pair, names in sorted(exports.items())]
    nodes = {one.stack: StackNode(one.stack, one.kind, one.owner, one.environment, one.resources) for one in stacks}
    if environment is not None:
        there = {name for name, node in nodes.items() if node.environment == environment}
        edges = [edge for edge in edges if edge.consumer in there or edge.stack in there]
        nodes = _only(nodes, there | _ends(edges))
    if around is not None:
        reached = _reached(around, edges)
        edges = [edge for edge in edges if edge.consumer in reached and edge.stack in reached]
        nodes = _only(nodes, reached)
    return StackGraph([nodes[name] for name in sorted(nodes)], edges)


def _only(nodes: dict[str, StackNode], names: set[str]) -> dict[str, StackNode]:
    return {name: node for name, node in nodes.items() if name in names}


def _ends(edges: Iterable[StackEdge]) -> set[str]:
    return {name for edge in edges for name in (edge.consumer, edge.stack)}


def _reached(start: str, edges: Sequence[StackEdge]) -> set[str]:
    """All that it uses, directly or by others, and all that use it."""
    return (
        {start}
        | _walk(start, {(edge.consumer, edge.stack) for edge in edges})
        | _walk(start, {(edge.stack, edge.consumer) for edge in edges})
    )


def _walk(start: str, pairs: set[tuple[str, str]]) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        at = waiting.pop()
        following = {end for begin, end in pairs if begin == at} - found
        found |= following
        waiting += following
    return found
