"""What runs costs now."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from roadbed.client.transport import Transport, path_of

if TYPE_CHECKING:
    from roadbed.client.models import BlockCost, CostReport, StackCostDetail


class Costs:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def report(self, application: str | None = None, environment: str | None = None) -> CostReport:
        """Of every stack, or those of an application or module."""
        query = {"application": application, "environment": environment}
        return cast("CostReport", self._transport.request("GET", "/costs", query=query))

    def stack(self, stack: str) -> StackCostDetail:
        """Of each resource of a stack."""
        return cast("StackCostDetail", self._transport.request("GET", path_of("stacks", stack, "cost")))

    def blocks(self, environment: str) -> list[BlockCost]:
        """Of each class of each building block that is offered there, with nothing said."""
        answer = self._transport.request("GET", "/building-block-costs", query={"environment": environment})
        return cast("list[BlockCost]", answer["items"])
