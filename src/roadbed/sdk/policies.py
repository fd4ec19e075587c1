"""Policies: functions of the platform team that judge a plan, or put it right, before it is stored."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Literal, TypeAlias, TypeVar, get_args

from roadbed.sdk.errors import ProgramError
from roadbed.sdk.judged import (
    SECRET,
    UNKNOWN,
    Change,
    Context,
    Example,
    PlannedChanges,
    PlannedResource,
    PlannedStack,
    PlannedStep,
    Violation,
    is_secret,
    is_unknown,
)
from roadbed.sdk.registering import check_function, check_name

__all__ = [
    "SECRET",
    "UNKNOWN",
    "Change",
    "Context",
    "Example",
    "Finding",
    "Level",
    "PlannedChanges",
    "PlannedResource",
    "PlannedStack",
    "PlannedStep",
    "Policy",
    "Violation",
    "is_secret",
    "is_unknown",
    "policy",
    "registered",
]

Level: TypeAlias = Literal["advisory", "mandatory", "remediate"]
Subject: TypeAlias = Literal["resource", "plan", "stack"]
LEVELS: tuple[Level, ...] = get_args(Level)
SUBJECTS: tuple[Subject, ...] = get_args(Subject)

Finding: TypeAlias = "str | tuple[str, str] | Violation | Change"
"""What a policy yields: a message, `(message, remedy)`, or more by a `Violation`; a `Change` if it remediates."""
Function: TypeAlias = Callable[[Any, Context], Iterable[Finding]]
_F = TypeVar("_F", bound=Callable[[Any, Context], Iterable[Any]])

_MOST_APPROVALS = 20
_APPROVERS = ("developer", "operator", "owner")


@dataclass(frozen=True, slots=True)
class Policy:
    """A function that judges, with all that people are told of it. `types` are shell patterns over resource types.

    `approvals` is None, or how many people of which role may let its violations pass: `{"count": 1, "role": "…"}`.
    """

    name: str
    function: Function
    level: Level = "advisory"
    on: Subject = "resource"
    types: tuple[str, ...] = ("*",)
    reason: str = ""
    remedy: str | None = None
    refuses: tuple[Example, ...] = ()
    passes: tuple[Example, ...] = ()
    config: Mapping[str, Any] = field(default_factory=dict)
    approvals: Mapping[str, Any] | None = None
    pack: str = "local"

    def is_for(self, type: str) -> bool:
        return any(fnmatchcase(type, pattern) for pattern in self.types)

    @property
    def place(self) -> tuple[str, int]:
        """File and line of the function."""
        code = getattr(inspect.unwrap(self.function), "__code__", None)
        return (code.co_filename, code.co_firstlineno) if code else ("", 0)


_registered: list[Policy] = []
loading: ContextVar[str] = ContextVar("loading", default="local")
"""The pack whose files are being run."""


def policy(
    name: str,
    *,
    level: Level = "advisory",
    on: Subject = "resource",
    types: str | Sequence[str] = "*",
    reason: str = "",
    remedy: str | None = None,
    refuses: Example | Sequence[Example] = (),
    passes: Example | Sequence[Example] = (),
    config: Mapping[str, Any] | None = None,
    approvals: Mapping[str, Any] | None = None,
) -> Callable[[_F], _F]:
    """Registers a function that judges what a plan wants, and yields each way in which that breaks the policy.

    It is called with `(resource, context)` for each resource whose type matches `types`, a shell pattern or several;
    with `on="plan"` once with the plan (a `PlannedChanges`), and with `on="stack"` once with the whole wanted stack (a
    `PlannedStack`). `context` says where.

    It yields a message, then `remedy` says what to do about it; `(message, remedy)`; or a `Violation`, which on a plan
    or a stack names the resource that is meant. An `advisory` finding stands in the plan; a `mandatory` one keeps it
    from being applied. A policy that is to `remediate` yields a `Change`: the graph is rewritten before the plan is
    stored, and the plan shows it.

    `reason` says why the company wants it; left out, the function's docstring does. `refuses` and `passes` are cases
    that `roadbed policy test` runs, one or several of each. `config` are defaults of what `policies/policies.yaml`
    may set otherwise, for all or for an environment: the function finds them in `context.config`. `approvals`
    (`{"count": 1, "role": "operator"}`) says who may let a violation pass that would keep a plan from being applied.

    A policy that raises, or yields anything else, counts as broken: one that is no mere advice refuses what it could
    not judge, and says so with its own file and line.

        from collections.abc import Iterator

        from roadbed.sdk import policy
        from roadbed.sdk.policies import Context, Example, Finding, PlannedResource


        @policy(
            "enough-replicas",
            level="mandatory",
            types="runtime:Service",
            reason="With one replica a service is gone for as long as that one takes to come back.",
            remedy="raise `scale: {min: …}` in roadbed.yaml",
            config={"min": 2},
            refuses=Example("runtime:Service", {"replicas": 1}),
            passes=Example("runtime:Service", {"replicas": 2}),
        )
        def enough_replicas(resource: PlannedResource, context: Context) -> Iterator[Finding]:
            replicas = resource.properties.get("replicas", 1)
            if context.kind == "production" and isinstance(replicas, int) and replicas < context.config["min"]:
                yield f"{resource.name} runs with {replicas} replica"
    """
    check_name("policy", name)
    _check_choice(name, "level", level, LEVELS)
    _check_choice(name, "on", on, SUBJECTS)
    if level == "remediate" and on == "plan":
        raise ProgramError(
            f"the policy {name!r} can't remediate a plan: a plan follows from the graph",
            'judge it on="resource" or on="stack", and yield a Change of a resource',
        )
    patterns = (types,) if isinstance(types, str) else tuple(types)
    _check_texts(name, "types", *patterns)
    _check_texts(name, "reason", reason)
    _check_texts(name, "remedy", *(() if remedy is None else (remedy,)))
    cases = _examples(name, "refuses", refuses), _examples(name, "passes", passes)
    _check_config(name, config)
    _check_approvals(name, approvals)

    def register(function: _F) -> _F:
        check_function("policy", function, on, "context")
        why = reason.strip() or inspect.getdoc(function) or ""
        if not why:
            hint = 'say why the company wants it: reason="…", or a docstring of the function'
            raise ProgramError(f"the policy {name!r} gives no reason", hint)
        _check_unique(name)
        _registered.append(
            Policy(
                name, function, level, on, patterns, why, remedy, *cases, dict(config or {}), approvals, loading.get()
            )
        )
        return function

    return register


def registered() -> tuple[Policy, ...]:
    return tuple(_registered)


def _check_unique(name: str) -> None:
    earlier = next((one for one in _registered if one.name == name), None)
    if earlier is not None:
        file, line = earlier.place
        raise ProgramError(
            f"there are two policies {name!r}",
            f"the first is in {file}:{line} (pack {earlier.pack}); give one of them another name",
        )


def _check_choice(name: str, what: str, given: object, known: Sequence[str]) -> None:
    if given not in known:
        raise ProgramError(f"the policy {name!r} has the {what} {given!r}", f"it is one of: {', '.join(known)}")


def _check_texts(name: str, what: str, *given: object) -> None:
    for one in given:
        if not isinstance(one, str):
            raise ProgramError(f"the policy {name!r} has a {what} that is no text: {one!r}", "put it in quotes")


def _examples(name: str, what: str, given: object) -> tuple[Example, ...]:
    found = (given,) if isinstance(given, Example) else given
    if isinstance(found, Sequence) and all(isinstance(one, Example) for one in found):
        return tuple(found)
    raise ProgramError(f"the policy {name!r} has no Example in {what}", f"write {what}=Example(type, properties)")


def _check_config(name: str, config: object) -> None:
    """What is configured is compared with its default: so each has one, of a plain kind."""
    if config is None:
        return
    if not isinstance(config, Mapping) or not all(isinstance(key, str) for key in config):
        raise ProgramError(f"the policy {name!r} has a config that is no map", 'write config={"max": 5}')
    try:
        json.dumps(config, allow_nan=False)
    except (TypeError, ValueError):
        hint = "use text, numbers, true or false, lists and maps of them"
        raise ProgramError(f"the config of the policy {name!r} can't be written as YAML", hint) from None


def _check_approvals(name: str, approvals: Any) -> None:
    if approvals is None:
        return
    if isinstance(approvals, Mapping) and approvals.keys() == {"count", "role"}:
        count = approvals["count"]
        if approvals["role"] in _APPROVERS and isinstance(count, int) and 1 <= count <= _MOST_APPROVALS:
            return
    raise ProgramError(
        f"the policy {name!r} has approvals that mean nothing: {approvals!r}",
        'write approvals={"count": 1, "role": "operator"}',
    )
