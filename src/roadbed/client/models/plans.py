"""Plans: what would be done, step by step."""

from __future__ import annotations

from typing import Literal, NotRequired, TypeAlias, TypedDict

from roadbed.client.models.approvals import ApprovalNeed
from roadbed.client.models.costs import PlanCost
from roadbed.client.models.parts import PropertyChange, SourcePlace
from roadbed.client.models.policies import Remediation, Verdict

Action: TypeAlias = Literal["create", "update", "replace", "delete", "read", "adopt", "import", "retain", "none"]


class PlanStep(TypedDict):
    """`order` is `create_first` or `delete_first`, of a replacement; `moved_from` and `depends_on` are URNs."""

    urn: str
    type: str
    name: str
    action: Action
    kind: NotRequired[Literal["managed", "component", "read"]]
    phase: NotRequired[str | None]
    changes: NotRequired[list[PropertyChange]]
    depends_on: NotRequired[list[str]]
    interrupting: NotRequired[bool]
    source: NotRequired[SourcePlace | None]
    note: NotRequired[str | None]
    order: NotRequired[str | None]
    moved_from: NotRequired[str | None]
    id: NotRequired[str | None]
    may_run_twice: NotRequired[bool]
    loses_data: NotRequired[bool]
    deposed: NotRequired[str]


class PlanRewrite(TypedDict):
    """A row of the state that is written anew with nothing done to its resource. `was` is its URN until then.

    `gone` and `refreshed`: a look at the world found it to be no more, or other than the state said.
    """

    was: str
    urn: str
    gone: NotRequired[bool]
    refreshed: NotRequired[bool]


class PlanOptions(TypedDict, total=False):
    """How the plan was asked for."""

    targets: list[str]
    replace: list[str]
    refresh: bool
    destroy: bool


class PlanNote(TypedDict):
    """What was declared and is not in force here."""

    message: str
    source: NotRequired[SourcePlace | None]


class Plan(TypedDict):
    """The plan document: `docs/reference/plan.schema.json`."""

    version: NotRequired[int]
    number: int | None
    stack: str
    created_at: NotRequired[str]
    created_by: NotRequired[str]
    digest: NotRequired[str]
    base: NotRequired[int]
    empty: NotRequired[bool]
    summary: dict[str, int]
    steps: list[PlanStep]
    needs: NotRequired[list[ApprovalNeed]]
    verdicts: NotRequired[list[Verdict]]
    remediations: NotRequired[list[Remediation]]
    rewrites: NotRequired[list[PlanRewrite]]
    exports: NotRequired[list[PropertyChange]]
    options: NotRequired[PlanOptions]
    notes: NotRequired[list[PlanNote]]
    cost: NotRequired[PlanCost | None]
