"""What a kind of runtime must be able to do. It starts and finds replicas; when and how many is not its business."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from roadbed.runtimes.domain import Endpoint, Workload


@dataclass(frozen=True, slots=True)
class Instance:
    """One process of a replica, or a job's only one: `attempt` counts from 1."""

    id: str
    attempt: int
    stack: str


@dataclass(frozen=True, slots=True)
class Status:
    """What became of an instance. `code` is None while it runs, 128 + n when signal n ended it.

    `reason` is `stopped` when it was told to end, a short cause (`out of memory`) where one is known.
    """

    attempt: int
    started_at: datetime
    code: int | None = None
    ended_at: datetime | None = None
    reason: str | None = None

    @property
    def running(self) -> bool:
        return self.code is None


@dataclass(frozen=True, slots=True)
class Usage:
    """Resident memory in bytes; processor time in seconds since it was started."""

    memory: int
    processor: float


class Driver(Protocol):
    async def start(self, instance: Instance, workload: Workload) -> Endpoint | None:
        """Starts it and returns where it will listen, None if it doesn't. It need not listen yet.

        An instance that runs already is left as it is: a daemon killed since may have started it.

        Raises CannotStart when this machine can't, InvalidService when the workload can't run here at all.
        """
        ...

    async def stop(self, id: str) -> None:
        """Asks it to end, gracefully at first. Returns before it has, also when it is not there."""
        ...

    def inspect(self, id: str) -> Status | None:
        """Its last instance, also after the daemon's death; None if there never was one."""
        ...

    async def wait(self, id: str) -> Status:
        """Returns when its last instance has ended."""
        ...

    async def execute(self, id: str, workload: Workload, command: Sequence[str], *, timeout_s: float) -> int:
        """Runs a command inside it; its exit code, 124 when it took too long."""
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
