"""What is found out about a source tree, whatever file or code said it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, Self, TypeAlias

from roadbed.kit.errors import Problem
from roadbed.workload.document import Place

Origin: TypeAlias = Literal["value", "generated", "asked", "need", "process", "host"]
"""Where a variable's value comes from: it stands there; it is a secret made once; a person must give it; it is an
output of a need, or of another process; it names the host at which the application is reached, which stands in its
value as `HERE`.
"""
HERE = "<host>"
Part: TypeAlias = Literal[
    "url",
    "host",
    "port",
    "address",
    "name",
    "username",
    "password",
    "bucket",
    "access_key_id",
    "secret_key",
    "endpoint",
    "region",
]
"""`address` is host and port."""
WEB = "web"
"""The process that gets traffic."""
CONVENTION: Mapping[str, Part] = {
    "connectionString": "url",
    "hostport": "address",
    "host": "host",
    "port": "port",
    "user": "username",
    "password": "password",
    "database": "name",
}
_SECRET = re.compile(
    r"SECRET|TOKEN|PASS|PWD|KEYS?(_|$)|CREDENTIAL|PRIVATE|SALT|DSN|CERT(_|$)|AUTH(_|$)|WEBHOOK"
    r"|(DATABASE|DB|POSTGRES\w*|MYSQL|REDIS|MONGO\w*|AMQP|RABBIT\w*|BROKER|CLOUDINARY|SENTRY)_UR[IL]"
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where something stands that made for a guess; `says` is that line, cut, empty where the file alone says it."""

    place: Place
    says: str = ""


@dataclass(frozen=True, slots=True)
class Variable:
    """`value` is what it is, or a default for one that is asked for; `of` and `part` say what it is taken from.

    Of a need's URL, `value` is an example of its form: what it begins with, and what follows the host, are kept.
    """

    name: str
    place: Place
    origin: Origin = "value"
    value: str | None = None
    of: str | None = None
    part: Part = "url"
    required: bool = True
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """A file that a process finds at some path, with the value of `content`, whatever that is called."""

    place: Place
    content: Variable


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """Exactly one of `path` and `command` is given."""

    kind: Literal["startup", "readiness", "liveness"]
    place: Place
    path: str | None = None
    command: tuple[str, ...] | None = None
    port: int | None = None
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Process:
    """Something that runs. `command` is a line for a shell, None where the code must say it, or the `dockerfile` that a
    file names for it: its path in the tree.

    `public` processes get traffic from outside, what only `listens` from others here; `port` is what it listens on
    where that is fixed. `limits` are `cpu` and `memory` as a Score file writes them. A `schedule` is five cron fields;
    `folder` is where in the tree it lies; `publish` is a folder of files that are served as they are: with
    `single_page`, the first page for every path that is no file. `build` and `release` are lines for a shell;
    `release_place` is where the latter stands, None where the code alone says it. `volumes` maps where one is mounted
    to its name, `read_only` are those of them that it may not write to; `files` are by their absolute path.
    """

    name: str
    place: Place
    command: str | None = None
    public: bool = False
    listens: bool = False
    port: int | None = None
    replicas: int | None = None
    schedule: str | None = None
    checks: tuple[HealthCheck, ...] = ()
    variables: Mapping[str, Variable] = field(default_factory=dict)
    folder: str = "."
    dockerfile: str | None = None
    publish: str | None = None
    single_page: bool = False
    build: str | None = None
    release: str | None = None
    release_place: Place | None = None
    volumes: Mapping[str, str] = field(default_factory=dict)
    read_only: frozenset[str] = frozenset()
    files: Mapping[str, Placed] = field(default_factory=dict)
    limits: Mapping[str, str] = field(default_factory=dict)
    domains: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Need:
    """A resource that the application can't do without, by Score's type.

    One that is `stated` by a file is no guess: nobody is asked about it.
    """

    name: str
    type: str
    place: Place
    evidence: tuple[Evidence, ...] = ()
    stated: bool = False


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


@dataclass(frozen=True, slots=True)
class Detection:
    """What is understood of a whole source tree.

    `sources` are the files that said it, the one that is believed first. `variables` are those of every process.
    `needs` that no file states are proposed: somebody must accept them. What they fill is a variable whose origin is
    `need`. `build` are lines for a shell, in order, and `build_variables` what they find set, with `build_network`
    the network; `requirements` are a
    Python tree's packages where none of its files lists any. `untold` names the processes that get traffic and were
    never told of PORT: they listen on a number of their own. `notes` are what was decided between files that disagree,
    what was not mapped, and what this machine lacks. `named_by` says where its name is from, where that is a guess.
    """

    name: str
    sources: tuple[str, ...]
    processes: Mapping[str, Process]
    description: str | None = None
    variables: Mapping[str, Variable] = field(default_factory=dict)
    needs: Mapping[str, Need] = field(default_factory=dict)
    build: tuple[str, ...] = ()
    build_variables: Mapping[str, Variable] = field(default_factory=dict)
    build_network: bool = False
    requirements: tuple[str, ...] = ()
    untold: tuple[str, ...] = ()
    notes: tuple[Problem, ...] = ()
    named_by: str = ""

    @property
    def stated(self) -> tuple[str, ...]:
        """The names of the needs that are taken without a question."""
        return tuple(need.name for need in self.needs.values() if need.stated)

    def called(self, name: str) -> Self:
        """By somebody's choice."""
        return replace(self, name=name, named_by="")

    def set_command(self, variable: Variable) -> str:
        """What a person types who gives it a value."""
        given = f"--secret {variable.name}" if is_secret(variable.name) else f"{variable.name}=…"
        return f"roadbed config {self.name} set {given}"


def is_secret(name: str) -> bool:
    """Whether a variable is called as secrets are."""
    return _SECRET.search(name.upper()) is not None


def front(processes: Mapping[str, Process]) -> str | None:
    """The process that gets the requests from outside: there is one address."""
    public = [name for name, process in processes.items() if process.public]
    return WEB if WEB in public else next(iter(public), None)
