"""Provisioners: functions of the platform team that satisfy a Score resource type by declaring resources."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any, Literal, TypeAlias, TypeVar, cast, get_args

from roadbed.sdk.components import Component, outputs_of
from roadbed.sdk.contracts import meant
from roadbed.sdk.errors import ProgramError
from roadbed.sdk.params import Params, check_declared
from roadbed.sdk.program import place
from roadbed.sdk.registering import check_function, check_name

type_ = type
"""`type` is what a provisioner is of, in most of what follows."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a workload asks for. `params` may hold references.

    - `name`: the resource's own, or its id with `-` for each dot; `workload`: who asks, with its service `ports`.
    - `kind`: the environment's: development, test or production; `variables`: what `environments.yaml` says of it.
    - `resource_class`, `id`: as the Score file has them; a class says of what size or manner (`large`), and what that
      means is the provisioner's to decide.
    - `workloads`: the names of all in the application; `services`: the service ports of each.

    A port is `{"port": 80, "target_port": 8080}`.
    """

    type: str
    name: str
    workload: str
    application: str
    environment: str
    kind: str
    params: Mapping[str, Any] = field(default_factory=dict)
    resource_class: str = "default"
    id: str | None = None
    owner: str | None = None
    workloads: tuple[str, ...] = ()
    ports: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    services: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)


Outputs: TypeAlias = Mapping[str, Any]
Function: TypeAlias = Callable[[Request], Outputs | None]
Maturity: TypeAlias = Literal["experimental", "beta", "stable", "deprecated"]
MATURITIES: tuple[Maturity, ...] = get_args(Maturity)
KINDS = ("development", "test", "production")
"""Of environments."""
_F = TypeVar("_F", bound="Function | type[Component]")


@dataclass(frozen=True, slots=True)
class Example:
    """A request that a building block is tried with: what comes of it is kept beside the block, and compared.

    `kind` is the environment's. It is imported as `from roadbed.sdk.provisioners import Example`.
    """

    params: Mapping[str, Any] = field(default_factory=dict)
    environment: str = "dev"
    kind: str = "development"
    resource_class: str = "default"
    id: str | None = None


@dataclass(frozen=True, slots=True)
class About:
    """What a provisioner says of itself, for those who ask for what it offers.

    `owner` is a group of the catalog; `docs` a URL, or a file beside it; `version` as `1.4.0`; `successor` is the type
    to ask for instead of one that is deprecated. `outputs` are described by name, for a type that isn't Score's.
    """

    title: str | None = None
    owner: str | None = None
    docs: str | None = None
    version: str | None = None
    maturity: Maturity | None = None
    successor: str | None = None
    outputs: Mapping[str, str] = field(default_factory=dict)
    examples: Mapping[str, Example] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Provisioner:
    """A function, and which requests it is for. Every pattern is a shell pattern (`dev-*`); of environments there may
    be several.

    `params` are those that it takes, None where it doesn't say. `name`, `notes`, `file` and `line` are its own.
    `block` is the building block whose folder it lies in.
    """

    type: str
    function: Function
    environments: str | tuple[str, ...] = "*"
    resource_class: str = "*"
    id: str = "*"
    params: Params | None = None
    about: About = field(default_factory=About)
    name: str = ""
    notes: str = ""
    file: str = ""
    line: int = 0
    block: str | None = None

    def matches(self, request: Request) -> bool:
        pairs = (
            (request.environment, self._pattern(request)),
            (request.resource_class, self.resource_class),
            (request.id or "", self.id),
        )
        return self.type == request.type and all(fnmatchcase(value, pattern) for value, pattern in pairs)

    def specificity(self, request: Request) -> tuple[int, int, int, bool]:
        """Larger is more specific: by id, then class, then environment; each a plain name, a pattern or `*`.

        Of two that are as specific, a building block goes before what is none: so it takes over, one environment after
        the other.
        """
        patterns = (self.id, self.resource_class, self._pattern(request))
        by_id, by_class, by_environment = map(_specificity, patterns)
        return (by_id, by_class, by_environment, self.block is not None)

    @property
    def places(self) -> tuple[str, ...]:
        """The patterns of the environments that it is for."""
        return (self.environments,) if isinstance(self.environments, str) else self.environments

    def _pattern(self, request: Request) -> str:
        """The most specific of the environments' patterns that match; any of them if none does."""
        return max(self.places, key=lambda one: (fnmatchcase(request.environment, one), _specificity(one)))


def _specificity(pattern: str) -> int:
    if pattern == "*":
        return 0
    return 1 if any(character in pattern for character in "*?[") else 2


def best(candidates: Iterable[Provisioner], request: Request) -> list[Provisioner]:
    """The most specific of those that match: none, one, or several that are equally right."""
    matching = [candidate for candidate in candidates if candidate.matches(request)]
    most = max((candidate.specificity(request) for candidate in matching), default=None)
    return [candidate for candidate in matching if candidate.specificity(request) == most]


_registered: list[Provisioner] = []
loading: ContextVar[str | None] = ContextVar("loading", default=None)
"""The building block whose files are being run."""


def provisioner(
    type: str,
    *,
    environments: str | Sequence[str] = "*",
    resource_class: str = "*",
    id: str = "*",
    params: Params | None = None,
    title: str | None = None,
    owner: str | None = None,
    docs: str | None = None,
    version: str | None = None,
    maturity: Maturity | None = None,
    successor: str | None = None,
    outputs: Mapping[str, str] | None = None,
    examples: Mapping[str, Example] | None = None,
) -> Callable[[_F], _F]:
    """Registers a function that is called with a `Request` of `type`. It returns the outputs that the type promises.

    In place of a function a `Component` may stand: it is made with the request's name and params, as in
    `Web(name, **params)`, and its outputs are the outputs.

    `params` says which params it takes, and of which type: `{"size": int, "port": str | int}`, or more of one by a
    `Param`. One that doesn't fit is refused at its place in the file, before the function is called; one that isn't
    declared is told to whoever deploys, as not in force. Without `params`, any is taken.

    The rest is what people are told who ask for it. `title` and the docstring say what it is, `owner` whom to ask (a
    group), `docs` where to read on. `version` is that of a building block, such as `1.4.0`; `maturity` one of
    experimental, beta, stable and deprecated, then with the `successor` to ask for instead. `outputs` describes those
    of a type that isn't Score's, which it must return then. `examples` are requests that `roadbed platform test` makes
    of it, by name: `{"large": Example({"size": 20}, environment="prod")}`.
    """
    check_name("provisioner", type)
    check_declared(params or {})
    patterns = environments if isinstance(environments, str) else tuple(environments)
    about = About(title, owner, docs, version, maturity, successor, dict(outputs or {}), dict(examples or {}))
    _check_about(type, about)

    def register(target: _F) -> _F:
        made = Provisioner(type, _function(target), patterns, resource_class, id, params, about, **_own(target))
        _registered.append(replace(made, block=loading.get()))
        return target

    return register


def _function(target: Any) -> Function:
    if not (isinstance(target, type_) and issubclass(target, Component)):
        check_function("provisioner", target, "request")
        return cast("Function", target)

    def make(request: Request) -> Outputs:
        return outputs_of(cast("Callable[..., Component]", target)(request.name, **request.params))

    return make


def _own(target: Any) -> dict[str, Any]:
    """Its name and docstring, and where it stands."""
    if code := getattr(inspect.unwrap(target), "__code__", None):
        file, line = code.co_filename, code.co_firstlineno
    else:
        found = place(target) or {}
        file, line = found.get("file", ""), found.get("line", 0)
    return {"name": target.__name__, "notes": inspect.cleandoc(target.__doc__ or ""), "file": file, "line": line}


_VERSION = re.compile(r"(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})")
_EXAMPLE = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


def _check_about(type: str, about: About) -> None:
    what = f"the provisioner of {type!r}"
    for name in ("title", "owner", "docs", "version", "maturity", "successor"):
        if (said := getattr(about, name)) is not None and not (isinstance(said, str) and said.strip()):
            raise ProgramError(f"{what} has the {name} {said!r}, which is no text", "put it in quotes, or leave it out")
    if about.version is not None and not _VERSION.fullmatch(about.version):
        raise ProgramError(f"{what} has the version {about.version!r}", 'write three numbers: version="1.4.0"')
    if about.maturity is not None and about.maturity not in MATURITIES:
        near = meant(about.maturity, MATURITIES)
        raise ProgramError(
            f"{what} has the maturity {about.maturity!r}{near}", f"it is one of: {', '.join(MATURITIES)}"
        )
    if about.successor is not None and about.maturity != "deprecated":
        raise ProgramError(f"{what} has a successor and isn't deprecated", 'add maturity="deprecated"')
    examples: Mapping[Any, Any] = about.examples
    for name, example in examples.items():
        if not isinstance(example, Example) or not _EXAMPLE.fullmatch(str(name)):
            hint = 'write examples={"large": Example({"size": 20})}; names are small letters, digits and -'
            raise ProgramError(f"{what} has an example {name!r} that can't be one", hint)
        if example.kind not in KINDS:
            told = f"of an environment of the kind {example.kind!r}{meant(str(example.kind), KINDS)}"
            raise ProgramError(f"{what} has an example {name!r} {told}", f"it is one of: {', '.join(KINDS)}")


def registered() -> tuple[Provisioner, ...]:
    return tuple(_registered)
