"""What is found out about a source tree, whatever file or code said it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from roadbed.kit.errors import Problem
from roadbed.workload.document import Place

Origin: TypeAlias = Literal["value", "generated", "asked", "need", "process"]
"""Where a variable's value comes from: it stands there; it is a secret made once; a person must give it; it is an
output of a need, or of another process.
"""
Part: TypeAlias = Literal["url", "host", "port", "name", "username", "password"]
CONVENTION: Mapping[str, Part] = {
    "connectionString": "url",
    "hostport": "host",
    "host": "host",
    "port": "port",
    "user": "username",
    "password": "password",
    "database": "name",
}


@dataclass(frozen=True, slots=True)
class Variable:
    """`value` is what it is, or a default for one that is asked for; `of` and `part` say what it is taken from."""

    name: str
    place: Place
    origin: Origin = "value"
    value: str | None = None
    of: str | None = None
    part: Part = "url"
    required: bool = True
    description: str | None = None


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """Exactly one of `path` and `command` is given."""

    kind: Literal["startup", "readiness", "liveness"]
    place: Place
    path: str | None = None
    command: tuple[str, ...] | None = None
    port: int | None = None


@dataclass(frozen=True, slots=True)
class Process:
    """Something that runs. `command` is a line for a shell, None where the code must say it.

    `public` processes get traffic from outside; `port` is what it listens on where that is fixed. A `schedule` is five
    cron fields; `folder` is where in the tree it lies; `publish` is a folder of files that are served as they are.
    """

    name: str
    place: Place
    command: str | None = None
    public: bool = False
    port: int | None = None
    replicas: int | None = None
    schedule: str | None = None
    checks: tuple[HealthCheck, ...] = ()
    variables: Mapping[str, Variable] = field(default_factory=dict)
    folder: str = "."
    publish: str | None = None
    build: str | None = None
    release: str | None = None
    volumes: Mapping[str, str] = field(default_factory=dict)
    domains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Need:
    """A resource that the application can't do without, by Score's type."""

    name: str
    type: str
    place: Place


@dataclass(frozen=True, slots=True)
class Reading:
    """What one file says, as far as it maps. `variables` are everybody's. `unmapped` says the rest, with its place."""

    file: str
    name: str | None = None
    description: str | None = None
    processes: Mapping[str, Process] = field(default_factory=dict)
    variables: Mapping[str, Variable] = field(default_factory=dict)
    needs: Mapping[str, Need] = field(default_factory=dict)
    unmapped: tuple[Problem, ...] = ()
