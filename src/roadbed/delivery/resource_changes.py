"""What people do to an application's resources, as changes of what `roadbed.yaml` declares. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from roadbed.delivery.set_resources import Declared
from roadbed.detection.need_variables import DEFAULT_NAMES
from roadbed.kit.errors import Conflict, InvalidInput, NotFound
from roadbed.kit.names import check_label
from roadbed.workload.declarations import declaration_of, read_declaration
from roadbed.workload.declared import ApplicationSource
from roadbed.workload.domain import WorkloadResource
from roadbed.workload.reader import nearest

Action: TypeAlias = Literal["add", "remove", "attach", "detach", "resize"]
ACTIONS: tuple[Action, ...] = ("add", "remove", "attach", "detach", "resize")


@dataclass(frozen=True, slots=True)
class ResourceChange:
    """`workloads` None means all of them. `type`, `resource_class`, `params` and `prefix` are for what is added, which
    is called after its type when it has no `name`. A `resize` takes `resource_class`, and the `params` that change.
    """

    action: Action
    name: str = ""
    workloads: tuple[str, ...] | None = None
    type: str = ""
    resource_class: str = "default"
    params: Mapping[str, Any] = field(default_factory=dict)
    prefix: str | None = None

    @property
    def resource(self) -> str:
        return self.name or DEFAULT_NAMES.get(self.type, self.type)

    @property
    def said(self) -> str:
        """`Add db (postgres)`, `Detach db from web`."""
        if self.action == "add":
            return f"Add {self.resource} ({self.type})"
        where = ", ".join(self.workloads) if self.workloads else "all workloads"
        behind = {"remove": "", "resize": "", "attach": f" to {where}", "detach": f" from {where}"}[self.action]
        return f"{self.action.capitalize()} {self.resource}{behind}"


def changed(change: ResourceChange, source: ApplicationSource, needs: Collection[str] = ()) -> Declared | None:
    """What is declared then; None for nothing. Raises what keeps it from being done.

    `source` is the application as it is now, with what was set over its files. `needs` are the names of what it has
    because its code was understood to need that: it is taken away by its name, since no file declares it.
    """
    _check_workloads(change.workloads or (), source.workloads, source.name)
    if change.action == "add":
        return _added(change, source)
    if change.action == "remove" and change.resource in needs:
        return None
    resource = _found(change.resource, source)
    if change.action == "remove":
        _refuse_if_asked_for(change.resource, source)
        return None
    if change.action == "resize":
        return _resized(change, resource)
    reached = _reached(change, resource, list(source.workloads))
    said = {key: value for key, value in declaration_of(resource).items() if key != "workloads"}
    return said if reached == list(source.workloads) else {**said, "workloads": reached}


def _added(change: ResourceChange, source: ApplicationSource) -> Declared:
    name = check_label(change.resource, "the resource")
    if (place := declared_at(name, source)) is not None:
        raise Conflict(f"{source.name} has a resource {name!r} already: {place}", hint="choose another name for it")
    asked = {
        "type": change.type,
        "class": change.resource_class,
        "params": dict(change.params),
        "prefix": change.prefix,
        "workloads": None if change.workloads is None else list(change.workloads),
    }
    said = {key: value for key, value in asked.items() if value not in (None, {})}
    return declaration_of(read_declaration(name, said, file="what is to be added"))


def _resized(change: ResourceChange, resource: WorkloadResource) -> Declared:
    """A param that is null is as it is by itself. Raises Conflict where that changes nothing."""
    now = declaration_of(resource)
    given = {**now.get("params", {}), **change.params}
    params = {name: value for name, value in given.items() if value is not None}
    said = {**now, "class": change.resource_class, "params": params}
    then = declaration_of(read_declaration(resource.name, said, file="what is to be changed"))
    if then == now:
        raise Conflict(f"{resource.name} is like that already")
    return then


def declared_at(name: str, source: ApplicationSource) -> str | None:
    """Where a resource of this name, or shared under it, is declared."""
    if name in source.common.resources:
        return source.common.resources[name].place.shown
    return _declared_by_workload(name, source)


def _declared_by_workload(name: str, source: ApplicationSource) -> str | None:
    for workload, each in source.workloads.items():
        for resource in each.workload.resources.values():
            if name in (resource.id, resource.name, f"{workload}.{resource.name}"):
                return resource.place.shown
    return None


def _refuse_if_asked_for(name: str, source: ApplicationSource) -> None:
    """One of which a workload's own file speaks, too, would stay."""
    if (place := _declared_by_workload(name, source)) is not None:
        raise InvalidInput(
            f"{name} is asked for by a workload's own file, too: {place}", hint="take it out there first"
        )


def _found(name: str, source: ApplicationSource) -> WorkloadResource:
    if (resource := source.common.resources.get(name)) is not None:
        return resource
    if (place := declared_at(name, source)) is not None:
        raise InvalidInput(f"{name} is declared by a workload's own file: {place}", hint="change it there, and deploy")
    hint = nearest(name, source.common.resources) or f"add it: roadbed resource add TYPE --name {name}"
    raise NotFound(f"{source.name} has no resource {name!r}", hint=hint)


def _check_workloads(named: Collection[str], known: Collection[str], application: str) -> None:
    for workload in named:
        if workload not in known:
            raise NotFound(f"{application} has no workload {workload!r}", hint=nearest(workload, known))


def _reached(change: ResourceChange, resource: WorkloadResource, workloads: Sequence[str]) -> list[str]:
    """The workloads that get its variables then. Raises Conflict where that changes nothing."""
    now = [name for name in workloads if resource.reaches(name)]
    meant = workloads if change.workloads is None else change.workloads
    attach = change.action == "attach"
    then = [name for name in workloads if (name in now) != (name in meant and (name in now) != attach)]
    if then == now:
        state = "attached to" if attach else "detached from"
        raise Conflict(f"{resource.name} is {state} {', '.join(meant) or 'all workloads'} already")
    return then
