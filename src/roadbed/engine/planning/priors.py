"""What a graph's resources were before: under their URN or an alias, as the state says and a refresh found. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from dataclasses import replace as altered

from roadbed.engine.domain import Graph, Node, Observed, Recorded
from roadbed.engine.planning.graph import problem
from roadbed.kit.errors import Findings


@dataclass(frozen=True, slots=True)
class Prior:
    """`stored` is the row, `row` the same as a refresh found it: another object where that differs, None where there
    is nothing any more (`note` says so).
    """

    stored: Recorded | None = None
    row: Recorded | None = None
    moved_from: str | None = None
    note: str | None = None


NOTHING = Prior()


@dataclass(frozen=True, slots=True)
class Priors:
    """`claimed` are the URNs of rows that the graph still wants."""

    by_urn: Mapping[str, Prior]
    claimed: frozenset[str]
    moved: Mapping[str, str] = field(default_factory=dict)

    def of(self, urn: str) -> Prior:
        return self.by_urn.get(urn, NOTHING)

    def now(self, urns: Iterable[str]) -> frozenset[str]:
        """Recorded URNs as the graph calls them."""
        return frozenset(self.moved.get(urn, urn) for urn in urns)

    def now_one(self, urn: str | None) -> str | None:
        return self.moved.get(urn, urn) if urn else None


def find_priors(
    graph: Graph,
    state: Mapping[str, Recorded],
    observed: Mapping[str, Observed],
    findings: Findings,
    targets: frozenset[str] = frozenset(),
) -> Priors:
    """Adds a finding where two resources claim one alias, or a refresh could not read what the plan is about."""
    by_urn: dict[str, Prior] = {}
    moved: dict[str, str] = {}
    for node in graph.nodes:
        old = _alias(node, graph, state) if node.urn not in state else None
        if old and old in moved:
            findings.add(
                problem(node, f"{node.urn} and {moved[old]} both say that they were {old}", "let one of them say so")
            )
        elif old or node.urn in state:
            if old:
                moved[old] = node.urn
            asked = not targets or node.urn in targets
            by_urn[node.urn] = _prior(node, state[old or node.urn], old, observed if asked else {}, findings)
    return Priors(by_urn, frozenset({*moved, *(urn for urn in by_urn if urn in state)}), moved)


def _alias(node: Node, graph: Graph, state: Mapping[str, Recorded]) -> str | None:
    """The first of its aliases that the state has and that no other resource of the graph is called by.

    Not a broken one: its provider may find what the creation left by the name alone that this had.
    """
    found = (old for old in node.options.aliases if old in state and old not in graph.urns)
    return next((old for old in found if not state[old].broken), None)


def _prior(node: Node, row: Recorded, old: str | None, observed: Mapping[str, Observed], findings: Findings) -> Prior:
    seen = observed.get(row.urn)
    if seen is None or row.broken:
        return Prior(row, row, old)
    if seen.error:
        findings.add(problem(node, f"{row.urn} can't be read: {seen.error}", "try again, or plan without a refresh"))
        return Prior(row, row, old)
    if seen.gone:
        return Prior(row, None, old, note="it was gone")
    return Prior(row, refreshed(row, seen), old)


def refreshed(row: Recorded, seen: Observed) -> Recorded:
    """The row as it was found: the very same object where nothing differs. What can't be told stays as recorded."""
    properties = {**row.properties, **seen.properties}
    outputs = {**row.outputs, **seen.outputs}
    if properties == row.properties and outputs == row.outputs:
        return row
    return altered(row, properties=properties, outputs=outputs)
