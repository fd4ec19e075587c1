"""Which resources `--target` and `--replace` mean. Pure.

A selector is a URN, or matches the part of it between the stack and the type (`web/db`) or the name alone; shell
patterns are allowed. A plan for targets takes in what they depend on, and, when asked, what depends on them.
"""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from roadbed.engine.domain import Graph, Recorded
from roadbed.kit.errors import InvalidInput


def select(selectors: Iterable[str], graph: Graph, state: Mapping[str, Recorded]) -> frozenset[str]:
    """URNs of the graph and the state. Raises InvalidInput, with the nearest, for a selector that means nothing."""
    urns = sorted({*graph.urns, *(row.urn for row in state.values())})
    return frozenset(urn for selector in selectors for urn in _matching(selector, urns))


def with_dependencies(urns: frozenset[str], graph: Graph) -> frozenset[str]:
    """The targets and everything in the graph that they depend on."""
    return _closure(urns, {node.urn: node.depends_on for node in graph.nodes})


def with_dependents(urns: frozenset[str], graph: Graph, state: Mapping[str, Recorded]) -> frozenset[str]:
    """The targets and everything, in the graph or the state, that depends on them."""
    dependents: dict[str, set[str]] = defaultdict(set)
    edges = [(node.urn, node.depends_on) for node in graph.nodes]
    edges += [(row.urn, row.depends_on) for row in state.values()]
    for dependent, urns_used in edges:
        for urn in urns_used:
            dependents[urn].add(dependent)
    return _closure(urns, dependents)


def _closure(urns: frozenset[str], following: Mapping[str, Iterable[str]]) -> frozenset[str]:
    found, waiting = set(urns), list(urns)
    while waiting:
        new = set(following.get(waiting.pop(), ())) - found
        found |= new
        waiting += new
    return frozenset(found)


def _matching(selector: str, urns: list[str]) -> list[str]:
    found = [urn for urn in urns if selector == urn or any(fnmatchcase(one, selector) for one in _names(urn))]
    if not found:
        names = {name for urn in urns for name in _names(urn)}
        near = difflib.get_close_matches(selector, [*urns, *names], 3)
        hint = f"did you mean {' or '.join(near)}?" if near else "name a resource as `roadbed stack show` does"
        raise InvalidInput(f"{selector!r} is no resource of this stack", hint=hint)
    return found


def _names(urn: str) -> tuple[str, str, str]:
    """`web/db`, `db`, `web/db#postgres:Database`: what a resource is called within its stack."""
    within = urn.partition("/")[2]
    path = within.partition("#")[0]
    return path, path.rpartition("/")[2], within
