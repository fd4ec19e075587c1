"""How teams stand, as a person reads it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from roadbed.cli.quota_view import WIDE, bar, budgets, colour, standings
from roadbed.cli.style import PLAIN
from roadbed.quotas.domain import COST, MILLIONTHS, Limit, Line, Standing, User
from roadbed.quotas.schemas import StandingListOut, standing_out
from roadbed.workload.document import Place

GIB = 2**30


def listed(*lines: Line, problem: str = "", ask: str = "#platform") -> dict[str, object]:
    one = standing_out(Standing("group:default/payments", "dev", "development", lines, ask, problem))
    return StandingListOut(items=[one]).model_dump()


def limit(of: str, most: int, line: int) -> Limit:
    return Limit(of, most, Place("quotas.yaml", line, 5))


def test_a_line_for_each_limit_with_what_is_used_and_by_whom() -> None:
    users = tuple(User(f"{name}@dev", 2) for name in "abc")
    found = listed(
        Line("replicas", 6, limit("replicas", 20, 6), users),
        Line("memory", 15 * GIB // 2, limit("memory", 8 * GIB, 7), (User("a@dev", 15 * GIB // 2),), unsaid=2),
        Line("storage", GIB, None, (User("a@dev", GIB),)),
    )
    assert standings(found, PLAIN).splitlines() == [  # type: ignore[arg-type]  # it is what the API answers
        "payments in dev",
        "  replicas                 6 of 20     ██████░░░░░░░░░░░░░░  30%  a@dev 2, b@dev 2 and 1 more",
        "  memory    at least 7.5 GiB of 8 GiB  ███████████████████░  94%  a@dev 7.5 GiB",
        "  storage              1 GiB no limit                             a@dev 1 GiB",
        "  2 containers say no memory: they count as nothing, unless quotas.yaml says as what (`unsaid`)",
        "  #platform can raise a limit: quotas.yaml:7",
    ]


def test_what_is_spent_and_what_is_not_known_of_it() -> None:
    line = Line(COST, 412 * MILLIONTHS, limit(COST, 500 * MILLIONTHS, 9), (User("a@dev", 412 * MILLIONTHS),), 1, "USD")
    assert budgets(listed(line), PLAIN).splitlines() == [  # type: ignore[arg-type]  # it is what the API answers
        "payments in dev",
        "  by the month  at least 412.00 USD of 500.00 USD  ████████████████░░░░  82%  a@dev 412.00 USD",
        "  the cost of 1 resource is not known, and counts as nothing, unless quotas.yaml says as what (`unsaid`)",
        "  #platform can raise a limit: quotas.yaml:9",
    ]


def test_nothing_at_all_says_where_limits_are_set() -> None:
    assert "quotas.yaml" in standings({"items": []}, PLAIN)
    assert "quotas.yaml" in budgets({"items": []}, PLAIN)
    found = budgets(listed(problem="the platform repo has no prices.yaml"), PLAIN)  # type: ignore[arg-type]
    assert found.endswith("What is spent is not known: the platform repo has no prices.yaml")


def test_teams_that_have_nothing_yet_are_only_named_unless_one_is_asked_for() -> None:
    used = listed(Line("replicas", 1, limit("replicas", 20, 6)))["items"]
    none = listed(Line("replicas", 0, limit("replicas", 20, 6)))["items"]
    found = {"items": [*used, *({**none[0], "environment": name} for name in ("staging", "prod"))]}  # type: ignore[index,misc]
    told = standings(found, PLAIN, whole=False)  # type: ignore[arg-type]  # it is what the API answers
    assert told.endswith("5%\n\nLimited, with nothing yet: payments in staging, prod. See: roadbed quota TEAM")
    assert standings(found, PLAIN).count("0 of 20") == 2  # type: ignore[arg-type]  # it is what the API answers


def test_what_could_not_be_counted_is_not_nothing() -> None:
    line = Line(COST, 0, limit(COST, 5 * MILLIONTHS, 9), known=False)
    told = budgets(listed(line, problem="prices.yaml:3:1: no"), PLAIN, whole=False)  # type: ignore[arg-type]
    assert "by the month  not known of 5.00" in told
    assert budgets(listed(problem="prices.yaml:3:1: no"), PLAIN) == "What is spent is not known: prices.yaml:3:1: no"  # type: ignore[arg-type]


@given(st.floats(0, 1e6))
def test_a_bar_is_full_only_where_nothing_is_left(share: float) -> None:
    shown = bar(share)
    assert len(shown) == WIDE
    assert ("░" not in shown) == (share >= 1) == (colour(share) == "red")
