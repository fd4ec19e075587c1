"""Reads what there is: many at a time, as many as each provider bears. Changes nothing."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import replace as altered
from typing import Any

from roadbed.engine.applying import answers
from roadbed.engine.applying.desiring import Desiring, plain
from roadbed.engine.applying.patience import patiently
from roadbed.engine.applying.runner import BREATH_S, PREPARED
from roadbed.engine.applying.slots import Place, Slots
from roadbed.engine.applying.unsure import disguised
from roadbed.engine.domain import Node, Observed, Recorded
from roadbed.engine.expressions.values import record, resolve, reveal
from roadbed.kit.errors import RoadbedError
from roadbed.providers.driver import Actual, Desired, Provider, Report


@dataclass(frozen=True, slots=True)
class Look:
    """One thing to be read: under which key it is told, as what it is known, and the properties as recorded.

    `provider` is the URN of what configures its provider.
    """

    key: str
    desired: Desired
    id: str
    recorded: Mapping[str, Any]
    provider: str | None = None
    timeout: float | None = None


@dataclass(frozen=True, slots=True)
class Observer:
    desiring: Desiring
    providers: Mapping[str, Provider]

    async def rows(self, rows: Iterable[Recorded]) -> dict[str, Observed]:
        """By key. What is broken has nothing to be held against, a component nothing to be read."""
        looks = [self._of_row(row) for row in rows if not row.broken and row.kind != "component"]
        return await self.read(looks)

    async def imports(self, nodes: Iterable[Node]) -> dict[str, Observed]:
        """By URN: what there is of resources that are to be imported."""
        return await self.read([self._of_node(node) for node in nodes])

    async def read(self, looks: Iterable[Look]) -> dict[str, Observed]:
        """An error becomes part of what was observed."""
        found: dict[str, Observed] = {}
        waiting: dict[str, list[Look]] = defaultdict(list)
        for look in looks:
            waiting[self.providers[look.desired.type].name].append(look)
        async with asyncio.TaskGroup() as group:
            for queue in waiting.values():
                shared, parallel = iter(queue), self.providers[queue[0].desired.type].parallel
                slots = Slots(parallel)
                for _ in range(min(len(queue), parallel * PREPARED)):
                    group.create_task(self._work(shared, slots, found))
        return found

    async def _work(self, looks: Iterator[Look], slots: Slots, found: dict[str, Observed]) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        for look in looks:
            found[look.key] = await self._look(look, Place(slots))
            if loop.time() - began > BREATH_S:
                await asyncio.sleep(0)
                began = loop.time()

    async def _look(self, look: Look, place: Place) -> Observed:
        desired = look.desired
        provider = self.providers[desired.type]
        told = self.desiring.hidden(desired, look.provider)

        async def read(report: Report) -> Actual | None:
            actual = answers.readable(await provider.read(desired, look.id))
            if actual is not None:
                answers.check_read(actual, provider.types[desired.type], told, plain(desired) if told else None)
            return actual

        what = f"{desired.type} {desired.urn.partition('#')[0]}"
        try:
            actual = await patiently(what, read, _ignored, place, limit=look.timeout, hide=lambda: told)
        except RoadbedError as error:
            return Observed(error=error.message)
        return Observed(gone=True) if actual is None else self._observed(look, actual)

    def _observed(self, look: Look, actual: Actual) -> Observed:
        declared = self.providers[look.desired.type].types[look.desired.type]
        shown = {name: value for name, value in (actual.properties or {}).items() if name in declared.properties}
        return Observed(
            properties=disguised(shown, look.recorded, self.desiring.secrets.fingerprint),
            outputs={name: value for name, value in actual.outputs.items() if name in declared.outputs},
            hidden=tuple(sorted(declared.secret_outputs.keys() - actual.secrets.keys())),
            id=actual.id,
        )

    def _of_row(self, row: Recorded) -> Look:
        desired = self.desiring.of_row(row)
        identity = row.id
        if row.kind == "read":
            plain = {name: value for name, value in row.properties.items() if name != "id"}
            desired = altered(desired, properties=plain)
            identity = str(row.properties.get("id", row.id))
        return Look(row.key, desired, identity, row.properties, row.options.provider, row.options.timeouts.get("read"))

    def _of_node(self, node: Node) -> Look:
        resolved = {name: resolve(value, self.desiring.known) for name, value in node.properties.items()}
        properties, secret_paths = reveal(resolved)
        desired = Desired(
            urn=node.urn,
            type=node.type,
            name=node.name,
            stack=self.desiring.stack,
            properties=properties,
            secret_paths=secret_paths,
            owner=self.desiring.owner,
            configuration=self.desiring.configuration(node.options.provider),
        )
        recorded = {name: record(value, self.desiring.secrets.fingerprint) for name, value in resolved.items()}
        identity = str(node.options.import_id)
        options = node.options
        return Look(node.urn, desired, identity, recorded, options.provider, options.timeouts.get("read"))


async def _ignored(text: str) -> None:
    """Nobody follows a look."""
