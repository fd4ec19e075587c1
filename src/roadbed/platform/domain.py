"""Environments, as the platform team declares them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal, TypeAlias, cast

from roadbed.kit.access import Role, Target
from roadbed.workload.parsing import parse_document
from roadbed.workload.reader import Fields, Reader

Kind: TypeAlias = Literal["development", "test", "production"]
Runtime: TypeAlias = Literal["process"]

KINDS: tuple[Kind, ...] = ("development", "test", "production")
RUNTIMES: tuple[Runtime, ...] = ("process",)
DriftAction: TypeAlias = Literal["report", "plan", "heal"]

DRIFT_ACTIONS: tuple[DriftAction, ...] = ("report", "plan", "heal")
API_VERSION, KIND = "roadbed.dev/v1", "Environments"

_FIELDS = ("kind", "runtime", "description", "drift", "approvals", "variables")
MOST_VARIABLES, LONGEST_VARIABLE = 200, 32_768
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
_VARIABLE_RULE = "letters, digits and underscores, not beginning with a digit; at most 128"
DURATION = re.compile(r"([1-9]\d{0,5})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_SHORTEST, _LONGEST = timedelta(seconds=10), timedelta(days=30)


@dataclass(frozen=True, slots=True)
class DriftPolicy:
    """How often the stacks of an environment are compared with the world, and what is done about a difference."""

    every: timedelta
    action: DriftAction = "report"


ROLES: tuple[Role, ...] = ("developer", "operator", "owner")
"""Those that can be asked to approve."""
MOST_APPROVALS = 20
REMIND_AFTER = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class ApprovalRule:
    """How many people of which role approve a plan before it is applied, and after how long they are reminded."""

    count: int
    role: Role
    remind: timedelta = REMIND_AFTER


@dataclass(frozen=True, slots=True)
class Environment:
    """Where applications run. `kind` decides who may change it; `runtime` what runs workloads there.

    `variables` answer Score's resource type `environment`: what differs here and is no secret. Without `drift`, drift
    is looked for when somebody asks. Without `approvals` a plan waits for nobody.
    """

    name: str
    kind: Kind
    runtime: Runtime = "process"
    description: str = ""
    drift: DriftPolicy | None = None
    approvals: ApprovalRule | None = None
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def target(self) -> Target:
        """What a permission is asked for."""
        return Target("environment", self.name, environment=self.name, attributes={"kind": self.kind})


def read_environments(text: str, *, file: str) -> dict[str, Environment]:
    """`environments.yaml`, in its own order. Raises InvalidInput with everything that is wrong in it."""
    reader = Reader()
    known = ("apiVersion", "kind", "environments")
    fields = reader.section(parse_document(text, file), "", known, known)
    fields.choice("apiVersion", (API_VERSION,), API_VERSION)
    fields.choice("kind", (KIND,), KIND)
    sections = fields.mapping("environments").sections(_FIELDS, ("kind",))
    if "environments" in fields and not sections:
        reader.report(fields.place("environments"), "environments is empty", "declare at least one environment")
    environments = {name: _environment(name, section) for name, section in sections}
    reader.findings.raise_if_any(file)
    return environments


def _environment(name: str, fields: Fields) -> Environment:
    return Environment(
        name=name,
        kind=cast("Kind", fields.choice("kind", KINDS, "development")),
        runtime=cast("Runtime", fields.choice("runtime", RUNTIMES, "process")),
        description=fields.text("description"),
        drift=_drift(fields),
        approvals=_approvals(fields),
        variables=_variables(fields.mapping("variables")),
    )


def _variables(fields: Fields) -> dict[str, str]:
    """By name. A value is text: `8080` is put in quotes, so that it is said once whether it is `08080`."""
    report = fields.reader.report
    if len(fields.node.entries) > MOST_VARIABLES:
        report(fields.node.place, f"{fields.path} has more than {MOST_VARIABLES} entries")
        return {}
    found = {name: fields.reader.text(node, path) for name, node, path in fields.items()}
    for name, value in found.items():
        if not VARIABLE.fullmatch(name):
            report(
                fields.place(name), f"{fields.path_of(name)} has a name that is not allowed", f"use {_VARIABLE_RULE}"
            )
        if len(value) > LONGEST_VARIABLE or "\0" in value:
            limit = f"{LONGEST_VARIABLE:,} characters at most, and no NUL"
            report(fields.place(name), f"{fields.path_of(name)} can't be given to a program", f"it may have {limit}")
    return found


def _drift(fields: Fields) -> DriftPolicy | None:
    drift = fields.section("drift", ("every", "action"), ("every",))
    if drift is None:
        return None
    action = cast("DriftAction", drift.choice("action", DRIFT_ACTIONS, "report"))
    every = _duration(drift, "every")
    return None if every is None else DriftPolicy(every, action)


def _approvals(fields: Fields) -> ApprovalRule | None:
    rule = fields.section("approvals", ("count", "role", "remind"), ("count", "role"))
    if rule is None:
        return None
    remind = _duration(rule, "remind") if "remind" in rule else None
    role = cast("Role", rule.choice("role", ROLES, "operator"))
    return ApprovalRule(rule.integer("count", 1, MOST_APPROVALS, 1), role, remind or REMIND_AFTER)


def _duration(fields: Fields, name: str) -> timedelta | None:
    text = fields.matching(name, DURATION, "a number and a unit: 90s, 30m, 6h") or ""
    if (match := DURATION.fullmatch(text)) is None:
        return None
    found = timedelta(**{_UNITS[match[2]]: int(match[1])})
    if not _SHORTEST <= found <= _LONGEST:
        fields.reader.report(fields.place(name), f"{fields.path_of(name)} must be between 10s and 30d, not {text}")
    return found
