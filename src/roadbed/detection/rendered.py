"""A detection → the files that say the same: Score files, `roadbed.yaml`, `catalog-info.yaml`. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

from roadbed.detection.domain import Detection, Evidence, Process
from roadbed.detection.evidence import because, printable
from roadbed.detection.listening import as_words
from roadbed.detection.score_file import score_file
from roadbed.detection.yaml_text import Noted, document
from roadbed.workload.files import API_VERSION, KIND

APPLICATION_FILE, CATALOG_FILE, REQUIREMENTS_FILE = "roadbed.yaml", "catalog-info.yaml", "requirements.txt"
_DOMAIN = re.compile(r"(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")


def rendered(found: Detection, needs: Collection[str] = ()) -> dict[str, str]:
    """By path. `needs` are the names of those that were accepted."""
    files = {path: score_file(found, process, needs) for path, process in score_paths(found).items()}
    if found.requirements:
        said = "# What the code imports, and what serves it. Versions that are tried together belong here."
        files[REQUIREMENTS_FILE] = "\n".join((said, *found.requirements)) + "\n"
    return {**files, APPLICATION_FILE: _application(found), CATALOG_FILE: _catalog(found)}


def score_paths(found: Detection) -> dict[str, Process]:
    """One Score file at the root, or several in a folder. What runs by the clock only is no workload."""
    running = {name: process for name, process in found.processes.items() if process.schedule is None}
    if len(running) == 1:
        return {"score.yaml": next(iter(running.values()))}
    return {f"score/{name}.yaml": process for name, process in running.items()}


def _application(found: Detection) -> str:
    workloads = {process.name: _workload(path, process) for path, process in score_paths(found).items()}
    jobs = dict(_jobs(found))
    return document(
        {
            "apiVersion": API_VERSION,
            "kind": KIND,
            "metadata": {"name": found.name, **_description(found)},
            **({"build": _build(found)} if found.build else {}),
            **({"workloads": workloads} if workloads else {}),
            **({"jobs": jobs} if jobs else {}),
        },
        ("What Score has no field for.",),
    )


def _build(found: Detection) -> dict[str, Any]:
    given = {
        name: Noted(variable.value, (because(Evidence(variable.place)),))
        for name, variable in found.build_variables.items()
    }
    network = {"network": True} if found.build_network else {}
    return {"commands": list(found.build), **network, **({"variables": given} if given else {})}


def _workload(path: str, process: Process) -> dict[str, Any]:
    content: dict[str, Any] = {"score": path}
    if process.release:
        comments = (because(Evidence(process.release_place)),) if process.release_place else ()
        content["release"] = Noted(as_words(process.release, process.folder), comments)
    if process.replicas is not None:
        content["scale"] = {"min": process.replicas}
    if domains := [domain for domain in process.domains if _DOMAIN.fullmatch(domain)]:
        content["domains"] = domains
    return content


def _jobs(found: Detection) -> Iterator[tuple[str, Any]]:
    """Each runs with the files and variables of a workload: the first."""
    workloads = list(score_paths(found).values())
    for process in found.processes.values():
        if process.schedule is not None and process.command is not None:
            job = {
                "schedule": process.schedule,
                "command": as_words(process.command, process.folder),
                **({"workload": workloads[0].name} if workloads else {}),
            }
            yield process.name, Noted(job, tuple(because(one) for one in process.evidence))


def _catalog(found: Detection) -> str:
    static = all(process.publish is not None for process in found.processes.values())
    return document(
        {
            "apiVersion": "backstage.io/v1alpha1",
            "kind": "Component",
            "metadata": {"name": found.name, **_description(found)},
            "spec": {"type": "website" if static else "service", "lifecycle": "experimental"},
        },
        (
            "What it is, for the catalog. Its owner is whoever deploys it first, unless `spec` says",
            "`owner: group:default/your-team`.",
        ),
    )


def _description(found: Detection) -> dict[str, str]:
    text = " ".join(printable(found.description or "").split())
    return {"description": text} if text else {}
