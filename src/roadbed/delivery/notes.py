"""What a plan says beside its steps: what is declared and not in force here, what an update does. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from roadbed.delivery.at_start import not_taken
from roadbed.delivery.recorded import recorded_only
from roadbed.engine.domain import Note, Source, Step
from roadbed.kit.errors import Problem
from roadbed.runtimes.elsewhere import interruption
from roadbed.runtimes.types import SERVICE
from roadbed.sandbox.cgroups import cgroup
from roadbed.workload.declared import ApplicationSource
from roadbed.workload.reader import nearest


def not_acted_upon(source: ApplicationSource) -> tuple[Problem, ...]:
    return (*not_taken(source), *recorded_only(source, cpu_limits=cgroup("cpu") is not None))


def unknown_owner(source: ApplicationSource, groups: Collection[str]) -> tuple[Problem, ...]:
    """An application may be there before its team is, so that is no error."""
    if source.owner is None or source.owner_place is None:
        return ()
    name = source.owner.removeprefix("group:").lower()
    reference = f"group:{name if '/' in name else f'default/{name}'}"
    if reference in groups:
        return ()
    meant = nearest(reference, groups)
    return (source.owner_place.problem(f"the catalog has no {reference}{f'; {meant}' if meant else ''}"),)


def idle_notes(source: ApplicationSource, unused: Sequence[Problem], environments: Collection[str]) -> tuple[Note, ...]:
    """What the files declare and nothing acts upon, here or anywhere."""
    idle = (*source.problems, *not_acted_upon(source), *unused)
    unbuilt = [Note(each.message, Source(each.file or "", each.line)) for each in idle]
    unknown = [
        Note(f"environments.{name} is for an environment that is not there", Source(place.file, place.line))
        for name, place in source.environments.items()
        if name not in environments
    ]
    return (*unbuilt, *unknown)


def size_note(name: str, full: str | int | None) -> str:
    """`full` is the size of a volume that holds more; None for any other."""
    if full is not None:
        return f"the volume {name} holds more than its size of {full}: nothing stops it"
    return f"the size of {name} is measured and shown, and not enforced here"


def place_of(item: Mapping[str, Any]) -> Source:
    found = item.get("source") or {}
    return Source(found.get("file") or "", found.get("line"))


def interruptions(document: Mapping[str, Any], fixed: Mapping[str, Sequence[int]]) -> dict[str, str]:
    """What is said of services, by URN, that can't be updated without an interruption; `fixed` are their own ports."""
    services = {
        item["properties"]["workload"]: item["urn"] for item in document["resources"] if item["type"] == SERVICE
    }
    return {services[name]: interruption(name, ports) for name, ports in fixed.items() if name in services}


def interrupted(steps: Iterable[Step]) -> list[str]:
    """What is said of it in the end, to who saw no plan."""
    return [
        f"the change {step.note}" for step in steps if step.type == SERVICE and step.action == "update" and step.note
    ]
