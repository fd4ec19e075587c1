"""Policies as people are told of them, how they are meant where, and what they find."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from roadbed.kit.access import Role
from roadbed.sdk.policies import Context, Level, PlannedResource, Subject

LOCAL = "local"
"""The pack of the loose files in `policies/`."""


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file that people wrote, or who set what no file says. `line` counts from 1; 0 is none."""

    file: str
    line: int | None = None

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Approvals:
    """How many people of which role may let something pass; none of them is who asks."""

    count: int
    role: Role


@dataclass(frozen=True, slots=True)
class Need:
    """So many people of a role must approve a plan; `because` says who wants that: `environment prod`, `policy p`."""

    count: int
    role: Role
    because: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """A finding on a plan. `resource` is the URN that it is about, empty for the plan as a whole.

    `remedy` says what to do, `reason` why the company wants it, `source` where the resource is declared. `broken` is
    where the policy failed that could not judge; such a one refuses, if it is no mere advice. `waived_by` is the waiver
    that lets the finding pass, `waived_until` when that ends. A policy with `approvals` does not refuse what it finds:
    the plan needs them.
    """

    policy: str
    level: Level
    resource: str
    message: str
    remedy: str
    pack: str = LOCAL
    reason: str = ""
    source: Place | None = None
    waived_by: str | None = None
    broken: Place | None = None
    waived_until: datetime | None = None
    approvals: Approvals | None = None

    @property
    def refuses(self) -> bool:
        """Whether the plan can't be applied as long as it stands."""
        return self.stands and self.approvals is None

    @property
    def awaits(self) -> Approvals | None:
        """Whose approval the plan needs because of it."""
        return self.approvals if self.stands else None

    @property
    def stands(self) -> bool:
        """It is no mere advice, and nothing lets it pass."""
        strict = self.level == "mandatory" or (self.broken is not None and self.level == "remediate")
        return strict and self.waived_by is None


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What a policy put right in a resource: the properties that it gave it; one that is None was taken away."""

    policy: str
    pack: str
    resource: str
    message: str
    reason: str
    properties: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class JudgedStep:
    """What a plan does to a resource that it wants, by its place in the list, or to one that goes."""

    action: str
    resource: int | PlannedResource
    before: Mapping[str, Any] | None = None
    loses_data: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """What is to be judged: all that the stack is to hold, and what the plan does. `left_alone` are URNs.

    `context.config` is not looked at: each policy has its own. `cost` is what is estimated of the plan. `held` is what
    the stack holds once the plan is applied, by key, as it is recorded: built-in policies count that.
    """

    context: Context
    resources: Sequence[PlannedResource]
    left_alone: frozenset[str] = frozenset()
    steps: Sequence[JudgedStep] = ()
    cost: Mapping[str, Any] | None = None
    held: Mapping[str, PlannedResource] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Judgement:
    """Verdicts; or, if policies put something right, what they did (`rewritten`), and the properties by URN then.

    What was put right is to be judged anew.
    """

    verdicts: tuple[Verdict, ...] = ()
    rewritten: tuple[Rewritten, ...] = ()
    properties: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PolicyInfo:
    """A policy with all that people are told of it, as it brings it along. `refuses` and `passes` are its cases."""

    name: str
    pack: str
    level: Level
    on: Subject
    types: tuple[str, ...]
    reason: str
    remedy: str | None
    documentation: str
    config: Mapping[str, Any]
    approvals: Mapping[str, Any] | None
    refuses: tuple[Mapping[str, Any], ...]
    passes: tuple[Mapping[str, Any], ...]
    file: str
    line: int


def approvals_of(policy: PolicyInfo) -> Approvals | None:
    """Who may let its findings pass, by approving the plan."""
    said = policy.approvals
    return Approvals(said["count"], said["role"]) if said else None


@dataclass(frozen=True, slots=True)
class Effective:
    """How a policy is meant in an environment. `level` is None where it is off.

    `level_from` says which line decides that, None for the policy itself; `config_from` does so for each key that is
    configured.
    """

    level: Level | None
    config: Mapping[str, Any]
    level_from: Place | None = None
    config_from: Mapping[str, Place] = field(default_factory=dict)
