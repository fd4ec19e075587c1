"""What is asked of stacks, and what is shown of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias

from roadbed.engine.domain import PLAIN, Options, Source
from roadbed.engine.views import JournalEntry
from roadbed.kit.errors import InvalidInput
from roadbed.platform.domain import DriftAction
from roadbed.sdk.errors import ProgramError
from roadbed.sdk.graph import check_name

Declared: TypeAlias = Literal["module", "application"]

Standing: TypeAlias = Literal[
    "open",
    "empty",
    "refused",
    "stale",
    "discarded",
    "preview",
    "queued",
    "waiting",
    "applying",
    "applied",
    "failed",
    "cancelled",
]
"""What became of a plan. `open`: it waits to be applied; `waiting`: it was given to be, and waits for an approval;
`preview`: it belongs to a deployment, which makes its own.
"""


@dataclass(frozen=True, slots=True)
class Wish:
    """How a plan is asked for. `targets` and `replace` are selectors: a URN, a path, a name or a shell pattern.

    Raises InvalidInput for `target_dependents` alone, which would say nothing.
    """

    targets: tuple[str, ...] = ()
    target_dependents: bool = False
    replace: tuple[str, ...] = ()
    refresh: bool = False
    destroy: bool = False

    def __post_init__(self) -> None:
        if self.target_dependents and not self.targets:
            raise InvalidInput("there are no targets whose dependents could be taken in", hint="name a target")

    @property
    def ends_stack(self) -> bool:
        """Nothing of the stack is left once it is applied."""
        return self.destroy and not self.targets


@dataclass(frozen=True, slots=True)
class DriftSummary:
    """`stale`: the state has changed since, so that what was found says nothing of the stack as it is now."""

    at: datetime
    changed: int
    gone: int
    unreadable: int
    stale: bool = False


@dataclass(frozen=True, slots=True)
class StackView:
    """A row of the list. `applying` is the number of the plan that is being applied."""

    stack: str
    owner: str | None
    environment: str
    kind: Declared
    resources: int
    serial: int
    applying: int | None
    drift: DriftSummary | None
    updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class StackDetail(StackView):
    """`plan` is the newest plan that could be applied now; `release` as `v3`. `failed` counts resources that a failure
    left unfinished. Drift is looked for every `drift_every` by `drift_action`, where the environment says so.
    """

    environment_kind: str = "unknown"
    description: str = ""
    failed: int = 0
    release: str | None = None
    plan: int | None = None
    drift_every: timedelta | None = None
    drift_action: DriftAction | None = None


@dataclass(frozen=True, slots=True)
class StackSecret:
    """A secret that was set for a module's stack. `id` is what plans know its value by."""

    stack: str
    name: str
    id: str
    sealed: str = field(repr=False)
    set_at: datetime
    set_by: str


def check_secret_name(name: str) -> None:
    """Raises InvalidInput for what no program can say, and for what no command line can."""
    try:
        check_name(name, "a secret")
    except ProgramError as error:
        raise InvalidInput(error.message, hint=error.hint) from error
    if "=" in name or name.startswith("-"):
        raise InvalidInput(f"{name!r} can't be the name of a secret", hint="leave out = and a - at its beginning")


@dataclass(frozen=True, slots=True)
class ResourceView:
    """A resource of the state, without anything secret: `secret_outputs` names what there is of that."""

    urn: str
    type: str
    name: str
    kind: str
    state: Literal["created", "failed", "deposed"]
    id: str
    depends_on: frozenset[str]
    properties: Mapping[str, Any]
    outputs: Mapping[str, Any]
    secret_outputs: Sequence[str]
    protect: bool
    source: Source | None
    release: int | None
    options: Options = PLAIN


@dataclass(frozen=True, slots=True)
class PlanState:
    """What became of a plan that was made here."""

    number: int
    wish: Wish
    release: int | None
    operation: str | None = None
    discarded: bool = False


@dataclass(frozen=True, slots=True)
class PlanView:
    """A plan in the list of a stack's. `wish` is None for a plan of a deployment; `summary` counts steps by action.

    `ended_at` and `ended_by` tell of its apply, None as long as that hasn't ended.
    """

    number: int
    created_at: datetime
    created_by: str
    summary: Mapping[str, int]
    state: Standing
    wish: Wish | None = None
    release: int | None = None
    operation: str | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """Some entries of an apply's journal, the oldest first. `id` of the last one is where to go on from."""

    entries: Sequence[JournalEntry]
