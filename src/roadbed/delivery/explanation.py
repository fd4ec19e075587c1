"""Why an application is compiled to what it is: for each resource, variable, file and volume, which file and line,
default, provisioner or setting gave it. Pure; no value of a secret is in it.

A `place` is `file:line`, null where no file says it. `value` is the text that is known before an apply; null for a
secret, and for what is known only then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from roadbed.delivery.explained_contents import explained_files, explained_volumes
from roadbed.delivery.explained_references import shown
from roadbed.delivery.explained_variables import ExplainedVariables
from roadbed.delivery.priming import Primed, primed
from roadbed.delivery.surroundings import Surroundings
from roadbed.delivery.variables import Variables, with_settings
from roadbed.kit.errors import Problem
from roadbed.workload.declared import ApplicationSource, DeclaredWorkload


def explain(
    source: ApplicationSource, answer: Mapping[str, Any], around: Surroundings, recorded: Iterable[Problem] = ()
) -> dict[str, Any]:
    """`answer` is that of the provisioners, `recorded` what this machine does nothing about.

    See `ExplanationOut` for the shape.
    """
    wanted = primed(source)
    idle = (*source.problems, *recorded, *noted(answer))
    variables = ExplainedVariables(source, Variables(source, around, with_settings(answer["outputs"], source, around)))
    return {
        "application": source.name,
        "environment": around.stack.environment,
        "workloads": [_workload(each, around, variables, wanted) for each in source.workloads.values()],
        "resources": [_resource(one, answer, source) for one in wanted.values()],
        "not_in_force": [_said(each) for each in idle],
        "removed": [_said(each) for each in source.removed],
    }


def _said(problem: Problem) -> dict[str, Any]:
    return {"message": problem.message, "file": problem.file, "line": problem.line}


def noted(answer: Mapping[str, Any]) -> tuple[Problem, ...]:
    """What the provisioners say of params that they do nothing about."""
    return tuple(
        Problem(each["message"], file=each.get("file"), line=each.get("line")) for each in answer.get("notes", ())
    )


def _workload(
    declared: DeclaredWorkload, around: Surroundings, variables: ExplainedVariables, wanted: Mapping[str, Primed]
) -> dict[str, Any]:
    workload = declared.workload
    return {
        "name": workload.name,
        "place": shown(workload.place),
        "replicas": _replicas(declared, around),
        "containers": [
            {
                "name": container.name,
                "place": shown(container.place),
                "variables": variables.of(workload, container),
                "files": list(explained_files(declared, container)),
                "volumes": list(explained_volumes(workload, container, wanted)),
            }
            for container in workload.containers.values()
        ],
    }


def _replicas(declared: DeclaredWorkload, around: Surroundings) -> dict[str, Any]:
    settings = declared.settings
    if (chosen := around.settings.scale.get(declared.workload.name)) is not None:
        return {"value": chosen, "layer": "scale", "place": None}
    if settings is not None and settings.replicas is not None:
        return {"value": settings.replicas, "layer": "roadbed.yaml", "place": shown(settings.replicas_place)}
    return {"value": 1, "layer": "default", "place": None}


def _resource(one: Primed, answer: Mapping[str, Any], source: ApplicationSource) -> dict[str, Any]:
    resource = one.resource
    return {
        "uid": one.uid,
        "type": resource.type,
        "class": resource.class_name,
        "id": resource.id,
        "workloads": _used_by(one, source),
        "declared": _declared(one, source),
        "params": dict(resource.params),
        "provisioner": answer["provisioners"].get(one.uid),
        "outputs": sorted(answer["outputs"][one.uid]),
        "made": answer["made"].get(one.uid, []),
    }


def _used_by(one: Primed, source: ApplicationSource) -> list[str]:
    """The workloads that ask for it, and those that get its variables."""
    shared = [each for each in source.common.resources.values() if each.uid("") == one.uid]
    asking = {each.name for each in one.askers}
    return sorted(name for name in source.workloads if name in asking or any(each.reaches(name) for each in shared))


def _declared(one: Primed, source: ApplicationSource) -> list[str]:
    """Every place that asks for it, the one whose params it has first."""
    places = [
        each.place
        for holder in (one.holder, *one.askers, source.common)
        for each in holder.resources.values()
        if each.uid(holder.name) == one.uid
    ]
    return list(dict.fromkeys(place.shown for place in places))
