"""`quotas.yaml`: what goes before what, and everything that is wrong in it at its line and column."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadbed.kit.errors import InvalidInput
from roadbed.platform.domain import KINDS
from roadbed.quotas.domain import Allowances
from roadbed.quotas.reader import Known, read_allowances

HEAD = "apiVersion: roadbed.dev/v1\nkind: Quotas\n"
KNOWN = Known(
    teams=("group:default/payments", "group:default/shops", "group:labs/search"),
    environments=("dev", "staging", "prod"),
    kinds=KINDS,
    types=("postgres:Database", "postgres:Role", "redis:Database", "s3:Bucket", "runtime:Service"),
)
PLACES = {"dev": "development", "staging": "test", "prod": "production"}


def read(text: str) -> Allowances:
    return read_allowances(HEAD + text, KNOWN)


def limits(text: str, team: str, environment: str) -> dict[str, int | None]:
    found = read(text).limits(team, environment, PLACES[environment])
    return {limit.of: limit.most for limit in found}


LAYERS = """
default:
  replicas: 50
  memory: 64Gi
  kinds:
    development: {replicas: 20, cpu: 500m}
  environments:
    dev: {storage: 1.5Gi}
teams:
  payments:
    replicas: 30
    kinds:
      production: {memory: unlimited}
    environments:
      prod: {replicas: 100, resources: {"postgres:*": 4}}
  group:labs/search:
"""


@pytest.mark.parametrize(
    ("team", "environment", "expected"),
    [
        ("shops", "prod", {"replicas": 50, "memory": 64 * 2**30}),
        ("shops", "dev", {"replicas": 20, "cpu": 500, "memory": 64 * 2**30, "storage": 3 * 2**29}),
        ("payments", "dev", {"replicas": 30, "cpu": 500, "memory": 64 * 2**30, "storage": 3 * 2**29}),
        ("payments", "staging", {"replicas": 30, "memory": 64 * 2**30}),
        ("payments", "prod", {"replicas": 100, "postgres:*": 4}),
    ],
)
def test_a_team_goes_before_the_default_and_an_environment_before_its_kind(
    team: str, environment: str, expected: dict[str, int]
) -> None:
    assert limits(LAYERS, f"group:default/{team}", environment) == expected


def test_a_team_is_the_same_however_it_is_written() -> None:
    for name in ("labs/search", "group:labs/search", "Group:Labs/Search".lower()):
        assert (
            read(f"teams: {{{name}: {{replicas: 1}}}}").limits("group:labs/search", "dev", "development")[0].most == 1
        )


def test_a_limit_knows_its_line() -> None:
    (limit,) = read("default:\n  kinds:\n    test: {replicas: 3}\n").limits("group:default/shops", "staging", "test")
    assert limit.place.shown == "quotas.yaml:5"


def test_who_can_raise_and_what_is_unsaid() -> None:
    found = read('ask: "#platform"\nunsaid: {memory: 256Mi, cpu: 0.25, storage: 1k, cost: 2.5}\n')
    assert found.ask == "#platform"
    assert found.unsaid == {"memory": 2**28, "cpu": 250, "storage": 1000, "cost": 2_500_000}


def test_a_budget_is_a_limit_like_any_other() -> None:
    text = "default: {budget: 500, kinds: {production: {budget: unlimited}}}\nteams: {payments: {budget: 0.50}}\n"
    assert limits(text, "group:default/shops", "dev") == {"cost": 500_000_000}
    assert limits(text, "group:default/shops", "prod") == {}
    assert limits(text, "group:default/payments", "prod") == {"cost": 500_000}


OR = ", or `unlimited`"
COUNT, BYTES = f"write a whole number{OR}", "write bytes with a unit: 8Gi or 512Mi"
NO_TYPE = "there is no resource type 'postgres:Databse'"
WRONG = [
    ("default: {replica: 3}", 3, 11, "default.replica is not a known field", "did you mean 'replicas'?"),
    ("default: {replicas: -3}", 3, 21, "default.replicas is no amount: '-3'", COUNT),
    ("default: {replicas: 2.5}", 3, 21, "default.replicas is no amount: '2.5'", COUNT),
    ("default: {replicas: true}", 3, 21, "default.replicas is no amount: 'true'", COUNT),
    ("default: {replicas: [1]}", 3, 21, "default.replicas is no amount: a list or a mapping", COUNT),
    ("default: {replicas: }", 3, 21, "default.replicas is no amount: ''", COUNT),
    ("default: {memory: 8}", 3, 19, "default.memory is no amount: '8'", BYTES + OR),
    ("default: {memory: 8 Gi}", 3, 19, "default.memory is no amount: '8 Gi'", BYTES + OR),
    ("default: {memory: 99999E}", 3, 19, "default.memory is no amount: '99999E'", BYTES + OR),
    ("default: {cpu: lots}", 3, 16, "default.cpu is no amount: 'lots'", f"write cores: 8, 0.5 or 500m{OR}"),
    ("unsaid: {memory: unlimited}", 3, 18, "unsaid.memory is no amount: 'unlimited'", BYTES),
    ("unsaid: {replicas: 1}", 3, 10, "unsaid.replicas is not a known field", "known here: cost, cpu, memory"),
    (
        "default: {kinds: {develop: {cpu: 1}}}",
        3,
        19,
        "default.kinds.develop: there is no kind 'develop'",
        "development",
    ),
    ("default: {environments: {pord: }}", 3, 26, "default.environments.pord: there is no environment 'pord'", "prod"),
    ("teams: {paymets: {cpu: 1}}", 3, 9, "teams.paymets: there is no team 'paymets'", "payments"),
    ("teams:\n  shops: {}\n  group:shops: {}", 5, 3, "teams.group:shops is the same team as one before it", "shops"),
    (
        'default: {resources: {"postgres:Databse": 1}}',
        3,
        23,
        f"default.resources.postgres:Databse: {NO_TYPE}",
        "Database",
    ),
    ("default: {resources: 5}", 3, 22, "default.resources must be a mapping, not a number", None),
    ("defaults: {cpu: 1}", 3, 1, "defaults is not a known field", "did you mean 'default'?"),
    ("default: {budget: -5}", 3, 19, "default.budget is no amount: '-5'", "in the currency of prices.yaml"),
    ("default: {budget: 500 EUR}", 3, 19, "default.budget is no amount: '500 EUR'", "in the currency of prices.yaml"),
    ("default: {budget: 1e9}", 3, 19, "default.budget is no amount: '1e9'", "in the currency of prices.yaml"),
    ("default: {budget: }", 3, 19, "default.budget is no amount: ''", "in the currency of prices.yaml"),
    ("default: {bugdet: 5}", 3, 11, "default.bugdet is not a known field", "did you mean 'budget'?"),
    ("ask: 5", 3, 6, "ask must be text, not a number", 'put it in quotes: "5"'),
]


@pytest.mark.parametrize(("text", "line", "column", "message", "hint"), WRONG)
def test_what_is_wrong_is_told_at_its_place(text: str, line: int, column: int, message: str, hint: str | None) -> None:
    with pytest.raises(InvalidInput) as caught:
        read(text)
    problem = caught.value.problems[0] if caught.value.problems else caught.value.problem
    assert (problem.message, problem.file, problem.line, problem.column) == (message, "quotas.yaml", line, column)
    assert (problem.hint is None) == (hint is None)
    assert (hint or "") in (problem.hint or "")


def test_everything_is_told_at_once() -> None:
    with pytest.raises(InvalidInput) as caught:
        read("default: {cpu: x, memory: y}\nteams: {nobody: {storage: z}}\n")
    assert len(caught.value.problems) == 4


@given(st.text(max_size=60))
def test_no_text_breaks_the_reader(text: str) -> None:
    with suppress(InvalidInput):
        read(f"default:\n  cpu: {text}\n")
