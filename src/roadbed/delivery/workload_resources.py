"""Workloads → the runtime's resources that run them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from roadbed.delivery.container_properties import (
    container_properties,
    limit_properties,
    main_container,
    port_properties,
    run_properties,
)
from roadbed.delivery.domain import Settings
from roadbed.delivery.expansion import Outputs
from roadbed.delivery.surroundings import Surroundings
from roadbed.delivery.variables import Variables
from roadbed.sdk.graph import urn
from roadbed.workload.application_domain import WorkloadSettings
from roadbed.workload.declared import DeclaredWorkload
from roadbed.workload.document import Place
from roadbed.workload.jobs import JobSettings

Given: TypeAlias = Mapping[str, Mapping[str, Any]]

_SCHEDULING = (
    "schedule",
    "timezone",
    "overlap",
    "timeout_s",
    "retries",
    "starting_deadline_s",
    "history",
    "suspended",
)
"""What `roadbed.yaml` says of a job by the names of the resource's properties."""


def workload_resources(
    workloads: Sequence[DeclaredWorkload],
    scheduled: Iterable[JobSettings],
    around: Surroundings,
    given: Given,
    layered: Variables,
) -> list[dict[str, Any]]:
    """The jobs of the release commands, then the services and what runs by the clock: each after every job, so that
    nothing of a release runs before all of its migrations have succeeded. `given` are the outputs of each resource, by
    its UID.
    """
    jobs = [
        _release_job(declared, declared.settings, around, Outputs(declared.workload, given), layered)
        for declared in workloads
        if declared.settings and declared.settings.release
    ]
    first = [job["urn"] for job in jobs]
    services = [
        _service(declared, _containers(declared, Outputs(declared.workload, given), layered), around, first)
        for declared in workloads
    ]
    by_name = {declared.workload.name: declared for declared in workloads}
    timed = []
    for job in scheduled:
        declared = by_name[job.workload.value] if job.workload.value else workloads[0]
        timed.append(_scheduled_job(job, declared, around, Outputs(declared.workload, given), layered, first))
    return [*jobs, *services, *timed]


def _release_job(
    declared: DeclaredWorkload, said: WorkloadSettings, around: Surroundings, outputs: Outputs, layered: Variables
) -> dict[str, Any]:
    workload = declared.workload
    main = main_container(workload)
    found = run_properties(declared, main, layered.of(workload, main), outputs)
    properties = {"workload": workload.name, "artifact": around.artifact, **found, "command": list(said.release)}
    place = said.release_place or said.place
    return _node(around, place, "runtime:Job", (workload.name,), "release", properties, [])


def _scheduled_job(
    job: JobSettings,
    declared: DeclaredWorkload,
    around: Surroundings,
    outputs: Outputs,
    layered: Variables,
    depends_on: list[str],
) -> dict[str, Any]:
    """It finds what its workload's main container finds, within the same limits."""
    workload = declared.workload
    main = main_container(workload)
    properties = {
        "workload": workload.name,
        "artifact": around.artifact,
        **run_properties(declared, main, layered.of(workload, main), outputs),
        **limit_properties(main),
        "command": list(job.command),
        "job": job.name,
        **{name: getattr(job, name) for name in _SCHEDULING},
    }
    return _node(around, job.place, "runtime:ScheduledJob", (workload.name,), job.name, properties, depends_on)


def _containers(declared: DeclaredWorkload, outputs: Outputs, layered: Variables) -> dict[str, Any]:
    """The properties of a service that say what its containers are: the main one's own, and `containers` beside it."""
    workload = declared.workload
    main = main_container(workload)
    of = {
        name: container_properties(declared, one, layered.of(workload, one), outputs)
        for name, one in workload.containers.items()
    }
    others = {name: _given(properties) for name, properties in of.items() if name != main.name}
    return {**of[main.name], **({"container": main.name, "containers": others} if others else {})}


def _service(
    declared: DeclaredWorkload, containers: Mapping[str, Any], around: Surroundings, depends_on: list[str]
) -> dict[str, Any]:
    workload = declared.workload
    properties = {
        "workload": workload.name,
        "artifact": around.artifact,
        **containers,
        **port_properties(workload),
        "replicas": _replicas(declared, around.settings),
        "restarted_at": around.settings.restarted.get(workload.name),
    }
    place = main_container(workload).place
    return _node(around, place, "runtime:Service", (), workload.name, properties, depends_on)


def _replicas(declared: DeclaredWorkload, settings: Settings) -> int:
    if (chosen := settings.scale.get(declared.workload.name)) is not None:
        return chosen
    declared_here = declared.settings.replicas if declared.settings else None
    return 1 if declared_here is None else declared_here


def _given(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in properties.items() if value is not None}


def _node(
    around: Surroundings,
    place: Place,
    type: str,
    path: tuple[str, ...],
    name: str,
    properties: Mapping[str, Any],
    depends_on: list[str],
) -> dict[str, Any]:
    return {
        "urn": urn(str(around.stack), path, name, type),
        "type": type,
        "name": name,
        "properties": _given(properties),
        "depends_on": depends_on,
        "source": {"file": place.file, "line": place.line},
    }
