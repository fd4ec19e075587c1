"""What a building block costs as it is asked for with nothing said: its provisioner is asked, and what it would make is
estimated. Nothing is made.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from roadbed.engine.costing import not_known
from roadbed.estimates.domain import METRICS, Metric, Total
from roadbed.estimates.pricing import Pricer
from roadbed.estimates.service import Estimates
from roadbed.estimates.totals import total
from roadbed.kit.errors import InvalidInput, NotFound
from roadbed.platform.blocks import Offer
from roadbed.platform.domain import Environment
from roadbed.platform.service import Platform
from roadbed.sdk.graph import VERSION
from roadbed.storage.call import Call

_Told = tuple[str, Mapping[Metric, Total] | None, str]
"""Currency, totals, and why there are none."""
_APPLICATION, _WORKLOAD, _PORT = "example", "web", {"web": {"port": 8080, "target_port": 8080}}


@dataclass(frozen=True, slots=True)
class BlockCost:
    """By the month. `totals` is None where nothing could be estimated, and `problem` says why."""

    type: str
    resource_class: str
    currency: str
    totals: Mapping[Metric, Total] | None
    problem: str


class BlockCosts:
    def __init__(self, estimates: Estimates, platform: Platform) -> None:
        self._estimates, self._platform = estimates, platform

    async def of(self, call: Call, environment: str) -> list[BlockCost]:
        """Of every class that is offered there, by type. Raises NotFound, with the nearest name, for where that is."""
        there = await self._platform.environment(call, environment)
        blocks = await self._platform.blocks(call)
        asked = [(block.type, offer) for block in blocks for offer in block.offered_in(environment)]
        costs = await self._costs(call, asked, there)
        return [
            BlockCost(type_, offer.resource_class, *cost) for (type_, offer), cost in zip(asked, costs, strict=True)
        ]

    async def _costs(self, call: Call, asked: Sequence[tuple[str, Offer]], environment: Environment) -> list[_Told]:
        try:
            pricer = await self._estimates.pricer(call, environment.name)
            requests = [_request(type_, offer, environment) for type_, offer in asked]
            folders = await self._platform.building_blocks.folders(call.session, environment.name)
            answers = await self._platform.provision_all(call, requests, folders)
            return await asyncio.to_thread(lambda: [_cost(pricer, answer) for answer in answers])
        except (InvalidInput, NotFound) as error:
            return [("", None, not_known(error).problem)] * len(asked)


def _cost(pricer: Pricer, answer: Mapping[str, Any]) -> _Told:
    if error := answer.get("error"):
        return "", None, error["message"]
    made = [one for one in answer["graph"]["resources"] if one.get("kind", "managed") == "managed"]
    found = [(one["urn"], pricer.estimate(one["type"], one["properties"])) for one in made]
    sums = {metric: total((urn, estimate.figure(metric)) for urn, estimate in found) for metric in METRICS}
    return pricer.sheet.currency, sums, ""


def _request(type_: str, offer: Offer, environment: Environment) -> dict[str, Any]:
    """As an application with one workload would ask for it. A pattern of classes is asked for by the plain one."""
    plain = "default" if "*" in offer.resource_class else offer.resource_class
    return {
        "version": VERSION,
        "kind": "provision",
        "stack": f"{_APPLICATION}@{environment.name}",
        "application": _APPLICATION,
        "environment": environment.name,
        "environment_kind": environment.kind,
        "owner": None,
        "variables": dict(environment.variables),
        "services": {_WORKLOAD: _PORT},
        "requests": [
            {
                "uid": type_,
                "type": type_,
                "class": plain,
                "id": None,
                "name": type_,
                "workload": _WORKLOAD,
                "workloads": [_WORKLOAD],
                "ports": _PORT,
                "params": {},
                "places": {},
                "source": None,
            }
        ],
    }
