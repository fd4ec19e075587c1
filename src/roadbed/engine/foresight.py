"""What a graph would be planned as, without a plan: for an impact on many stacks, and where there is nothing yet."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from roadbed.engine import records, repository
from roadbed.engine.applying.exporting import recorded_exports
from roadbed.engine.domain import Graph, Step
from roadbed.engine.expressions.values import UNKNOWN, Secret
from roadbed.engine.known import KnownState
from roadbed.engine.planning import declared_options, planner, schema
from roadbed.engine.planning.facts import Facts
from roadbed.engine.planning.graph import graph_imports
from roadbed.engine.request import PlanRequest, read_graph
from roadbed.engine.stack_info import SecretStore, StackInfo
from roadbed.kit.access import Authorise
from roadbed.providers.driver import ResourceType
from roadbed.secrets.service import Secrets
from roadbed.storage.call import Call


class Foresight:
    """Nothing is stored, nothing is judged, and the world is not looked at."""

    def __init__(
        self, authorise: Authorise, secrets: Secrets, types: Mapping[str, ResourceType], secret_store: SecretStore
    ) -> None:
        self._authorise, self._secrets, self._secret_store = authorise, secrets, secret_store
        self._types = types

    async def steps(self, call: Call, stack: StackInfo, document: Mapping[str, Any]) -> tuple[Step, ...]:
        """What a plan would do, by the state that there is. Raises InvalidInput for what can't be planned."""
        self._authorise(call.principal, "stack.view", stack.target)
        name = str(stack.name)
        state = await repository.resources(call.session, name)
        graph = read_graph(PlanRequest(stack, document))
        exported = await records.imported(call.session, graph_imports(graph))
        known = KnownState(name, state, await self._secret_store.held(call, stack), self._secrets, exported)
        exports = recorded_exports(await records.exports(call.session, name), self._secrets)
        facts = Facts(state, self._types, known, self._secrets.fingerprint, {}, exports)
        return await asyncio.to_thread(self._draft, graph, facts)

    async def from_nothing(self, call: Call, stack: StackInfo, document: Mapping[str, Any]) -> tuple[Step, ...]:
        """What a plan would make where there is nothing, by a provider that knows the types and tells no output."""
        self._authorise(call.principal, "type.view", stack.target)
        graph = read_graph(PlanRequest(stack, document))
        return await asyncio.to_thread(
            self._draft, graph, Facts({}, self._types, _Nothing(), self._secrets.fingerprint)
        )

    def _draft(self, graph: Graph, facts: Facts) -> tuple[Step, ...]:
        schema.check(graph, self._types)
        declared_options.check(graph, self._types, facts.state)
        return planner.draft(graph, facts).steps


class _Nothing:
    """All that a graph refers to is there, and nothing of it is known."""

    def output(self, urn: str, output: str) -> Any:
        return UNKNOWN

    def secret(self, name: str) -> Secret:
        return Secret(name)

    def imported(self, stack: str, name: str) -> Any:
        return UNKNOWN
