"""What runs costs now, on the wire."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from roadbed.engine.schemas import EstimateOut, FiguresOut, Out
from roadbed.engine.views import PlanBill
from roadbed.estimates.document import estimate_document, total_document
from roadbed.stacks.costs import CostGroup, CostReport, StackCost


class ResourceEstimateOut(EstimateOut):
    urn: str


class StackCostOut(Out):
    """By the month, from what the stack's state says."""

    stack: str
    owner: str | None
    environment: str
    currency: str = Field(description="A code of ISO 4217.")
    total: FiguresOut | None = Field(description="Null where nothing could be estimated.")
    problem: str = Field(description="Why nothing could be estimated; empty where that is not so.")


class StackCostDetailOut(StackCostOut):
    location: str = Field(description="Whose electricity is meant.")
    grid: str = Field(description="By whose word a kWh emits there what it does.")
    resources: list[ResourceEstimateOut]


class CostGroupOut(Out):
    name: str
    currency: str
    total: FiguresOut


class PlanBillOut(Out):
    """What a plan makes of what its stack costs by the month."""

    stack: str
    plan: int
    created_at: datetime
    created_by: str
    currency: str
    difference: FiguresOut
    after: FiguresOut


class CostReportOut(Out):
    """`total` has an entry for each currency; `plans` are the last ones that make a difference, the newest first."""

    items: list[StackCostOut]
    applications: list[CostGroupOut]
    environments: list[CostGroupOut]
    owners: list[CostGroupOut]
    total: list[CostGroupOut]
    plans: list[PlanBillOut]
    next: None = None


def report_out(report: CostReport) -> CostReportOut:
    return CostReportOut(
        items=[StackCostOut.model_validate(_stack(one)) for one in report.stacks],
        applications=[_group(one) for one in report.applications],
        environments=[_group(one) for one in report.environments],
        owners=[_group(one) for one in report.owners],
        total=[_group(one) for one in report.total],
        plans=[_plan(one) for one in report.plans],
    )


def stack_out(one: StackCost) -> StackCostDetailOut:
    resources = [{"urn": urn, **estimate_document(estimate)} for urn, estimate in one.resources]
    more = {"location": one.location, "grid": one.grid, "resources": resources}
    return StackCostDetailOut.model_validate({**_stack(one), **more})


def _stack(one: StackCost) -> dict[str, object]:
    same = ("stack", "owner", "environment", "currency", "problem")
    return {**{name: getattr(one, name) for name in same}, "total": None if one.problem else total_document(one.totals)}


def _plan(one: PlanBill) -> PlanBillOut:
    same = {name: getattr(one, name) for name in ("plan", "created_at", "created_by", "currency")}
    figures = {
        when: total_document({metric: getattr(totals, when) for metric, totals in one.totals.items()})
        for when in ("difference", "after")
    }
    return PlanBillOut.model_validate({**same, "stack": one.name, **figures})


def _group(one: CostGroup) -> CostGroupOut:
    total = FiguresOut.model_validate(total_document(one.totals))
    return CostGroupOut(name=one.name, currency=one.currency, total=total)
