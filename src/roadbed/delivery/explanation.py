"""Why an application is compiled to what it is: for each resource and variable, which file and line, default,
provisioner or setting gave it. Pure; no value of a secret is in it.

A `place` is `file:line`, null where no file says it. `value` is the text that is known before an apply; null for a
secret, and for what is known only then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from roadbed.delivery.at_start import told_at_start
from roadbed.delivery.priming import Primed, primed
from roadbed.delivery.surroundings import Surroundings
from roadbed.delivery.variables import Given, Variables, with_settings
from roadbed.kit.errors import Problem
from roadbed.workload.document import Place
from roadbed.workload.domain import Container, Workload
from roadbed.workload.placeholders import Reference, as_text, metadata_value, parse
from roadbed.workload.source import ApplicationSource, DeclaredWorkload


def explain(
    source: ApplicationSource, answer: Mapping[str, Any], around: Surroundings, recorded: Iterable[Problem] = ()
) -> dict[str, Any]:
    """`answer` is that of the provisioners, `recorded` what this machine does nothing about.

    See `ExplanationOut` for the shape.
    """
    wanted = primed(source)
    idle = (*source.problems, *recorded, *noted(answer))
    variables = Variables(source, around, with_settings(answer["outputs"], source, around))
    return {
        "application": source.name,
        "environment": around.stack.environment,
        "workloads": [_workload(each, around, variables, source) for each in source.workloads.values()],
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
    declared: DeclaredWorkload, around: Surroundings, variables: Variables, source: ApplicationSource
) -> dict[str, Any]:
    workload = declared.workload
    return {
        "name": workload.name,
        "place": _shown(workload.place),
        "replicas": _replicas(declared, around),
        "containers": [
            {
                "name": container.name,
                "place": _shown(container.place),
                "variables": _variables(workload, container, variables, source),
            }
            for container in workload.containers.values()
        ],
    }


def _replicas(declared: DeclaredWorkload, around: Surroundings) -> dict[str, Any]:
    settings = declared.settings
    if (chosen := around.settings.scale.get(declared.workload.name)) is not None:
        return {"value": chosen, "layer": "scale", "place": None}
    if settings is not None and settings.replicas is not None:
        return {"value": settings.replicas, "layer": "roadbed.yaml", "place": _shown(settings.replicas_place)}
    return {"value": 1, "layer": "default", "place": None}


def _variables(
    workload: Workload, container: Container, variables: Variables, source: ApplicationSource
) -> list[dict[str, Any]]:
    """By name; each with the layers that it lies over, the nearest first. One that no layer has a value for is there,
    too: whoever looks for it finds why.
    """
    layers: dict[str, list[Given]] = {}
    for given in (*_unless_said(workload), *variables.layers(workload, container), *_at_start(workload)):
        layers.setdefault(given.name, []).insert(0, given)
    for given in variables.left_out(workload, container):
        layers.setdefault(given.name, [given])
    return [
        {
            "name": name,
            **_given(said[0], workload, source),
            "over": [{"layer": each.layer, "place": _shown(each.place)} for each in said[1:]],
        }
        for name, said in sorted(layers.items())
    ]


def _unless_said(workload: Workload) -> list[Given]:
    """Below all layers: where a replica is to listen, if nothing else says so."""
    return [Given("HOST", "127.0.0.1", "platform")] if workload.ports else []


def _at_start(workload: Workload) -> Iterator[Given]:
    """Over all layers: `written` is what the replica is told, in words."""
    for name, said in told_at_start(workload).items():
        yield Given(name, said, "start") if name == "HOME" else Given(name, None, "start", written=f"({said})")


def _given(given: Given, workload: Workload, source: ApplicationSource) -> dict[str, Any]:
    holder = workload if given.layer == "score" else source.common
    return {
        "value": given.value if isinstance(given.value, str) else None,
        "secret": isinstance(given.value, Mapping) and "$secret" in given.value,
        "layer": given.layer,
        "place": _shown(given.place),
        "written": given.written,
        "left_out": given.left_out,
        "refers": list(_refers(given, holder)),
    }


def _refers(given: Given, holder: Workload) -> Iterator[dict[str, str | None]]:
    """Each placeholder, with the resource's UID and output, or the text of the metadata."""
    if given.written is None or given.layer == "start":
        return
    if given.uid is not None:
        yield {"placeholder": given.written, "uid": given.uid, "output": given.output, "value": None}
        return
    for reference in parse(given.written, Place("", 1, 1)).references:
        yield {"placeholder": f"${{{reference.text}}}", **_referred(reference, holder)}


def _referred(reference: Reference, holder: Workload) -> dict[str, str | None]:
    if reference.root == "metadata":
        return {"uid": None, "output": None, "value": as_text(metadata_value(holder.metadata, reference))}
    uid = holder.resources[reference.path[0]].uid(holder.name)
    return {"uid": uid, "output": ".".join(reference.path[1:]) or None, "value": None}


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
        "made": _made(answer["graph"]["resources"], resource.place),
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


def _made(resources: Sequence[Mapping[str, Any]], place: Place) -> list[str]:
    """The URNs of what was declared for the request at this place."""
    here = {"file": place.file, "line": place.line}
    return [each["urn"] for each in resources if each.get("source") == here]


def _shown(place: Place | None) -> str | None:
    return place.shown if place else None
