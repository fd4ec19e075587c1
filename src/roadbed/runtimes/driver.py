"""What a kind of runtime must be able to do. It starts and finds replicas; when and how many is not its business."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from roadbed.runtimes.domain import ContainerView, Endpoint
from roadbed.runtimes.workloads import Workload


@dataclass(frozen=True, slots=True)
class Instance:
    """One process of a replica, or a job's only one: `attempt` counts from 1."""

    id: str
    attempt: int
    stack: str


@dataclass(frozen=True, slots=True)
class Status:
    """What became of an instance. `code` is None while it runs, 128 + n when signal n ended it.

    `reason` is `stopped` when it was told to end, a short cause (`out of memory`) where one is known. `down` are the
    containers that should run and don't: they wait for another, or are about to be started again. `containers` are
    those of a workload of several.
    """

    attempt: int
    started_at: datetime
    code: int | None = None
    ended_at: datetime | None = None
    reason: str | None = None
    down: frozenset[str] = frozenset()
    containers: tuple[ContainerView, ...] = ()

    @property
    def running(self) -> bool:
        return self.code is None


@dataclass(frozen=True, slots=True)
class Usage:
    """Resident memory in bytes; processor time in seconds since it was started."""

    memory: int
    processor: float


@dataclass(frozen=True, slots=True)
class Holder:
    """Who listens on a port of this machine: a replica or job by its `id`, else a `program` that is no replica.

    `pid` is its process, None where this user may not know.
    """

    id: str | None = None
    program: str = ""
    pid: int | None = None


class Driver(Protocol):
    """What it is told of an instance's containers by `healthy`, `settled` and `restart` outlives the daemon."""

    async def start(self, instance: Instance, workload: Workload) -> Mapping[str, Endpoint]:
        """Starts it and returns where it will listen, by the port's name. It need not listen yet.

        Containers that wait for others are started when it is their turn.

        An instance that runs already is left as it is: a daemon killed since may have started it.

        Raises CannotStart when this machine can't, InvalidService when the workload can't run here at all.
        """
        ...

    async def stop(self, id: str) -> None:
        """Asks it to end, gracefully at first. Returns before it has, also when it is not there."""
        ...

    def endpoints(self, id: str) -> Mapping[str, Endpoint]:
        """Where its last instance was told to listen, by the port's name."""
        ...

    def listening(self, id: str) -> frozenset[int]:
        """The ports that its programs do listen on, whatever they were told."""
        ...

    def holders(self, ports: Collection[int]) -> Mapping[int, Holder]:
        """Who listens on these ports where replicas would; those on which nobody does are left out."""
        ...

    def healthy(self, id: str, container: str) -> None:
        """Says that a container is, so that those that wait for it are started."""
        ...

    def settled(self, id: str) -> None:
        """Says that the instance was ready: one of several containers that ends from now on is started again alone.

        Before that, and where there is only one, a container's end is the instance's.
        """
        ...

    def restart(self, id: str, container: str) -> None:
        """Ends one of several containers, which is then started again as one that ended by itself."""
        ...

    def inspect(self, id: str) -> Status | None:
        """Its last instance, also after the daemon's death; None if there never was one."""
        ...

    async def wait(self, id: str) -> Status:
        """Returns when its last instance has ended."""
        ...

    async def execute(
        self, id: str, workload: Workload, container: str, command: Sequence[str], *, timeout_s: float
    ) -> int:
        """Runs a command inside a container; its exit code, 124 when it took too long."""
        ...

    def not_in_force(self, workload: Workload) -> Sequence[str]:
        """What of it is recorded only, on this machine: a sentence each."""
        ...

    def usage(self, id: str) -> Usage | None:
        """What it uses now; None when it doesn't run."""
        ...

    def known(self) -> Sequence[str]:
        """The ids of all that it has traces of."""
        ...

    def log_files(self, id: str) -> Sequence[Path]:
        """Where it writes, the oldest file first, in the format that `logs` reads. They need not exist."""
        ...

    def forget(self, id: str) -> None:
        """Removes its traces, logs too. It must have ended."""
        ...
