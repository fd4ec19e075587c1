"""Graph, state and plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeAlias

from roadbed.estimates.domain import PlanCost
from roadbed.policy.domain import Need, Verdict
from roadbed.providers.driver import Phase, Replacement

Action: TypeAlias = Literal["create", "update", "replace", "delete", "read", "adopt", "import", "retain", "none"]
Kind: TypeAlias = Literal["managed", "component", "read"]
"""What a resource is to the platform: made and kept by it, a component that holds others, or only looked at."""

ACTIONS: tuple[Action, ...] = ("create", "update", "replace", "delete", "read", "adopt", "import", "retain", "none")


@dataclass(frozen=True, slots=True)
class Source:
    """Where in the user's files something was declared."""

    file: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """What a plan has to say that is no step: what was declared and nothing acts upon."""

    message: str
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """What a declaration says of how its resource is treated. Paths are dotted (`tags.team`), `*` means every property.

    `aliases` are earlier URNs. `import_id` names what there is already. `provider` is the URN of the resource whose
    outputs configure the provider. `timeouts` are seconds for `create`, `read`, `update` and `delete`.
    """

    protect: bool = False
    retain_on_delete: bool = False
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    delete_before_replace: bool = False
    aliases: tuple[str, ...] = ()
    import_id: str | None = None
    provider: str | None = None
    timeouts: Mapping[str, float] = field(default_factory=dict)


PLAIN = Options()


@dataclass(frozen=True, slots=True)
class Node:
    """A resource as declared. `properties` may hold expressions (see `roadbed.sdk.graph`).

    `depends_on` holds direct dependencies only: those declared, and those that properties refer to. A `read` node
    names by `id`, text or an expression, what it looks at. A component depends on all that it holds. `source` is where
    it was asked for, `declared_by` the line of the provisioner that made it of that.
    """

    urn: str
    type: str
    name: str
    properties: Mapping[str, Any]
    depends_on: frozenset[str] = frozenset()
    source: Source | None = None
    options: Options = PLAIN
    kind: Kind = "managed"
    id: Any = None
    declared_by: Source | None = None


@dataclass(frozen=True, slots=True)
class Graph:
    """The nodes of one stack, each after everything it depends on. `exports` are what other stacks may use, and
    `export_sources` where that is said, as far as it is known.
    """

    stack: str
    nodes: tuple[Node, ...]
    exports: Mapping[str, Any] = field(default_factory=dict)
    export_sources: Mapping[str, Source] = field(default_factory=dict)

    @property
    def urns(self) -> frozenset[str]:
        return frozenset(node.urn for node in self.nodes)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A resource as the state knows it: one row.

    `properties` is what the last apply gave the provider, with a keyed fingerprint in place of each secret; `sealed`
    holds the secret outputs, each encrypted. `token` is the one that its creation went by. `broken`: its creation
    failed or its outcome is unknown, and may have left something; it may have no `id` then, is created again (with the
    same token, so found) by the next plan that wants it, and deleted by one that doesn't. `deposed` is empty for the
    resource itself; one that was replaced and is still to be deleted stands beside it under a key of its own.
    """

    urn: str
    type: str
    name: str
    id: str
    properties: Mapping[str, Any]
    depends_on: frozenset[str] = frozenset()
    outputs: Mapping[str, Any] = field(default_factory=dict)
    sealed: Mapping[str, str] = field(default_factory=dict)
    release: int | None = None
    source: Source | None = None
    broken: bool = False
    options: Options = PLAIN
    kind: Kind = "managed"
    token: str = ""
    deposed: str = ""

    @property
    def key(self) -> str:
        return key(self.urn, self.deposed)


def key(urn: str, deposed: str = "") -> str:
    """What a row of the state, and a step of a plan, is known by within its stack."""
    return f"{urn}~{deposed}" if deposed else urn


@dataclass(frozen=True, slots=True)
class Observed:
    """What a provider read just now. `gone`: there is nothing. `error`: it could not be read, and says why.

    `properties` are recorded ones (fingerprints for secrets), and only those that the world shows; likewise `outputs`,
    without the secret ones. `hidden` names the secret outputs that the world doesn't show. `id` is the provider's own.
    """

    gone: bool = False
    properties: Mapping[str, Any] = field(default_factory=dict)
    outputs: Mapping[str, Any] = field(default_factory=dict)
    error: str | None = None
    hidden: tuple[str, ...] = ()
    id: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One property's difference. `before` and `after` are None where it is absent.

    In both stands `{"$secret": true}` for a secret and `{"$unknown": true}` for what is known only after apply.
    """

    path: str
    before: Any = None
    after: Any = None
    secret: bool = False
    unknown: bool = False
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """What the plan does to one resource. `properties` are as declared, `after` as they will be recorded.

    `order` says of a replacement which half comes first, `depended_on` what the old one depends on. `moved_from` is the
    URN under which the state had it. `id` is what there is already: of an import, or of a read (an expression, too).
    `may_run_twice`: after a crash its creation could not be found again. `loses_data`: it deletes what people have put
    data into. `deposed` is the key of what an earlier replacement left to be deleted.
    """

    urn: str
    type: str
    name: str
    action: Action
    phase: Phase
    properties: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    depends_on: frozenset[str] = frozenset()
    source: Source | None = None
    note: str | None = None
    options: Options = PLAIN
    kind: Kind = "managed"
    order: Replacement | None = None
    moved_from: str | None = None
    id: Any = None
    depended_on: frozenset[str] = frozenset()
    may_run_twice: bool = False
    loses_data: bool = False
    deposed: str = ""

    @property
    def key(self) -> str:
        return key(self.urn, self.deposed)

    @property
    def interrupting(self) -> bool:
        """A replacement takes the old one away before the new one is there: what uses it is interrupted."""
        return self.action == "replace" and self.order == "delete_first"


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A row that is written anew though nothing is done to its resource: it was moved, its options or dependencies
    changed, or it was found to be other than the state said. Rewrites come before every step. None: as it was.
    """

    was: str
    urn: str
    depends_on: frozenset[str]
    options: Options = PLAIN
    source: Source | None = None
    properties: Mapping[str, Any] | None = None
    outputs: Mapping[str, Any] | None = None
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Remediation:
    """What a policy put right in a resource before the plan was made; `source` is where the resource is declared."""

    policy: str
    pack: str
    resource: str
    message: str
    reason: str = ""
    changes: tuple[Change, ...] = ()
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """What policies say of a plan, what they did to the graph before, and what is estimated of it."""

    verdicts: tuple[Verdict, ...]
    remediations: tuple[Remediation, ...] = ()
    cost: PlanCost | None = None

    @property
    def refused(self) -> bool:
        return any(verdict.refuses for verdict in self.verdicts)


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """How the plan was asked for. `targets` and `replace` are URNs (selectors are resolved before); no targets: all.

    `keep` stay as they are whatever the graph says (a rollback keeps the jobs that have run). With `keep_data` nothing
    that holds data is deleted for not being in the graph. `remarks` are what is said of a resource, by URN, where its
    step changes it.
    """

    targets: frozenset[str] = frozenset()
    replace: frozenset[str] = frozenset()
    refresh: bool = False
    destroy: bool = False
    keep: frozenset[str] = frozenset()
    keep_data: bool = False
    remarks: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """Immutable, stored, numbered within its stack. `base` is the serial of the state it was made for.

    `exports` are expressions, resolved when the steps are done; None leaves what is exported as it is (a plan for a
    part of the stack). `export_changes` is what that changes. `imports` are the exports of other stacks that the graph
    uses: `(stack, name)`. `remediations` are what policies did to the graph that it is a plan for. `cost` is what it
    makes of what the stack costs by the month; None of plans that were made before there were estimates. `needs` is not
    stored: who must approve it by now.
    """

    stack: str
    number: int
    base: int
    digest: str
    steps: tuple[Step, ...]
    verdicts: tuple[Verdict, ...]
    created_at: datetime
    created_by: str
    rewrites: tuple[Rewrite, ...] = ()
    exports: Mapping[str, Any] | None = None
    imports: tuple[tuple[str, str], ...] = ()
    options: PlanOptions = field(default_factory=PlanOptions)
    export_changes: tuple[Change, ...] = ()
    notes: tuple[Note, ...] = ()
    remediations: tuple[Remediation, ...] = ()
    cost: PlanCost | None = None
    needs: tuple[Need, ...] = ()

    @property
    def changing(self) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if step.action != "none")

    @property
    def empty(self) -> bool:
        """Applying it would change nothing, in the world or in the state."""
        return not self.changing and not self.rewrites and not self.export_changes

    @property
    def summary(self) -> dict[str, int]:
        """How many steps of each action."""
        counts: dict[str, int] = dict.fromkeys(ACTIONS, 0)
        for step in self.steps:
            counts[step.action] += 1
        return counts

    @property
    def refusals(self) -> Sequence[Verdict]:
        return [verdict for verdict in self.verdicts if verdict.refuses]

    @property
    def told(self) -> dict[str, Any]:
        """What is noted of it for good, whatever becomes of it: what it would do, and which policies refused that."""
        refused_by = sorted({verdict.policy for verdict in self.refusals})
        return {"plan": self.number, **self.summary} | ({"refused_by": refused_by} if refused_by else {})


@dataclass(frozen=True, slots=True)
class Export:
    """What a stack offers to others under a name: a value, or a secret one, encrypted."""

    stack: str
    name: str
    value: Any = None
    sealed: str | None = None


@dataclass(frozen=True, slots=True)
class Stack:
    """`serial` grows with every change of the state; `applying` is the number of the plan that is being applied."""

    name: str
    owner: str | None
    kind: str
    serial: int
    applying: int | None = None
