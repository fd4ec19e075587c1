"""Services, replicas, rollouts and jobs: what they are, and what follows from it alone."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from roadbed.kit.names import StackName

State: TypeAlias = Literal["starting", "ready", "unready", "failing", "crashed", "stopping", "stopped"]
"""Of a replica. `failing`: its liveness probe failed, it was told to end. `crashed`: it ended unasked, and will be
started again. `stopping`: told to end for good."""

Shown: TypeAlias = Literal["starting", "ready", "unready", "draining", "stopped", "crashed"]
"""A replica's state as people see it."""

Health: TypeAlias = Literal["healthy", "degraded", "down", "deploying", "unknown"]
ContainerState: TypeAlias = Literal["waiting", "running", "crashed", "ended"]
"""Of one of several: `waiting` for another, `crashed` and about to be started again, `ended` as it was to."""

Outcome: TypeAlias = Literal["running", "succeeded", "failed", "superseded"]


STABLE = timedelta(seconds=60)
"""A replica that was ready for so long starts anew: what ends it then counts as its first failure."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a replica can be reached. Only its driver knows what kind of address it is."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Service:
    """A workload of a stack as the platform keeps it running.

    `generation` counts its workloads: `target` is the one that it is to run, None for none, `active` the last that a
    rollout ended well with. `routed` are the instances that the gateway was last seen to route to.
    """

    key: str
    owner: str | None
    target: int | None
    active: int | None
    replicas: int
    active_replicas: int
    release: int | None
    routed: frozenset[str]
    removed: bool
    listens: bool

    @property
    def stack(self) -> StackName:
        return stack_of(self.key)

    @property
    def workload(self) -> str:
        return self.key.partition("/")[2]


@dataclass(frozen=True, slots=True)
class Replica:
    """One running copy. `attempt` counts its processes: each is an instance of its own to the gateway.

    `failures` counts how often in a row it ended unasked, `restarts` how often at all. `since` is when its state began,
    `reason` why it is not ready, or why it ended the last time.
    `own_ports` are those of its own choice on which it listens: where there are any, no other can stand beside it.
    """

    id: str
    key: str
    generation: int
    release: int | None
    state: State
    attempt: int
    since: datetime
    created_at: datetime
    failures: int = 0
    restarts: int = 0
    started_at: datetime | None = None
    unrouted_at: datetime | None = None
    endpoint: Endpoint | None = None
    code: int | None = None
    reason: str | None = None
    own_ports: tuple[int, ...] = ()

    @property
    def instance(self) -> str:
        return f"{self.id}.{self.attempt}"

    @property
    def chosen_port(self) -> int | None:
        """The port at which it is used, where that is one of its own choice."""
        return self.endpoint.port if self.endpoint is not None and self.endpoint.port in self.own_ports else None

    def stable(self, now: datetime) -> bool:
        """Whether it has been ready for so long that what it did before no longer counts."""
        return self.state == "ready" and now - self.since >= STABLE

    @property
    def name(self) -> str:
        """For people: `web-3k9x2`."""
        return f"{self.key.partition('/')[2]}-{self.id[-5:]}"


@dataclass(frozen=True, slots=True)
class Rollout:
    """How a service moves, or moved, to a generation or a number of replicas. `message` says why it failed."""

    id: str
    key: str
    generation: int
    replicas: int
    release: int | None
    started_at: datetime
    deadline: datetime
    outcome: Outcome = "running"
    finished_at: datetime | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """One run of a `runtime:Job`. `creation` is the token by which that was made, empty for an older one."""

    id: str
    stack: str
    workload: str
    release: int | None
    started_at: datetime
    ended_at: datetime | None = None
    code: int | None = None
    creation: str = ""


def is_anothers(creation: str, wanted: str) -> bool:
    """Whether what was made by one creation can't be what the other is about. Of what is empty nobody knows."""
    return bool(creation) and bool(wanted) and creation != wanted


@dataclass(frozen=True, slots=True)
class ContainerView:
    """One of a replica's several containers. `restarts` are its own, since the replica was started; `reason` says how
    its last process that ended did.
    """

    name: str
    state: ContainerState
    restarts: int
    reason: str | None


@dataclass(frozen=True, slots=True)
class ReplicaView:
    """A replica as readers see it. Memory in MB, processor in percent of a core, None when it doesn't run.

    `restarts` are the replica's own. `own_ports` are those of its own choice on which it listens, `containers` those of
    a workload of several.
    """

    name: str
    workload: str
    state: Shown
    release: str | None
    started_at: datetime | None
    restarts: int
    endpoint: str | None
    memory_mb: float | None
    cpu_percent: float | None
    reason: str | None
    own_ports: tuple[int, ...] = ()
    containers: tuple[ContainerView, ...] = ()


@dataclass(frozen=True, slots=True)
class ServiceView:
    """A service as readers see it. `reason` says what is wrong with the first of its replicas that isn't well."""

    key: str
    workload: str
    release: str | None
    health: Health
    ready: int
    desired: int
    reason: str | None = None


_FIRST_USER, _USERS = 64_001, 1000


def user_of(stack: str) -> int:
    """The user and group that everything of a stack runs as, where the platform is root. No distribution gives these
    numbers to anybody.
    """
    return _FIRST_USER + zlib.crc32(stack.encode()) % _USERS


def key_of(stack: str, workload: str) -> str:
    """`orders@dev/web`: the name of a service everywhere."""
    return f"{stack}/{workload}"


def stack_of(key: str) -> StackName:
    return StackName.parse(key.partition("/")[0])


def shown(state: State) -> Shown:
    match state:
        case "failing":
            return "unready"
        case "stopping":
            return "draining"
        case _:
            return state


def health(service: Service, replicas: Sequence[Replica], now: datetime, *, rolling: bool) -> Health:
    """Deploying while it has nothing better to say: a service that moves on while the old release serves is healthy.

    One of which a replica ends again and again is not, though it is ready in between.
    """
    if service.active is None:
        return "deploying" if rolling else "down"
    serving = [replica for replica in replicas if replica.generation == service.active and replica.state == "ready"]
    if len(serving) >= service.active_replicas:
        if any(replica.failures > 1 and not replica.stable(now) for replica in serving):
            return "degraded"
        return "deploying" if rolling else "healthy"
    return "degraded" if serving else "down"


def worst(states: Sequence[Health]) -> Health:
    """The health of a whole from that of its parts. Down only if all of it is."""
    if not states:
        return "unknown"
    if all(state == "down" for state in states):
        return "down"
    for state in ("degraded", "down", "deploying"):
        if state in states:
            return "degraded" if state == "down" else state
    return "healthy"
