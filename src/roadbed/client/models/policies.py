"""Policies, and what they say."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict

from roadbed.client.models.approvals import AskedApprovals
from roadbed.client.models.parts import PropertyChange, SourcePlace


class Verdict(TypedDict):
    """What a policy says. `resource` is empty for the plan as a whole; `broken` is where a policy failed to judge."""

    policy: str
    level: str
    resource: str
    message: str
    remedy: str
    pack: NotRequired[str]
    reason: NotRequired[str]
    refuses: NotRequired[bool]
    waived_by: NotRequired[str | None]
    waived_until: NotRequired[str | None]
    approvals: NotRequired[AskedApprovals | None]
    source: NotRequired[SourcePlace | None]
    broken: NotRequired[SourcePlace | None]


class Remediation(TypedDict):
    """What a policy put right in a resource before the plan was made."""

    policy: str
    pack: str
    resource: str
    message: str
    reason: str
    changes: list[PropertyChange]
    source: SourcePlace | None


class PolicyPack(TypedDict):
    name: str
    version: str
    description: str
    installed: bool
    on: bool
    policies: int


class PolicyMeant(TypedDict):
    """How a policy is meant in an environment; `level` is None where it is off. `…_from`: the lines that decide."""

    environment: str
    kind: str
    level: str | None
    level_from: str | None
    config: dict[str, Any]
    config_from: dict[str, str]


class Policy(TypedDict):
    name: str
    pack: str
    version: str
    on: bool
    level: str
    judges: str
    types: list[str]
    reason: str
    remedy: str | None
    meant: list[PolicyMeant]
    file: str
    line: int


class PolicyDetail(Policy):
    documentation: str
    config: dict[str, Any]
    approvals: dict[str, Any] | None
    refuses: list[dict[str, Any]]
    passes: list[dict[str, Any]]


class PolicyProblem(TypedDict):
    """A file of a pack that could not be run."""

    pack: str
    message: str
    hint: str | None
    file: str | None
    line: int | None


class PolicyListing(TypedDict):
    items: list[Policy]
    packs: list[PolicyPack]
    environments: list[str]
    problems: list[PolicyProblem]


class PolicyCase(TypedDict):
    """How one case of a policy went: `wrong` is None where it is as expected."""

    policy: str
    pack: str
    expected: str
    number: int
    wrong: str | None
    said: list[str]
    file: str
    line: int


class PolicyCases(TypedDict):
    items: list[PolicyCase]
    problems: list[PolicyProblem]


class PolicyCheck(TypedDict):
    """What policies say of what would be planned."""

    stack: str
    refused: bool
    verdicts: list[Verdict]
    remediations: list[Remediation]


class PolicyStanding(TypedDict):
    policy: str
    pack: str
    level: str
    findings: int
    waived: int
    remedied: int
    stacks: list[str]


class StackVerdicts(TypedDict):
    stack: str
    owner: str | None
    environment: str
    plan: int
    created_at: str
    verdicts: list[Verdict]
    remediations: list[Remediation]


class PolicyReport(TypedDict):
    judged: int
    policies: list[PolicyStanding]
    stacks: list[StackVerdicts]
