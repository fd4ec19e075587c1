"""What runs costs now, over REST."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from roadbed.delivery.schemas import Label
from roadbed.stacks.cost_schemas import CostReportOut, StackCostDetailOut, report_out, stack_out
from roadbed.stacks.costs import Costs
from roadbed.storage.request import CurrentCall

Name = Annotated[str, Path(max_length=127)]


def router(costs: Costs) -> APIRouter:
    routes = APIRouter(tags=["costs"])

    @routes.get("/costs")
    async def read_costs(
        call: CurrentCall,
        application: Annotated[Label | None, Query(description="Or a platform module.")] = None,
        environment: Label | None = None,
    ) -> CostReportOut:
        """What the stacks cost and emit by the month, as they are now; by application, environment and owner, too."""
        return report_out(await costs.report(call, application, environment))

    @routes.get("/stacks/{stack}/cost")
    async def read_stack_cost(call: CurrentCall, stack: Name) -> StackCostDetailOut:
        """What each resource of a stack costs and emits by the month, as it is now."""
        return stack_out(await costs.stack(call, stack))

    return routes
