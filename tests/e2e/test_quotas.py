"""Quotas and budgets by the command, on a platform that runs: two stacks of a team meet one limit."""

from __future__ import annotations

from typing import Any

import pytest

from live_platform import LivePlatform, StartPlatform

pytestmark = pytest.mark.slow

PASSWORD = "correct horse battery staple"
PRICES = """\
apiVersion: roadbed.dev/v1
kind: Prices
currency: EUR
prices: {}
types:
  file:File: {month: 20, source: ours, date: "2026-01-01"}
"""
QUOTAS = """\
apiVersion: roadbed.dev/v1
kind: Quotas
ask: "#platform"
teams:
  payments:
    kinds:
      development: {resources: {"file:*": 3}, budget: 70}
"""
REFUSED = 3


@pytest.fixture(scope="module")
def platform(start_platform: StartPlatform) -> LivePlatform:
    made = start_platform()
    repo = made.home / "platform"
    (repo / "quotas.yaml").write_text(QUOTAS)
    (repo / "prices.yaml").write_text(PRICES)
    made.api("POST", "/users", {"name": "bob", "password": PASSWORD})
    made.api("POST", "/grants", {"subject": "user:bob", "role": "operator", "scope": "*"})
    made.settings["BOB"] = made.api("POST", "/login", {"username": "bob", "password": PASSWORD}).json["token"]
    return made


def declare(platform: LivePlatform, module: str, *names: str) -> None:
    folder = platform.home / "platform" / "modules" / module
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "roadbed.yaml").write_text(
        f"apiVersion: roadbed.dev/v1\nkind: Module\nmetadata: {{name: {module}, owner: group:default/payments}}\n"
    )
    files = [f'file.File("{name}", path="{module}/{name}.txt", content="x")\n' for name in names]
    (folder / "roadbed.py").write_text("".join(["from roadbed.sdk.types import file\n", *files]))


def lines(platform: LivePlatform, command: str) -> list[tuple[str, str, str | None]]:
    (standing,) = platform.items(command, "payments", "-e", "dev")
    return [(line["of"], line["used_shown"], line["limit_shown"]) for line in standing["lines"]]


def test_two_stacks_of_a_team_meet_one_limit_at_the_plan_and_as_an_apply_begins(platform: LivePlatform) -> None:
    declare(platform, "ledger", "a", "b")
    platform.roadbed("apply", "ledger@dev", "--yes")
    assert lines(platform, "quota") == [("file:*", "2", "3")]
    assert lines(platform, "budget") == [("cost", "40.00 EUR", "70.00 EUR")]

    declare(platform, "rates", "c", "d")
    refused = platform.roadbed("apply", "rates@dev", "--yes", ok=False)
    assert refused.code == REFUSED
    said = refused.stdout + refused.stderr
    assert "file:* of payments in dev: 2 used, 2 more asked for, 3 allowed" in said
    assert "most of it has ledger@dev (2); #platform can raise it: quotas.yaml:7" in said
    assert "budget of payments in dev: 40.00 EUR spent, 40.00 EUR more asked for, 70.00 EUR allowed" in said

    declare(platform, "rates", "c")
    shown = platform.roadbed("apply", "rates@dev", "--yes").stdout
    assert "(100% of it then)" in shown
    text = platform.roadbed("quota", "payments", "-e", "dev").stdout
    assert "file:*  3 of 3  ████████████████████ 100%  ledger@dev 2, rates@dev 1" in text

    declare(platform, "ledger", "a")
    platform.roadbed("apply", "ledger@dev", "--yes")
    assert lines(platform, "quota") == [("file:*", "2", "3")]

    # Two plans that fit each: the second is refused as its apply begins, until it is waived.
    declare(platform, "ledger", "a", "b")
    first: Any = platform.json("plan", "ledger@dev")
    declare(platform, "rates", "c", "d")
    second: Any = platform.json("plan", "rates@dev")
    platform.roadbed("apply", "ledger@dev", "--plan", str(first["number"]), "--yes")
    refused = platform.roadbed("apply", "rates@dev", "--plan", str(second["number"]), "--yes", ok=False)
    assert refused.code == REFUSED
    assert "3 used, 1 more asked for, 3 allowed" in refused.stderr
    for policy in ("quota", "budget"):
        asked = platform.json("waiver", "request", policy, "--for", "rates@dev", "--why", "the sale", "--days", "3")
        platform.roadbed("waiver", "approve", asked["id"], environment={"ROADBED_TOKEN": platform.settings["BOB"]})
    platform.roadbed("apply", "rates@dev", "--yes")
    assert lines(platform, "quota") == [("file:*", "4", "3")]


def test_what_is_wrong_in_the_file_is_told_with_its_place(platform: LivePlatform) -> None:
    file = platform.home / "platform" / "quotas.yaml"
    declare(platform, "empty")
    file.write_text(QUOTAS.replace("budget: 70", "budget: a lot"))
    told = [platform.roadbed(*command, ok=False) for command in (("quota",), ("budget",), ("quota", "payments"))]
    file.write_text(QUOTAS)
    for refused in told:
        assert "quotas.yaml:7:55: teams.payments.kinds.development.budget is no amount: 'a lot'" in refused.stderr
    unknown = platform.roadbed("quota", "paiments", ok=False)
    assert "did you mean 'payments'?" in unknown.stderr
