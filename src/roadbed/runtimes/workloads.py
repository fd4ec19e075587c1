"""What a replica runs: containers, their files, volumes and probes, and the ports that they share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Awaited: TypeAlias = Literal["started", "healthy", "complete"]
"""How far a container must be for those that wait for it: its probe succeeds, or it has ended with 0."""

MAIN = "main"
"""The name of a workload's container where nobody gave it one."""


@dataclass(frozen=True, slots=True)
class HttpGet:
    """`port` is a service port's, by its number or its target; the first one's when left out."""

    path: str = "/"
    headers: Mapping[str, str] = field(default_factory=dict)
    secure: bool = False
    port: int | None = None


@dataclass(frozen=True, slots=True)
class Probe:
    """With both, both must succeed."""

    http: HttpGet | None = None
    exec: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class File:
    content: bytes
    mode: int = 0o644


@dataclass(frozen=True, slots=True)
class VolumeMount:
    """`source` is the output of a `runtime:Volume`, `path` a folder within it."""

    source: str
    path: str = ""
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class Port:
    """A service port: others connect to `number`; the program would listen on `target` if nobody told it otherwise.

    Both are None where they are not known: specifications of older releases hold names only.
    """

    name: str
    number: int | None = None
    target: int | None = None
    udp: bool = False


def port_variable(name: str) -> str:
    """`PORT_HTTP_API` for `http-api`."""
    return f"PORT_{name.upper().replace('-', '_')}"


@dataclass(frozen=True, slots=True)
class Container:
    """Secrets in the clear. `files` and `volumes` map absolute paths to what stands there. `cpu_millis` is in
    thousandths of a core. `waits` names the containers that come first, and how far they must be.
    """

    command: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, File] = field(default_factory=dict)
    volumes: Mapping[str, VolumeMount] = field(default_factory=dict)
    readiness: Probe | None = None
    liveness: Probe | None = None
    memory_mb: int | None = None
    cpu_millis: int | None = None
    waits: Mapping[str, Awaited] = field(default_factory=dict)

    @property
    def health(self) -> Probe | None:
        """The probe that says whether it is healthy, for those that wait for that."""
        return self.readiness or self.liveness


@dataclass(frozen=True, slots=True)
class Workload:
    """What one replica runs, secrets in the clear: in memory only.

    The containers are in the order in which they are shown; they share `ports`, of which PORT is the first that is not
    UDP. `secrets` are the values to mask in their output. `restarted_at` is no more than a mark: when it changes, so
    does the workload.
    """

    artifact: str
    containers: Mapping[str, Container] = field(default_factory=lambda: {MAIN: Container()})
    secrets: tuple[str, ...] = ()
    ports: tuple[Port, ...] = ()
    restarted_at: str | None = None

    @property
    def routed_ports(self) -> tuple[Port, ...]:
        """Those that the gateway routes to."""
        return tuple(port for port in self.ports if not port.udp)

    @property
    def listens(self) -> bool:
        """Whether others reach it through the gateway, which routes no UDP."""
        return self.main_port is not None

    @property
    def main_port(self) -> Port | None:
        return next(iter(self.routed_ports), None)

    @property
    def first(self) -> Container:
        """The one that is meant where one is."""
        return next(iter(self.containers.values()))

    def lasting(self) -> dict[str, Container]:
        """Those that run as long as the replica does: nobody waits for their end."""
        ending = {name for one in self.containers.values() for name, how in one.waits.items() if how == "complete"}
        return {name: one for name, one in self.containers.items() if name not in ending}

    def awaited_healthy(self) -> frozenset[str]:
        """Those for whose health another waits."""
        waits = [one.waits for one in self.containers.values()]
        return frozenset(name for one in waits for name, how in one.items() if how == "healthy")
