"""What surfaces show of an application's resources. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from roadbed.delivery.set_resources import Declared, SetResources
from roadbed.engine.domain import Plan, Recorded
from roadbed.workload.declared import ApplicationSource


@dataclass(frozen=True, slots=True)
class Part:
    """A resource of the stack that was made for it. `state`: created, failed, or planned as long as it isn't there."""

    urn: str
    type: str
    state: str


@dataclass(frozen=True, slots=True)
class AskedResource:
    """A resource that an application asks for. `declared` are the places; `set_by` is who set it, over the files.

    `workloads` use it; `variables` are the names that they know it by. `editable`: it belongs to the application as a
    whole, and not to one workload's file.
    """

    uid: str
    name: str
    type: str
    resource_class: str
    params: Mapping[str, Any]
    workloads: Sequence[str]
    variables: Sequence[str]
    declared: Sequence[str]
    set_by: str | None
    set_at: str | None
    editable: bool
    provisioner: str | None
    outputs: Sequence[str]
    parts: Sequence[Part] = ()

    @property
    def state(self) -> str:
        """The worst of its parts; one without any is nothing but a name."""
        states = {part.state for part in self.parts}
        return next((state for state in ("failed", "planned") if state in states), "created")


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a change would do. `declared` None: nothing is declared any more. `diff` is that of `file`, where that can
    be edited line by line; else `lines` are what to write by hand.
    """

    name: str
    declared: Declared | None
    file: str
    diff: str
    lines: str
    plan: Plan

    @property
    def loses_data(self) -> bool:
        return any(step.loses_data for step in self.plan.steps)


@dataclass(frozen=True, slots=True)
class Connection:
    """What is needed to open a resource; `secret` names those of the outputs that must not be shown."""

    name: str
    type: str
    outputs: Mapping[str, Any] = field(repr=False)
    secret: frozenset[str]


def asked_resources(
    explanation: Mapping[str, Any], source: ApplicationSource, settings: SetResources, state: Mapping[str, Recorded]
) -> list[AskedResource]:
    """In the order of the files. `explanation` is that of the application with its settings."""
    own = {each.uid(""): name for name, each in source.common.resources.items()}
    return [_asked(one, own.get(one["uid"]), explanation, settings, state) for one in explanation["resources"]]


def _asked(
    one: Mapping[str, Any],
    name: str | None,
    explanation: Mapping[str, Any],
    settings: SetResources,
    state: Mapping[str, Recorded],
) -> AskedResource:
    setting = settings.get(name or "")
    return AskedResource(
        uid=one["uid"],
        name=name or one["uid"].partition("#")[2],
        type=one["type"],
        resource_class=one["class"],
        params=one["params"],
        workloads=one["workloads"],
        variables=sorted(set(_variables(one["uid"], explanation))),
        declared=one["declared"],
        set_by=setting.by if setting else None,
        set_at=setting.at if setting else None,
        editable=name is not None,
        provisioner=one["provisioner"],
        outputs=one["outputs"],
        parts=[_part(urn, state) for urn in one["made"]],
    )


def _variables(uid: str, explanation: Mapping[str, Any]) -> Iterator[str]:
    for workload in explanation["workloads"]:
        for container in workload["containers"]:
            for variable in container["variables"]:
                if any(each["uid"] == uid for each in variable["refers"]):
                    yield variable["name"]


def _part(urn: str, state: Mapping[str, Recorded]) -> Part:
    row = state.get(urn)
    return Part(urn, urn.rpartition("#")[2], "planned" if row is None else "failed" if row.broken else "created")
