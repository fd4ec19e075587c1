"""Stacks on the wire."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from roadbed.control.schemas import Instant, OperationOut
from roadbed.engine.schemas import ChangeOut, Masked, Names, Out, RemediationOut, SourceOut, VerdictOut
from roadbed.engine.state.drift import DriftState
from roadbed.platform.domain import DriftAction
from roadbed.sdk.policies import Level
from roadbed.stacks.domain import Declared, Standing

MAX_SELECTORS = 1_000
MAX_SECRET = 64 * 1024

Selector = Annotated[str, Field(min_length=1, max_length=1_000)]
Selectors = Annotated[list[Selector], Field(max_length=MAX_SELECTORS)]
Seconds = Annotated[timedelta, PlainSerializer(lambda every: int(every.total_seconds()), return_type=int)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class StackPlanBody(_Body):
    """`targets` and `replace` are selectors: a URN, a path (`web/db`), a name, or a shell pattern over the path."""

    targets: Selectors = []
    target_dependents: bool = False
    replace: Selectors = []
    refresh: bool = False
    destroy: bool = False


class ImportBody(_Body):
    """`document` is what an export gave. A stack that has resources is overwritten only with `replace`."""

    document: dict[str, Any]
    replace: bool = False


class MoveBody(_Body):
    """`to` is a stack (`network@dev`), or a stack and the new path of the one resource (`network@dev/main/subnet`)."""

    resources: Annotated[list[Selector], Field(min_length=1, max_length=MAX_SELECTORS)]
    to: Annotated[str, Field(max_length=1_000)]


class ForgetBody(_Body):
    """With `force` also what others depend on."""

    resources: Annotated[list[Selector], Field(min_length=1, max_length=MAX_SELECTORS)]
    force: bool = False


class SecretBody(_Body):
    value: Annotated[str, Field(min_length=1, max_length=MAX_SECRET)]


class DriftSummaryOut(Out):
    """`stale`: the state has changed since, so that the counts say nothing of the stack as it is now."""

    at: Instant
    changed: int
    gone: int
    unreadable: int
    stale: bool


class StackOut(Out):
    """`applying` is the number of the plan that is being applied; `drift` null while nobody has looked."""

    stack: str
    owner: str | None
    environment: str
    kind: Declared
    resources: int
    serial: int
    applying: int | None
    drift: DriftSummaryOut | None
    updated_at: Instant | None


class StackDetailOut(StackOut):
    """`plan` is the newest plan that could be applied now; `drift_every` in seconds.

    `failed` counts resources that a failure left unfinished.
    """

    environment_kind: str
    description: str
    failed: int
    release: str | None
    plan: int | None
    drift_every: Seconds | None
    drift_action: DriftAction | None


class StackResourceOut(Out):
    """Secret properties are null, secret outputs only named; a `deposed` one was replaced and is to be deleted."""

    urn: str
    type: str
    name: str
    kind: str
    state: Literal["created", "failed", "deposed"]
    id: str
    depends_on: Names
    properties: Masked
    outputs: Masked
    secret_outputs: Names
    protect: bool
    source: SourceOut | None
    release: int | None


class WishOut(Out):
    """How a plan was asked for: `targets` and `replace` are selectors."""

    targets: list[str]
    target_dependents: bool
    replace: list[str]
    refresh: bool
    destroy: bool


class StackPlanOut(Out):
    """A plan without its steps; `summary` counts them by action. `open`: it waits to be applied.

    `wish` is null for a plan of a deployment; `ended_at` and `ended_by` as long as its apply hasn't ended.
    """

    number: int
    created_at: Instant
    created_by: str
    summary: Annotated[dict[str, int], BeforeValidator(dict)]
    state: Standing
    wish: WishOut | None
    release: int | None
    operation: str | None
    ended_at: Instant | None
    ended_by: str | None


class HistoryOut(Out):
    """A change of the state. `plan` where it was a plan's doing; `summary` counts by what was done."""

    id: int
    at: Instant
    by: str
    action: str
    plan: int | None
    outcome: str
    summary: Annotated[dict[str, Any], BeforeValidator(dict)]


class VersionOut(Out):
    """What a plan made of a resource: the difference to the version before. `event` is succeeded or failed."""

    id: int
    at: Instant
    plan: int
    do: str
    event: str
    changes: list[ChangeOut]
    error: dict[str, Any] | None


class StackOutputOut(Out):
    """An export. `value` is null for a secret; `consumers` are the stacks that import it."""

    name: str
    value: Masked
    secret: bool
    consumers: Names


class StackNodeOut(Out):
    stack: str
    kind: str
    owner: str | None
    environment: str
    resources: int


class StackEdgeOut(Out):
    """`consumer` uses these exports of `stack`, which they keep from going."""

    consumer: str
    stack: str
    exports: Names


class StackGraphOut(Out):
    stacks: list[StackNodeOut]
    uses: list[StackEdgeOut]


class StackSecretOut(Out):
    """A secret that was set for a module's stack: never its value."""

    name: str
    set_at: Instant
    set_by: str


class SecretSetOut(Out):
    """`changed` is false when it had that value already."""

    stack: str
    name: str
    changed: bool


class SecretUnsetOut(Out):
    stack: str
    name: str
    unset: bool = True


class DriftedOut(Out):
    urn: str
    type: str
    name: str
    state: DriftState
    changes: list[ChangeOut]
    outputs: list[ChangeOut]
    error: str | None


class DriftOut(Out):
    """`at` is null while nobody has looked; `stale`: the state has changed since. `plan` takes the drift back."""

    stack: str
    at: Instant | None
    by: str | None
    serial: int
    read: int
    stale: bool
    plan: int | None
    changed: int
    gone: int
    unreadable: int
    items: list[DriftedOut]


class AcceptedOperationOut(Out):
    operation: OperationOut


class ImportedOut(Out):
    stack: str
    resources: int
    serial: int


class MovedResourceOut(Out):
    was: str
    urn: str


class MovedOut(Out):
    items: list[MovedResourceOut]


class ForgottenOut(Out):
    items: list[str]


class DiscardedOut(Out):
    stack: str
    number: int
    discarded: bool = True


class ProgressEntryOut(Out):
    """`event`: `succeeded` or `failed` when it ended; before that `began`, if it takes longer than a moment."""

    id: int
    urn: str
    deposed: str
    do: str
    event: str
    at: Instant
    error: dict[str, Any] | None


class ProgressOut(Out):
    """The data of one `progress` event: as many entries as there were."""

    entries: list[ProgressEntryOut]


class StandingOut(Out):
    """How many findings of a policy stand, of which some are waived; and how often it put something right."""

    policy: str
    pack: str
    level: Level
    findings: int
    waived: int
    remedied: int
    stacks: list[str]


class StackVerdictsOut(Out):
    """What policies said of the newest plan of a stack."""

    stack: str = Field(validation_alias="name")
    owner: str | None
    environment: str
    plan: int
    created_at: Instant
    verdicts: list[VerdictOut]
    remediations: list[RemediationOut]


class PolicyReportOut(Out):
    """`judged` counts the stacks that were looked at; `stacks` are those of which policies say something."""

    judged: int
    policies: list[StandingOut]
    stacks: list[StackVerdictsOut]
