"""Options that would be of no effect are refused where they are declared. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from roadbed.engine.domain import Graph, Node, Recorded
from roadbed.engine.planning.differences import EVERYTHING
from roadbed.engine.planning.graph import problem
from roadbed.engine.planning.schema import Finding, nearest
from roadbed.kit.errors import Findings
from roadbed.providers.driver import ResourceType


def check(graph: Graph, types: Mapping[str, ResourceType], state: Mapping[str, Recorded]) -> None:
    """Raises InvalidInput with every finding. What is wrong with a type itself is said by `schema.check`."""
    findings = Findings()
    made_as = {node.urn: node.type for node in graph.nodes}
    for node in graph.nodes:
        if (declared := types.get(node.type)) is None or node.kind == "component":
            continue
        wrong = [*_unknown_paths(node, declared), *_second_import(node, graph.stack, state)]
        if node.options.provider is not None:
            wrong += _unfit_provider(node, made_as[node.options.provider], types)
        for message, hint in wrong:
            findings.add(problem(node, message, hint))
    findings.raise_if_any(f"the graph of {graph.stack}")


def _unknown_paths(node: Node, declared: ResourceType) -> Iterator[Finding]:
    """What is in a property is the user's own: only its name is known."""
    given = {
        "ignore_changes": node.options.ignore_changes,
        "replace_on_changes": node.options.replace_on_changes,
    }
    for option, paths in given.items():
        for path in paths:
            name = path.partition(".")[0]
            if path != EVERYTHING and name not in declared.properties:
                message = f"{option} of {node.urn} names {path!r}, and {node.type} has no property {name!r}"
                yield message, nearest(name, declared.properties)


def _unfit_provider(node: Node, by: str, types: Mapping[str, ResourceType]) -> Iterator[Finding]:
    if by in types and types[by].configures:
        return
    family = node.type.partition(":")[0]
    fit = sorted(name for name, each in types.items() if each.configures and name.startswith(f"{family}:"))
    hint = f"give it a {' or a '.join(fit)}" if fit else f"leave it out: nothing configures {family}"
    yield f"{node.options.provider} can't be the provider of {node.urn}: a {by} configures none", hint


def _second_import(node: Node, stack: str, state: Mapping[str, Recorded]) -> Iterator[Finding]:
    """What the state has was made or imported: another thing isn't taken over in its place, and the option is no use.

    An id that was imported may be known in another spelling since.
    """
    wanted = node.options.import_id
    row = next((state[urn] for urn in (node.urn, *node.options.aliases) if urn in state), None)
    if wanted is None or row is None or row.kind == "read" or wanted in (row.id, row.options.import_id):
        return
    known = f"is known as {row.id!r}" if row.id else "was to be made, and that failed"
    path = row.urn.partition("/")[2].partition("#")[0]
    hint = f"take import_ away, or let go of what there is first: roadbed stack forget {stack} {path}"
    yield f"{node.urn} can't be imported as {wanted!r}: it {known} already", hint
