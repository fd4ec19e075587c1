"""Which resources an application asks for: one for each UID, whoever asks. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from roadbed.delivery.expansion import references, resource_of
from roadbed.workload.declared import ApplicationSource
from roadbed.workload.domain import Workload, WorkloadResource


@dataclass(frozen=True, slots=True)
class Primed:
    """A resource as all who ask for it say together.

    `holder` is who says its params, in whose words their placeholders are; `askers` are the workloads that declare it.
    """

    uid: str
    holder: Workload
    resource: WorkloadResource
    askers: tuple[Workload, ...]


def primed(source: ApplicationSource) -> dict[str, Primed]:
    """By UID, each after those that its params refer to. Raises InvalidInput for a circle."""
    found: dict[str, Primed] = {}
    for holder, resource in _declared(source):
        uid = resource.uid(holder.name)
        asker = () if holder is source.common else (holder,)
        if (earlier := found.get(uid)) is None:
            found[uid] = Primed(uid, holder, resource, asker)
        else:
            found[uid] = _joined(earlier, holder, resource, asker)
    return {uid: found[uid] for uid in _ordered(found)}


def _declared(source: ApplicationSource) -> Iterator[tuple[Workload, WorkloadResource]]:
    for holder in (*(each.workload for each in source.workloads.values()), source.common):
        for resource in holder.resources.values():
            yield holder, resource


def _joined(earlier: Primed, holder: Workload, resource: WorkloadResource, asker: tuple[Workload, ...]) -> Primed:
    """Who says params is taken at its word; those of others are the same, or left out."""
    askers = (*earlier.askers, *asker)
    if resource.params and not earlier.resource.params:
        return Primed(earlier.uid, holder, resource, askers)
    return replace(earlier, askers=askers)


def _ordered(wanted: Mapping[str, Primed]) -> list[str]:
    ordered: dict[str, None] = {}

    def visit(uid: str, path: tuple[str, ...]) -> None:
        one = wanted[uid]
        if uid in path:
            circle = " → ".join((*path[path.index(uid) :], uid))
            message = f"these resources refer to each other in a circle: {circle}"
            raise one.resource.place.error(message, "take one of the references away")
        if uid in ordered:
            return
        for reference in references(dict(one.resource.params), one.resource):
            if reference.root == "resources":
                visit(resource_of(one.holder, reference).uid(one.holder.name), (*path, uid))
        ordered[uid] = None

    for uid in wanted:
        visit(uid, ())
    return list(ordered)
