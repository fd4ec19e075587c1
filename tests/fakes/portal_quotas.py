"""Quotas as the portal is shown them: with room, near the limit, without one."""

from __future__ import annotations

from roadbed.quotas.domain import COST, MILLIONTHS, Limit, Line, Standing, User
from roadbed.workload.document import Place

_LINES = (
    Line(
        "replicas", 6, Limit("replicas", 20, Place("quotas.yaml", 6, 5)), (User("orders@dev", 4), User("shop@dev", 2))
    ),
    Line("memory", 15 * 2**29, Limit("memory", 2**33, Place("quotas.yaml", 7, 5)), (User("orders@dev", 15 * 2**29),)),
    Line("storage", 2**30, None, (User("orders@dev", 2**30),)),
    Line("postgres:Database", 3, Limit("postgres:Database", 3, Place("quotas.yaml", 8, 5)), (User("shop@dev", 3),)),
)


def standing(team: str, environment: str) -> Standing:
    return Standing(team, environment, "development", _LINES, "#platform")


def budget(team: str, environment: str) -> Standing:
    limit = Limit(COST, 500 * MILLIONTHS, Place("quotas.yaml", 9, 5))
    line = Line(COST, 412 * MILLIONTHS, limit, (User("orders@dev", 412 * MILLIONTHS),), 1, "EUR")
    return Standing(team, environment, "development", (line,), "#platform")
