"""What of a graph is secret, whether its value is known yet or not: a secret, a secret output, what another stack
exports as one, and whatever is made of these. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from roadbed.engine.domain import Graph, Node
from roadbed.engine.expressions.values import Known, Secret, holds, imports, references
from roadbed.engine.planning.graph import export_problem, problem
from roadbed.engine.planning.schema import Finding
from roadbed.kit.errors import Findings, InvalidInput
from roadbed.providers.driver import ResourceType


def check(graph: Graph, types: Mapping[str, ResourceType], known: Known) -> None:
    """Raises InvalidInput for every secret that would stand in the clear, and for every part of one that is asked for.

    `graph` has been held against its types by `schema.check`.
    """
    findings, secrecy = Findings(), _Secrecy(types, known)
    for node in graph.nodes:  # each after what it refers to
        secrecy.learn(node)
        for message, hint in (*secrecy.exposed(node), *secrecy.parts(node.urn, [node.properties, node.id])):
            findings.add(problem(node, message, hint))
    for name, value in graph.exports.items():
        for message, hint in secrecy.parts(f"the export {name!r}", value):
            findings.add(export_problem(graph, name, message, hint))
    findings.raise_if_any(f"the graph of {graph.stack}")


class _Secrecy:
    def __init__(self, types: Mapping[str, ResourceType], known: Known) -> None:
        self._types, self._known = types, known
        self._outputs: dict[str, Collection[str]] = {}

    def learn(self, node: Node) -> None:
        """Which of its outputs are secret. A component's is as soon as something in it is."""
        if node.kind == "component":
            outputs: Mapping[str, object] = node.properties.get("outputs") or {}
            self._outputs[node.urn] = {name for name, value in outputs.items() if self._is_secret(value)}
        else:
            self._outputs[node.urn] = self._types[node.type].secret_outputs

    def exposed(self, node: Node) -> Iterator[Finding]:
        declared = self._types.get(node.type)
        for name, rule in declared.properties.items() if declared else ():
            if rule.plain_only and self._is_secret(node.properties.get(name)):
                yield f"{name!r} of {node.urn} is secret, and may not be", rule.plain_only

    def parts(self, user: str, value: object) -> Iterator[Finding]:
        """A secret is one text: it has no parts."""
        for urn, output in references(value):
            name = output.partition(".")[0]
            if output not in self._outputs[urn] and name in self._outputs[urn]:
                yield (
                    f"{user} asks for {output!r} of {urn}, and {name!r} is one secret text",
                    f"use {name!r} as a whole",
                )

    def _is_secret(self, value: object) -> bool:
        return (
            holds(value, "$secret")
            or any(output.partition(".")[0] in self._outputs[urn] for urn, output in references(value))
            or any(self._is_secret_export(stack, name) for stack, name in imports(value))
        )

    def _is_secret_export(self, stack: str, name: str) -> bool:
        """One that isn't there is told where it is resolved."""
        try:
            return isinstance(self._known.imported(stack, name), Secret)
        except InvalidInput:
            return False
