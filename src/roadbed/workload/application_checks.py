"""What only shows when all the files of an application are looked at together."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from roadbed.kit.errors import Findings
from roadbed.workload.application_domain import Application
from roadbed.workload.domain import Text, Workload, WorkloadResource
from roadbed.workload.reader import nearest


def check_unique(workload: Workload, others: Iterable[Workload]) -> None:
    """Raises InvalidInput for a name that another Score file has."""
    for other in others:
        if other.name == workload.name:
            message = f"{other.file} has the same metadata.name: {workload.name!r}"
            raise workload.place.error(message, "give each its own name")


def check_named(application: Application, workloads: Collection[str], findings: Findings) -> None:
    """The workloads that `roadbed.yaml` names are there, and a job names one where it could be any of several."""
    named = [(f"workloads.{name}", Text(name, each.place)) for name, each in application.workloads.items()]
    named += [
        (f"resources.{name}.workloads", each)
        for name, resource in application.common.resources.items()
        for each in resource.workloads or ()
    ]
    named += [(f"jobs.{name}.workload", each.workload) for name, each in application.jobs.items()]
    for path, name in named:
        if not name.value:
            if len(workloads) != 1:
                hint = (
                    "say which of the workloads it belongs to"
                    if workloads
                    else "a job runs as a workload does: add one"
                )
                findings.add(name.place.problem(f"{path} is missing", hint))
        elif name.value not in workloads:
            message = f"{path}: no Score file has the metadata.name {name.value!r}"
            findings.add(name.place.problem(message, nearest(name.value, workloads)))


def check_jobs(application: Application, workloads: Collection[str], findings: Findings) -> None:
    """A job's log and runs are found by its name, as a workload's are."""
    for name, job in application.jobs.items():
        if name in workloads:
            findings.add(job.place.problem(f"jobs.{name}: there is a workload of that name", "give the job its own"))


def check_shared(holders: Iterable[Workload], findings: Findings) -> None:
    """Definitions of one shared resource agree where both say something."""
    first: dict[tuple[str, str], WorkloadResource] = {}
    shared = [(holder, each) for holder in holders for each in holder.resources.values() if each.id is not None]
    for holder, resource in shared:
        for what in ("params", "metadata"):
            if not (mine := getattr(resource, what)):
                continue
            other = first.setdefault((resource.uid(holder.name), what), resource)
            if getattr(other, what) != mine:
                place = f"{other.place.file}:{other.place.line}"
                message = f"resources.{resource.name} shares the id {resource.id!r} with {place} but has other {what}"
                findings.add(resource.place.problem(message, "make them equal, or leave them out in one place"))
