"""What resources cost, of a plan and of stacks."""

from __future__ import annotations

from typing import TypedDict


class CostFigure(TypedDict):
    """By the month. None where nothing is known; `unknown` says why, or in totals of which resources, by URN."""

    low: float | None
    high: float | None
    unknown: list[str]


class CostFigures(TypedDict):
    """Cost in a currency, energy in kWh, carbon in kg of CO2e."""

    cost: CostFigure
    energy: CostFigure
    carbon: CostFigure


class CostEstimate(CostFigures):
    """`basis` says what was multiplied with what, `free` why it costs nothing by itself."""

    basis: list[str]
    free: str


class ResourceCost(TypedDict):
    """What a plan makes of what a resource costs. None: there is no such resource then."""

    urn: str
    before: CostEstimate | None
    after: CostEstimate | None
    difference: CostFigures


class TotalCost(TypedDict):
    before: CostFigures
    after: CostFigures
    difference: CostFigures


class PlanCost(TypedDict):
    """`problem` says why nothing could be estimated; `total` is None then."""

    currency: str
    location: str
    grid: str
    total: TotalCost | None
    resources: list[ResourceCost]
    problem: str


class StackCost(TypedDict):
    """What a stack costs as it is now. `total` is None where nothing could be estimated, and `problem` says why."""

    stack: str
    owner: str | None
    environment: str
    currency: str
    total: CostFigures | None
    problem: str


class ResourceEstimate(CostEstimate):
    urn: str


class StackCostDetail(StackCost):
    location: str
    grid: str
    resources: list[ResourceEstimate]


class CostGroup(TypedDict):
    name: str
    currency: str
    total: CostFigures


class PlanBill(TypedDict):
    """What a plan makes of what its stack costs by the month."""

    stack: str
    plan: int
    created_at: str
    created_by: str
    currency: str
    difference: CostFigures
    after: CostFigures


class CostReport(TypedDict):
    """`total` has an entry for each currency; `plans` are the last ones that make a difference, the newest first."""

    items: list[StackCost]
    applications: list[CostGroup]
    environments: list[CostGroup]
    owners: list[CostGroup]
    total: list[CostGroup]
    plans: list[PlanBill]


BlockCost = TypedDict(
    "BlockCost",
    {"type": str, "class": str, "currency": str, "total": "CostFigures | None", "problem": str},
)
"""Of a building block as it is asked for with nothing said, by the month. `total` is None where nobody can say."""
