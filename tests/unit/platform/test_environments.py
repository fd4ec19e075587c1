"""`environments.yaml`: what is read, and what each wrong input gets."""

from __future__ import annotations

from datetime import timedelta

import pytest

from roadbed.kit.errors import InvalidInput
from roadbed.platform.domain import DriftPolicy, Environment, read_environments
from roadbed.platform.repo import STARTER

HEAD = "apiVersion: roadbed.dev/v1\nkind: Environments\n"


def test_the_starter_has_three_environments() -> None:
    found = read_environments((STARTER / "environments.yaml").read_text(), file="environments.yaml")
    assert [(one.name, one.kind, one.runtime) for one in found.values()] == [
        ("dev", "development", "process"),
        ("staging", "test", "process"),
        ("prod", "production", "process"),
    ]


def test_only_the_kind_is_needed() -> None:
    found = read_environments(HEAD + "environments: {qa: {kind: test}}", file="environments.yaml")
    assert found == {"qa": Environment("qa", "test")}
    assert found["qa"].target.attributes == {"kind": "test"}


def test_variables_are_text_by_name() -> None:
    text = HEAD + "environments: {qa: {kind: test, variables: {LOG_LEVEL: debug, EMPTY: ''}}}"
    found = read_environments(text, file="environments.yaml")
    assert found["qa"].variables == {"LOG_LEVEL": "debug", "EMPTY": ""}


@pytest.mark.parametrize(
    ("written", "policy"),
    [
        ("{every: 90s}", DriftPolicy(timedelta(seconds=90), "report")),
        ("{every: 30m, action: plan}", DriftPolicy(timedelta(minutes=30), "plan")),
        ("{every: 6h, action: heal}", DriftPolicy(timedelta(hours=6), "heal")),
    ],
)
def test_drift_is_looked_for_as_often_as_is_said(written: str, policy: DriftPolicy) -> None:
    text = f"{HEAD}environments: {{qa: {{kind: test, drift: {written}}}}}"
    found = read_environments(text, file="environments.yaml")
    assert found["qa"].drift == policy


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        (HEAD + "environments: {qa: {kind: test, drift: {}}}", "environments.qa.drift.every is missing", 3),
        (HEAD + "environments: {qa: {kind: test, drift: {every: 5}}}", "drift.every must be text", 3),
        (HEAD + "environments: {qa: {kind: test, drift: {every: soon}}}", "drift.every has the wrong form", 3),
        (HEAD + "environments: {qa: {kind: test, drift: {every: 1s}}}", "must be between 10s and 30d, not 1s", 3),
        (HEAD + "environments: {qa: {kind: test, drift: {every: 1m, action: fix}}}", "drift.action must be report", 3),
        (HEAD + "environments: {qa: {kind: test, drift: {every: 1m, act: fix}}}", "drift.act is not a known field", 3),
        (HEAD + "environments: {qa: {kind: test, variables: [A]}}", "variables must be a mapping, not a list", 3),
        (HEAD + "environments: {qa: {kind: test, variables: {A: 1}}}", "variables.A must be text, not a number", 3),
        (HEAD + "environments: {qa: {kind: test, variables: {A-B: x}}}", "A-B has a name that is not allowed", 3),
        (HEAD + 'environments: {qa: {kind: test, variables: {A: "a\\0b"}}}', "A can't be given to a program", 3),
        (HEAD, "environments is missing", 1),
        (HEAD + "environments: {}", "environments is empty", 3),
        (HEAD + "environments: {qa: {}}", "environments.qa.kind is missing", 3),
        (HEAD + "environments: {Q_A: {kind: test}}", "environments.Q_A has a name that is not allowed", 3),
        (HEAD + "environments: {qa: {kind: testing}}", "environments.qa.kind must be development or test or", 3),
        (HEAD + "environments: {qa: {kind: test, runtime: docker}}", "environments.qa.runtime must be process", 3),
        (HEAD + "environments: {qa: {kind: test, rank: 1}}", "environments.qa.rank is not a known field", 3),
    ],
)
def test_a_wrong_file_is_refused_at_its_place(text: str, message: str, line: int) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_environments(text, file="environments.yaml")
    assert message in caught.value.message
    assert (caught.value.problem.file, caught.value.problem.line) == ("environments.yaml", line)
