"""What runs costs, for a person: by stack, environment and owner; of each resource; and why it isn't known."""

from __future__ import annotations

from roadbed.cli.cost_view import reported, stack_told
from roadbed.cli.style import PLAIN
from roadbed.client.models import CostFigure, CostFigures, CostGroup, CostReport, PlanBill, StackCost, StackCostDetail


def figure(amount: float | None, *unknown: str) -> CostFigure:
    return {"low": amount, "high": amount, "unknown": list(unknown)}


def figures(amount: float | None, *unknown: str) -> CostFigures:
    return {name: figure(amount, *unknown) for name in ("cost", "energy", "carbon")}  # type: ignore[return-value]  # its very keys


def stack(name: str, total: CostFigures | None, problem: str = "") -> StackCost:
    owner, environment = "group:default/payments", name.partition("@")[2]
    return StackCost(stack=name, owner=owner, environment=environment, currency="EUR", total=total, problem=problem)


def report(*stacks: StackCost) -> CostReport:
    group = CostGroup(name="dev", currency="EUR", total=figures(6.5, "orders@dev/web#runtime:Service"))
    return CostReport(
        items=list(stacks), applications=[], environments=[group], owners=[group], total=[group], plans=[]
    )


def test_nothing_runs() -> None:
    assert reported(
        CostReport(items=[], applications=[], environments=[], owners=[], total=[], plans=[]), PLAIN
    ).startswith("Nothing runs yet")


def test_stacks_and_what_they_come_to() -> None:
    one = stack("orders@dev", figures(4.5, "orders@dev/web#runtime:Service"))
    text = reported(report(one, stack("shop@dev", figures(2.0))), PLAIN)
    assert "orders@dev   payments   at least 4.50 EUR" in text
    assert "By environment:\n  dev  at least 6.50 EUR" in text
    assert "\n\nBy application" not in text
    assert (
        "Costs at least 6.50 EUR a month and 6.50 kg of CO2e, without orders@dev/web, whose cost is not known." in text
    )


def test_the_last_plans_and_the_difference_that_they_make() -> None:
    same = {"created_at": "2026-01-02T00:00:00Z", "created_by": "user:ada", "currency": "EUR", "after": figures(4.5)}
    less = PlanBill(stack="orders@dev", plan=31, difference=figures(-1.5), **same)  # type: ignore[typeddict-item]  # its rest
    new = PlanBill(stack="shop@dev", plan=2, difference=figures(None, "x"), **same)  # type: ignore[typeddict-item]  # its rest
    text = reported({**report(stack("orders@dev", figures(4.5))), "plans": [less, new]}, PLAIN)
    assert text.endswith(
        "Last plans:\n  orders@dev plan 31  -1.50 EUR, by user:ada\n  shop@dev plan 2     not known, by user:ada"
    )


def test_what_could_not_be_estimated_says_why() -> None:
    text = reported(report(stack("orders@dev", None, "prices.yaml:3:1: no")), PLAIN)
    assert "orders@dev   payments   not known   not known   –" in text
    assert text.endswith("What is not known: prices.yaml:3:1: no")


def test_each_resource_of_a_stack() -> None:
    web = {**figures(4.5), "urn": "orders@dev/web#runtime:Service", "basis": ["0.5 cores × 9 = 4.5"], "free": ""}
    data = {**figures(0.0), "urn": "orders@dev/data#core:Data", "basis": [], "free": "kept in the platform's own state"}
    found = {**stack("orders@dev", figures(4.5)), "location": "ESP", "grid": "the tables", "resources": [web, data]}
    text = stack_told(StackCostDetail(**found), PLAIN)  # type: ignore[typeddict-item]  # put together of its parts
    assert "web        runtime:Service   4.50          4.50         0.5 cores × 9 = 4.5" in text
    assert "data       core:Data         free          –            kept in the platform's own state" in text
    assert text.endswith("Electricity of ESP: the tables")
