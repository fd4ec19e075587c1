"""The shapes of the API's answers. Times are RFC 3339 text in UTC; a server may add keys to any of them."""

from __future__ import annotations

from typing import Any, Generic, Literal, NotRequired, TypeAlias, TypedDict, TypeVar

T = TypeVar("T")

Health: TypeAlias = Literal["healthy", "degraded", "down", "deploying", "unknown"]
OperationState: TypeAlias = Literal["queued", "running", "waiting", "succeeded", "failed", "cancelled"]
StepState: TypeAlias = Literal["waiting", "running", "succeeded", "failed", "skipped"]
Action: TypeAlias = Literal["create", "update", "replace", "delete", "read", "adopt", "import", "retain", "none"]


class Listing(TypedDict, Generic[T]):
    items: list[T]
    next: NotRequired[str | None]


class Login(TypedDict):
    token: str
    expires_at: NotRequired[str | None]
    user: NotRequired[Any]


class LoginCode(TypedDict):
    """`path` goes behind the server's address."""

    code: str
    expires_at: str
    path: str


class GrantAnswer(TypedDict):
    role: str
    scope: str


class Whoami(TypedDict):
    name: str
    kind: str
    groups: list[str]
    grants: list[GrantAnswer]


class ComponentStatus(TypedDict):
    name: str
    state: str
    detail: NotRequired[str | None]
    pid: NotRequired[int | None]
    memory_mb: NotRequired[float | None]


class Isolation(TypedDict):
    sandbox: bool
    reason: NotRequired[str | None]
    user: NotRequired[str | None]
    memory: NotRequired[str | None]


class PlatformStatus(TypedDict):
    version: str
    home: str
    started_at: str
    url: str
    isolation: Isolation
    components: list[ComponentStatus]
    counts: dict[str, int]


class Check(TypedDict):
    check: str
    state: Literal["ok", "warning", "missing"]
    detail: str
    remedy: NotRequired[str | None]


class Environment(TypedDict):
    name: str
    kind: str
    runtime: str


class ReplicaCount(TypedDict):
    ready: int
    desired: int


class Application(TypedDict):
    application: str
    environment: str
    url: str | None
    release: str | None
    health: Health
    owner: NotRequired[str | None]
    replicas: NotRequired[ReplicaCount]
    updated_at: NotRequired[str | None]


class WorkloadAnswer(TypedDict):
    name: str
    replicas: ReplicaCount
    artifact: NotRequired[str | None]
    reason: NotRequired[str | None]


class ResourceAnswer(TypedDict):
    urn: str
    type: str
    name: str
    state: str
    holds_bytes: NotRequired[int | None]
    note: NotRequired[str | None]


class ApplicationDetail(Application):
    description: NotRequired[str | None]
    system: NotRequired[str | None]
    workloads: list[WorkloadAnswer]
    resources: list[ResourceAnswer]
    last_operation: NotRequired[Any]
    entity_ref: NotRequired[str | None]
    sandboxed: NotRequired[bool]


class Origin(TypedDict):
    """Where a source tree came from; `dirty`: it differs from the revision."""

    kind: str
    revision: str | None
    ref: str | None
    dirty: bool
    url: str | None


class ProposedNeed(TypedDict):
    """`line` says it to a person, with its evidence. One that a file has `stated` is taken without a question."""

    name: str
    type: str
    stated: bool
    line: str


class Understood(TypedDict):
    """What is understood of a source without a Score file: by which files, in lines for a person."""

    sources: list[str]
    lines: list[str]
    needs: list[ProposedNeed]


class SourceAnswer(TypedDict):
    """The last two are those of a source that the platform fetched."""

    digest: str
    size: int
    origin: NotRequired[Origin]
    application: NotRequired[str | None]
    understood: NotRequired[Understood | None]


class Build(TypedDict):
    """`used_by` are the releases that need it, as `orders@dev v3`. `lock` lists what no lock file did."""

    digest: str
    source: str
    recipe: dict[str, Any]
    origin: Origin
    owner: str | None
    created_at: str
    created_by: str
    used_at: str
    duration_s: float
    size: int
    lock: str | None
    used_by: list[str]


class Container(TypedDict):
    """One of a replica's several: `state` is waiting, running, crashed or ended."""

    name: str
    state: str
    restarts: int
    reason: str | None


class Replica(TypedDict):
    name: str
    workload: str
    state: str
    release: NotRequired[str | None]
    started_at: NotRequired[str | None]
    restarts: NotRequired[int]
    endpoint: NotRequired[str | None]
    memory_mb: NotRequired[float | None]
    cpu_percent: NotRequired[float | None]
    reason: NotRequired[str | None]
    containers: NotRequired[list[Container]]


class LogEntry(TypedDict):
    at: str
    replica: str
    workload: str
    stream: Literal["stdout", "stderr", "system"]
    text: str


class JobRun(TypedDict):
    """`due_at` is the time of the schedule that made it, `asked_by` who asked for it. `attempt` counts from 1."""

    number: int
    state: Literal["waiting", "running", "stopping", "succeeded", "failed", "stopped", "skipped", "missed"]
    release: str | None
    due_at: str | None
    asked_by: str | None
    attempt: int
    started_at: str | None
    ended_at: str | None
    duration_s: float | None
    code: int | None
    reason: str | None


class Job(TypedDict):
    """What runs by the clock. `running` are the numbers of the runs that have not ended."""

    name: str
    schedule: str
    words: str
    timezone: str
    overlap: Literal["forbid", "allow", "replace"]
    timeout_s: float
    retries: int
    starting_deadline_s: float
    history: int
    release: str | None
    suspended: bool
    suspended_by: str | None
    next_at: str | None
    last: JobRun | None
    running: list[int]


class Release(TypedDict):
    release: str
    number: int
    status: str
    created_at: str
    created_by: NotRequired[str | None]
    message: NotRequired[str | None]
    outcome: NotRequired[Any]
    rollback_of: NotRequired[str | None]
    sandboxed: NotRequired[bool]
    origin: NotRequired[Origin]


class ConfigValue(TypedDict):
    name: str
    value: str | None
    secret: bool
    source: NotRequired[str | None]


class OperationStep(TypedDict):
    name: str
    title: str
    state: StepState
    done: NotRequired[int]
    total: NotRequired[int]
    message: NotRequired[str | None]
    started_at: NotRequired[str | None]
    ended_at: NotRequired[str | None]


class Operation(TypedDict):
    """`attempt` is more than 1 once it was taken up again after the server ended."""

    id: str
    kind: str
    title: str
    target: str
    state: OperationState
    cancel_requested: NotRequired[bool]
    attempt: NotRequired[int]
    requested_by: NotRequired[str | None]
    created_at: NotRequired[str | None]
    started_at: NotRequired[str | None]
    ended_at: NotRequired[str | None]
    steps: list[OperationStep]
    result: NotRequired[dict[str, Any] | None]
    error: NotRequired[dict[str, Any] | None]


class OperationLogLine(TypedDict):
    sequence: int
    at: NotRequired[str]
    step: NotRequired[str | None]
    text: str


class Accepted(TypedDict):
    """202: the work was accepted. `operation` is the operation, or its id."""

    operation: NotRequired[Operation | str]
    unchanged: NotRequired[bool]


class PropertyChange(TypedDict):
    path: str
    before: Any
    after: Any
    secret: NotRequired[bool]
    unknown: NotRequired[bool]
    replaces: NotRequired[bool]


class SourcePlace(TypedDict):
    file: str
    line: NotRequired[int | None]


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


class AskedApprovals(TypedDict):
    """How many people of a role must approve."""

    count: int
    role: str


class ApprovalNeed(AskedApprovals):
    """`because` says who wants that: an environment, or a policy."""

    because: str


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


class Layer(TypedDict):
    """Where something is said; `place` as `score.yaml:7`."""

    layer: str
    place: str | None


class Referred(TypedDict):
    """What a placeholder stands for."""

    placeholder: str | None
    uid: str | None
    output: str | None
    value: str | None


class ExplainedVariable(Layer):
    """`value` is null for a secret, and for what only an apply or a start makes known, as `written` says. One that is
    `left_out` is not set: the environment lacks the variable that it holds.
    """

    name: str
    value: str | None
    secret: bool
    written: str | None
    left_out: NotRequired[bool]
    refers: list[Referred]
    over: list[Layer]


class ExplainedFile(TypedDict):
    """`content` names the field that says what is in it; `size` is in bytes, before placeholders are replaced."""

    target: str
    content: str
    source: str | None
    size: int
    mode: str
    expanded: bool
    place: str
    refers: list[Referred]


class ExplainedVolume(TypedDict):
    target: str
    uid: str
    path: str | None
    read_only: bool
    size: str | None
    place: str


class ExplainedContainer(TypedDict):
    """An older server says nothing of `files` and `volumes`."""

    name: str
    place: str
    variables: list[ExplainedVariable]
    files: NotRequired[list[ExplainedFile]]
    volumes: NotRequired[list[ExplainedVolume]]


class ExplainedReplicas(Layer):
    value: int


class ExplainedWorkload(TypedDict):
    name: str
    place: str
    replicas: ExplainedReplicas
    containers: list[ExplainedContainer]


ExplainedResource = TypedDict(
    "ExplainedResource",
    {
        "uid": str,
        "type": str,
        "class": str,
        "id": str | None,
        "workloads": list[str],
        "declared": list[str],
        "params": dict[str, Any],
        "provisioner": str | None,
        "outputs": list[str],
        "made": list[str],
    },
)


class Unbuilt(TypedDict):
    message: str
    file: str | None
    line: int | None


class Explanation(TypedDict):
    application: str
    environment: str
    release: str | None
    workloads: list[ExplainedWorkload]
    resources: list[ExplainedResource]
    not_in_force: list[Unbuilt]
    removed: NotRequired[list[Unbuilt]]


class PlanNote(TypedDict):
    """What was declared and is not in force here."""

    message: str
    source: NotRequired[SourcePlace | None]


class CostFigure(TypedDict):
    """By the month. None where nothing is known; `unknown` says why, or in totals of which resources, by URN."""

    low: float | None
    high: float | None
    unknown: list[str]


class CostFigures(TypedDict):
    """Cost in a currency, energy in kWh, carbon in kg of CO2e."""

    cost: CostFigure
    energy: CostFigure
    carbon: CostFigure


class CostEstimate(CostFigures):
    """`basis` says what was multiplied with what, `free` why it costs nothing by itself."""

    basis: list[str]
    free: str


class ResourceCost(TypedDict):
    """What a plan makes of what a resource costs. None: there is no such resource then."""

    urn: str
    before: CostEstimate | None
    after: CostEstimate | None
    difference: CostFigures


class TotalCost(TypedDict):
    before: CostFigures
    after: CostFigures
    difference: CostFigures


class PlanCost(TypedDict):
    """`problem` says why nothing could be estimated; `total` is None then."""

    currency: str
    location: str
    grid: str
    total: TotalCost | None
    resources: list[ResourceCost]
    problem: str


class StackCost(TypedDict):
    """What a stack costs as it is now. `total` is None where nothing could be estimated, and `problem` says why."""

    stack: str
    owner: str | None
    environment: str
    currency: str
    total: CostFigures | None
    problem: str


class ResourceEstimate(CostEstimate):
    urn: str


class StackCostDetail(StackCost):
    location: str
    grid: str
    resources: list[ResourceEstimate]


class CostGroup(TypedDict):
    name: str
    currency: str
    total: CostFigures


class CostReport(TypedDict):
    """`total` has an entry for each currency."""

    items: list[StackCost]
    environments: list[CostGroup]
    owners: list[CostGroup]
    total: list[CostGroup]


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


class DriftSummary(TypedDict):
    """`stale`: the state has changed since, so that the counts say nothing of the stack as it is now."""

    at: str
    changed: int
    gone: int
    unreadable: int
    stale: NotRequired[bool]


class Stack(TypedDict):
    """`kind` is `module` or `application`; `applying` the number of the plan that is being applied."""

    stack: str
    owner: str | None
    environment: str
    kind: str
    resources: int
    serial: int
    applying: int | None
    drift: DriftSummary | None
    updated_at: str | None


class StackDetail(Stack):
    """`plan` is the newest plan that could be applied now; drift is looked for every `drift_every` seconds."""

    environment_kind: NotRequired[str]
    description: NotRequired[str]
    failed: NotRequired[int]
    release: NotRequired[str | None]
    plan: NotRequired[int | None]
    drift_every: NotRequired[int | None]
    drift_action: NotRequired[str | None]


class StackResource(TypedDict):
    """`state` is `created`, `failed` or `deposed`; secret properties are null, secret outputs only named."""

    urn: str
    type: str
    name: str
    kind: str
    state: str
    id: str
    depends_on: list[str]
    properties: dict[str, Any]
    outputs: dict[str, Any]
    secret_outputs: list[str]
    protect: NotRequired[bool]
    source: NotRequired[SourcePlace | None]
    release: NotRequired[int | None]


class StackPlan(TypedDict):
    """A plan without its steps. `state` is what became of it: open, empty, refused, stale, discarded, preview, queued,
    applying, applied, failed or cancelled.
    """

    number: int
    created_at: str
    created_by: str
    summary: dict[str, int]
    state: str
    wish: dict[str, Any] | None
    release: int | None
    operation: str | None
    ended_at: str | None
    ended_by: str | None


class StackChange(TypedDict):
    """One change of a stack's state; `summary` counts what was done, by action."""

    id: int
    at: str
    by: str
    action: str
    plan: int | None
    outcome: str
    summary: dict[str, Any]


class StackVersion(TypedDict):
    """What a plan made of a resource: the differences to the version before. `event` is `succeeded` or `failed`."""

    id: int
    at: str
    plan: int
    do: str
    event: str
    changes: list[PropertyChange]
    error: dict[str, Any] | None


class StackOutput(TypedDict):
    """An export; `consumers` are the stacks that import it."""

    name: str
    value: Any
    secret: bool
    consumers: list[str]


class StackSecret(TypedDict):
    """A secret that was set for a module's stack: never its value."""

    name: str
    set_at: str
    set_by: str


class DriftedResource(TypedDict):
    """`state` is `changed`, `gone` or `unreadable`."""

    urn: str
    type: str
    name: str
    state: str
    changes: list[PropertyChange]
    outputs: list[PropertyChange]
    error: str | None


class DriftReport(TypedDict):
    """`at` is None while nobody has looked; `stale`: the state has changed since. `plan` takes the drift back."""

    stack: str
    at: str | None
    by: str | None
    read: int
    stale: bool
    plan: int | None
    changed: int
    gone: int
    unreadable: int
    items: list[DriftedResource]


class Imported(TypedDict):
    stack: str
    resources: int
    serial: int


class MovedResource(TypedDict):
    was: str
    urn: str


class Moved(TypedDict):
    items: list[MovedResource]


class Forgotten(TypedDict):
    items: list[str]


class ProgressEntry(TypedDict):
    """Of an apply's journal. `event` is `succeeded` or `failed`, before that `began` where it takes a while."""

    id: int
    urn: str
    deposed: NotRequired[str]
    do: str
    event: str
    at: str
    error: dict[str, Any] | None


class ResourceTypeSummary(TypedDict):
    """`typed` is its class in the SDK, None where it has none."""

    type: str
    provider: str
    description: str
    typed: str | None


class ResourceProperty(TypedDict):
    """`schema` is JSON Schema, `shape` the same in words; `replaces`: a change of it makes a new resource."""

    name: str
    shape: str
    required: bool
    secret: bool
    replaces: bool
    default: Any
    description: str
    schema: dict[str, Any]


class ResourceOutput(TypedDict):
    name: str
    description: str
    secret: bool
    follows: list[str]


class ResourceType(ResourceTypeSummary):
    """`example` is Python that declares one, with `...` for what must be given."""

    properties: list[ResourceProperty]
    outputs: list[ResourceOutput]
    phase: str
    replacement: str
    may_run_twice: bool
    holds_data: bool
    example: str


class DeclarationProblem(TypedDict):
    """`property` is None for the resource's name; `missing`: it is needed, and stands in the code as `...`."""

    property: str | None
    place: str
    message: str
    hint: str | None
    missing: bool


class Declaration(TypedDict):
    code: str
    problems: list[DeclarationProblem]


class TemplateSummary(TypedDict):
    name: str
    title: NotRequired[str | None]
    description: NotRequired[str | None]
    tags: NotRequired[list[str]]
    owner: NotRequired[str | None]


class TemplateDetail(TemplateSummary):
    """`parameters` is Backstage's: one JSON Schema, or a list of them, one for each page of the form."""

    parameters: NotRequired[Any]
    steps: NotRequired[list[Any]]


class AuditRecord(TypedDict):
    id: Any
    at: str
    principal: str
    action: str
    target: str
    outcome: str
    detail: NotRequired[Any]


class ResourcePart(TypedDict):
    urn: str
    type: str
    state: str


AskedResource = TypedDict(
    "AskedResource",
    {
        "name": str,
        "type": str,
        "class": str,
        "state": str,
        "params": dict[str, Any],
        "workloads": list[str],
        "variables": list[str],
        "declared": list[str],
        "set_by": str | None,
        "set_at": str | None,
        "editable": bool,
        "provisioner": str | None,
        "outputs": list[str],
        "parts": list[ResourcePart],
    },
)
"""A resource that an application asks for. `state`: created, failed, or planned as long as it isn't there."""


class BackupContents(TypedDict):
    """`counts` of `unit`, as `{"public.orders": 1200}` of `rows`; `held` are the bytes that it takes in its place."""

    unit: str
    total: int
    counts: dict[str, int]
    held: int


class Backup(TypedDict):
    """`state`: verified, unverified, or damaged, with what differed in `mismatch`. `size` in bytes."""

    id: str
    stack: str
    resource: str
    type: str
    reason: str
    state: str
    created_at: str
    created_by: str
    operation: str | None
    size: int
    checksum: str
    contents: BackupContents
    verified_at: str | None
    mismatch: str | None
    expires_at: str | None


class BackupRetention(TypedDict):
    keep: int
    days: float


class BackupSchedule(TypedDict):
    """When a resource is backed up by itself."""

    urn: str
    schedule: str
    timezone: str
    retention: BackupRetention
    next_at: str | None
    last_at: str | None


class ResourceProposal(TypedDict):
    """What a change would do. `declared` None: nothing is declared any more."""

    name: str
    declared: dict[str, Any] | None
    file: str
    diff: str
    lines: str
    loses_data: bool
    plan: Plan


class Connection(TypedDict):
    """`outputs` in the clear; `secret` names those that must not be shown."""

    name: str
    type: str
    outputs: dict[str, Any]
    secret: list[str]


class BlockParam(TypedDict):
    name: str
    types: list[str]
    default: Any
    help: str
    choices: list[Any]
    required: bool


BlockOffer = TypedDict(
    "BlockOffer",
    {
        "environments": list[str],
        "class": str,
        "params": list[BlockParam] | None,
        "place": str,
        "title": str,
        "description": str,
        "owner": str | None,
        "docs": str | None,
        "version": str | None,
        "maturity": str | None,
        "successor": str | None,
    },
)
"""One provisioner of a type. `params` None: it takes any."""


class BuildingBlock(TypedDict):
    type: str
    title: str
    description: str
    outputs: list[str]
    environments: list[str]
    offers: list[BlockOffer]


class CheckedRequest(TypedDict):
    name: str
    type: str


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


class QuotaUser(TypedDict):
    stack: str
    used: int
    used_shown: str


class QuotaLine(TypedDict):
    """One limit of a team, or what it uses without one. Amounts are thousandths of a core, bytes, millionths of the
    currency, or numbers.

    `share` is 1 where all of the limit is used. `unsaid` counts what says nothing of it, and counts as nothing.
    """

    of: str
    used: int
    limit: int | None
    share: float | None
    used_shown: str
    limit_shown: str | None
    limit_from: str | None
    unsaid: int
    users: list[QuotaUser]


class Quota(TypedDict):
    """How a team stands in an environment. `ask` is who can raise a limit, `problem` why nothing is known of costs."""

    team: str
    environment: str
    kind: str
    ask: str
    problem: str
    lines: list[QuotaLine]


class QuotaList(TypedDict):
    items: list[Quota]


class Waiver(TypedDict):
    """`environment` is None for all of an application's; `status` follows the clock."""

    id: str
    policy: str
    scope: str
    subject: str
    owner: str | None
    environment: str | None
    why: str
    until: str
    status: str
    ends_soon: bool
    asked_by: str
    asked_at: str
    decided_by: str | None
    decided_at: str | None
    comment: str
    ended_by: str | None
    ended_at: str | None


class Vote(TypedDict):
    by: str
    approves: bool
    comment: str
    at: str


class Approval(TypedDict):
    """A plan that waits, or waited; `left` is what is missing. `again`: it can be planned again."""

    id: str
    stack: str
    plan: int
    digest: str
    owner: str | None
    environment: str
    operation: str
    title: str
    asked_by: str
    planned_by: str
    asked_at: str
    state: str
    needs: list[ApprovalNeed]
    left: list[ApprovalNeed]
    votes: list[Vote]
    stale: bool
    decides: bool
    again: bool
    ended_at: str | None
    why: str
    reminders: int
    reminded_at: str | None
