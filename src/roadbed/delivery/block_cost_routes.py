"""What building blocks cost, over REST."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from roadbed.delivery.block_costs import BlockCost, BlockCosts
from roadbed.delivery.schemas import Label, ListOut
from roadbed.engine.schemas import FiguresOut, Out
from roadbed.estimates.document import total_document
from roadbed.storage.request import CurrentCall


class BlockCostOut(Out):
    """By the month, as it is asked for with nothing said."""

    type: str
    resource_class: str = Field(serialization_alias="class")
    currency: str = Field(description="A code of ISO 4217.")
    total: FiguresOut | None = Field(description="Null where nothing could be estimated.")
    problem: str = Field(description="Why nothing could be estimated; empty where that is not so.")


def router(costs: BlockCosts) -> APIRouter:
    routes = APIRouter(tags=["costs"])

    @routes.get("/building-block-costs")
    async def list_block_costs(
        call: CurrentCall, environment: Annotated[Label, Query(description="Where they would be made.")] = "dev"
    ) -> ListOut[BlockCostOut]:
        """What each building block costs and emits by the month as it comes, by type and class."""
        return ListOut[BlockCostOut](items=[_out(one) for one in await costs.of(call, environment)])

    return routes


def _out(one: BlockCost) -> BlockCostOut:
    total = None if one.totals is None else FiguresOut.model_validate(total_document(one.totals))
    same = {name: getattr(one, name) for name in ("type", "resource_class", "currency", "problem")}
    return BlockCostOut(**same, total=total)
