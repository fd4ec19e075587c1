"""Applications on the wire. Plans have a shape of their own: `roadbed.engine.schemas`."""

from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from roadbed.control.schemas import Instant, OperationOut
from roadbed.delivery.builds.schemas import OriginOut
from roadbed.delivery.domain import ReleaseStatus
from roadbed.runtimes.domain import ContainerState, Health

MAX_VARIABLES = 200
MAX_VALUE = 64 * 1024

Label = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$")]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Needs = Annotated[list[Label], Field(max_length=50)]
Message = Annotated[str, Field(max_length=500)]
Value = Annotated[str, Field(max_length=MAX_VALUE)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")

    environment: Label


class DeployBody(_Body):
    """Without `delete_data` a deployment that would delete what holds data is refused; with it, that is backed up
    before, unless `final_backups` is false.

    `needs` are the names of those that are accepted of what a tree without a Score file seems to need; they stay so.
    """

    source: Digest
    needs: Needs = []
    message: Message | None = None
    delete_data: bool = False
    final_backups: bool = True


class PlanBody(_Body):
    source: Digest | None = None
    needs: Needs = []


class RollbackBody(_Body):
    release: Annotated[str, Field(max_length=20)] | None = None


class RestartBody(_Body):
    workload: Label | None = None


class ScaleBody(_Body):
    replicas: Annotated[dict[Label, int], Field(min_length=1, max_length=50)]


class ConfigBody(_Body):
    set: Annotated[dict[str, Value], Field(max_length=MAX_VARIABLES)] = {}
    unset: Annotated[list[str], Field(max_length=MAX_VARIABLES)] = []
    secret: bool = False


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class AcceptedOut(_Out):
    """Work that was accepted; null when nothing had to be done."""

    operation: OperationOut | None
    unchanged: bool = False


class ReplicaCountOut(_Out):
    ready: int
    desired: int


class ApplicationOut(_Out):
    """`url` is null when nothing routes to it; `release` as `v3`, null before the first."""

    application: str
    environment: str
    url: str | None
    release: str | None
    health: Health
    owner: str | None
    replicas: ReplicaCountOut
    updated_at: Instant | None


class WorkloadOut(_Out):
    """`reason` says what is wrong with the first of its replicas that isn't well."""

    name: str
    replicas: ReplicaCountOut
    artifact: str | None
    reason: str | None


class ResourceOut(_Out):
    """`outputs` leaves the secret ones out. `holds_bytes` is known of volumes only; `note` says how that is."""

    urn: str
    type: str
    name: str
    state: str
    depends_on: list[str]
    outputs: dict[str, Any]
    holds_bytes: int | None
    note: str | None


class ApplicationDetailOut(ApplicationOut):
    """`last_operation` is the id of the newest operation about it."""

    description: str | None
    system: str | None
    workloads: list[WorkloadOut]
    resources: list[ResourceOut]
    last_operation: str | None
    entity_ref: str | None
    sandboxed: bool


class ContainerOut(_Out):
    """`restarts` are its own, since the replica was started; `reason` says how its last process that ended did."""

    name: str
    state: ContainerState
    restarts: int
    reason: str | None


class ReplicaOut(_Out):
    """`reason` says why it is not ready, or why it ended. `containers` are those of a workload of several."""

    name: str
    workload: str
    state: str
    release: str | None
    started_at: Instant | None
    restarts: int
    endpoint: str | None
    memory_mb: float | None
    cpu_percent: float | None
    reason: str | None
    containers: list[ContainerOut]


class ReleaseOut(_Out):
    release: str
    number: int
    status: ReleaseStatus
    created_at: Instant
    created_by: str
    message: str | None
    build: str | None
    plan: int | None
    outcome: str | None
    rollback_of: str | None
    sandboxed: bool
    origin: OriginOut


class ConfigValueOut(_Out):
    """A secret's `value` is null."""

    name: str
    value: str | None
    secret: bool
    source: str | None


class LayerOut(_Out):
    """Where something is said. `place` is `file:line`; null where no file says it."""

    layer: str
    place: str | None


class ReferenceOut(_Out):
    """What a placeholder stands for: an output of a resource, or the `value` of the metadata."""

    placeholder: str | None
    uid: str | None
    output: str | None
    value: str | None


class VariableOut(LayerOut):
    """`value` is null for a secret, and for what only an apply makes known; `over` are the layers below, nearest first.

    `written` is the text with its placeholders. Layers: platform, environment, resource, score, application, config,
    start; `start` is what a replica is told when it starts, and `written` there says it in words. `left_out`: the
    variable is not set, since all it holds is a variable that the environment lacks.
    """

    name: str
    value: str | None
    secret: bool
    written: str | None
    left_out: bool
    refers: list[ReferenceOut]
    over: list[LayerOut]


class ExplainedFileOut(_Out):
    """`content` names the field of the Score file that says what is in it: source, content or binaryContent; `source`
    is the path of that, `size` its bytes before placeholders are replaced. `expanded`: they are.
    """

    target: str
    content: str
    source: str | None
    size: int
    mode: str
    expanded: bool
    place: str
    refers: list[ReferenceOut]


class ExplainedVolumeOut(_Out):
    """`uid` is the resource that is mounted, `path` the folder in it, null for all of it; `size` is as declared."""

    target: str
    uid: str
    path: str | None
    read_only: bool
    size: str | None
    place: str


class ExplainedContainerOut(_Out):
    name: str
    place: str
    variables: list[VariableOut]
    files: list[ExplainedFileOut]
    volumes: list[ExplainedVolumeOut]


class ReplicasOut(LayerOut):
    """Layers: default, roadbed.yaml, scale."""

    value: int


class ExplainedWorkloadOut(_Out):
    name: str
    place: str
    replicas: ReplicasOut
    containers: list[ExplainedContainerOut]


class ExplainedResourceOut(_Out):
    """`declared` are all places that ask for it; `provisioner` is the `file:line` of the function that satisfies it.

    `outputs` are names; `made` are the URNs of what the provisioner declared.
    """

    uid: str
    type: str
    resource_class: Annotated[str, Field(alias="class")]
    id: str | None
    workloads: list[str]
    declared: list[str]
    params: dict[str, Any]
    provisioner: str | None
    outputs: list[str]
    made: list[str]


class UnbuiltOut(_Out):
    message: str
    file: str | None
    line: int | None


class ExplanationOut(_Out):
    """Which file and line, default, provisioner or setting gave what an application is compiled to. `removed` is what
    the environment's layer takes away of the rest of roadbed.yaml.
    """

    application: str
    environment: str
    release: str | None
    workloads: list[ExplainedWorkloadOut]
    resources: list[ExplainedResourceOut]
    not_in_force: list[UnbuiltOut]
    removed: list[UnbuiltOut]


class LogLineOut(_Out):
    at: str
    replica: str
    workload: str
    stream: str
    text: str


Item = TypeVar("Item")


class ListOut(_Out, Generic[Item]):
    """A whole list: there is no next page."""

    items: list[Item]
    next: None = None
