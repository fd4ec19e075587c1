"""A workload as its Score file says it, checked and with its places.

Source of the fields: Score `score.dev/v1b1`. What the file leaves out has the specification's default here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from roadbed.workload.document import Place

Readiness: TypeAlias = Literal["started", "healthy", "complete"]


@dataclass(frozen=True, slots=True)
class Text:
    """A text that may hold placeholders, and where it stands."""

    value: str
    place: Place


@dataclass(frozen=True, slots=True)
class Port:
    """`port` is what others connect to, `target_port` what the container listens on."""

    port: int
    target_port: int
    protocol: Literal["TCP", "UDP"]
    place: Place


@dataclass(frozen=True, slots=True)
class File:
    """A file put into the container at `target`. Exactly one of `source`, `content` and `binary` is given.

    `source` is a path relative to the Score file; `mode` is octal text, as in `0644`.
    """

    target: str
    place: Place
    mode: str | None = None
    no_expand: bool = False
    source: str | None = None
    content: Text | None = None
    binary: bytes | None = None


@dataclass(frozen=True, slots=True)
class Volume:
    """`source` is a placeholder that ends up at a volume's resource, `path` a folder within it."""

    target: str
    source: Text
    path: str | None
    read_only: bool
    place: Place


@dataclass(frozen=True, slots=True)
class Quantity:
    """CPU in thousandths of a core, memory in bytes."""

    cpu_millis: int | None = None
    memory_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class HttpGet:
    port: int
    path: str
    host: str | None = None
    scheme: Literal["HTTP", "HTTPS"] = "HTTP"
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Probe:
    """With both, both must succeed."""

    http: HttpGet | None
    exec: tuple[str, ...] | None
    place: Place


@dataclass(frozen=True, slots=True)
class Container:
    """`image` is `.` when it is built from the source tree. `before` names the containers that wait for this one,
    `before_places` says where. The targets of `files` and `volumes` are absolute.
    """

    name: str
    image: str
    place: Place
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    variables: Mapping[str, Text] = field(default_factory=dict)
    files: Mapping[str, File] = field(default_factory=dict)
    volumes: Mapping[str, Volume] = field(default_factory=dict)
    limits: Quantity = Quantity()
    requests: Quantity = Quantity()
    liveness: Probe | None = None
    readiness: Probe | None = None
    before: Mapping[str, Readiness] = field(default_factory=dict)
    before_places: Mapping[str, Place] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WorkloadResource:
    """Something the workload needs: the platform team's provisioners satisfy it by `type`, `class_name` and `id`.

    One of the application as a whole gives its outputs as variables to `workloads` (None: all), under names that begin
    with `prefix` (None is its own name).
    """

    name: str
    type: str
    place: Place
    class_name: str = "default"
    id: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)
    param_places: Mapping[str, Place] = field(default_factory=dict)
    workloads: tuple[Text, ...] | None = None
    prefix: str | None = None

    def reaches(self, workload: str) -> bool:
        """Whether a workload gets its variables."""
        return self.workloads is None or any(each.value == workload for each in self.workloads)

    def uid(self, workload: str) -> str:
        """`postgres.default#web.db`, or `postgres.default#shared-id`: equal UIDs are one resource."""
        return f"{self.type}.{self.class_name}#{self.id or f'{workload}.{self.name}'}"


@dataclass(frozen=True, slots=True)
class Workload:
    """One Score file. `metadata` is whole, for placeholders; `name` is its `metadata.name`."""

    name: str
    file: str
    place: Place
    metadata: Mapping[str, Any]
    containers: Mapping[str, Container]
    ports: Mapping[str, Port] = field(default_factory=dict)
    resources: Mapping[str, WorkloadResource] = field(default_factory=dict)
