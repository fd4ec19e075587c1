"""application × environment → graph document. Pure: the platform team's provisioners run between its two halves.

`provision_request` says what the provisioners are asked for, `assemble` puts their answer and the workloads together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from roadbed.delivery.expansion import OutputNodes, Outputs, expand, expand_text
from roadbed.delivery.priming import Primed, primed
from roadbed.delivery.surroundings import Surroundings
from roadbed.delivery.variables import Variables, declared_variables, with_settings
from roadbed.delivery.workload_resources import workload_resources
from roadbed.kit.errors import Findings, InvalidInput
from roadbed.sdk.graph import VERSION, urn
from roadbed.workload.declared import ApplicationSource
from roadbed.workload.document import Place
from roadbed.workload.domain import Text, Workload


def provision_request(source: ApplicationSource, around: Surroundings) -> dict[str, Any]:
    """The request for `roadbed.sdk.host`, each resource after those that its params refer to."""
    workloads = sorted(source.workloads)
    return {
        "version": VERSION,
        "kind": "provision",
        "stack": str(around.stack),
        "application": source.name,
        "environment": around.stack.environment,
        "environment_kind": around.kind,
        "owner": around.owner,
        "variables": declared_variables(source, around),
        "services": {name: _ports(source.workloads[name].workload) for name in workloads},
        "requests": [_provision_entry(one, workloads) for one in primed(source).values()],
    }


def declare_request(around: Surroundings) -> dict[str, Any]:
    """The request for `roadbed.sdk.host` that runs the application's `roadbed.py`."""
    return {
        "stack": str(around.stack),
        "environment": around.stack.environment,
        "environment_kind": around.kind,
        "owner": around.owner,
    }


def _provision_entry(one: Primed, workloads: list[str]) -> dict[str, Any]:
    resource, place = one.resource, one.resource.place
    asker = one.askers[0] if one.askers else one.holder
    return {
        "uid": one.uid,
        "type": resource.type,
        "class": resource.class_name,
        "id": resource.id,
        "name": resource.name if resource.id is None else resource.id.replace(".", "-"),
        "workload": asker.name,
        "workloads": workloads,
        "ports": _ports(asker),
        "params": expand(dict(resource.params), one.holder, Text("", place), OutputNodes(one.holder)),
        "places": {name: _place(each) for name, each in resource.param_places.items()},
        "source": _place(place),
    }


def _place(place: Place) -> dict[str, str | int]:
    return {"file": place.file, "line": place.line, "column": place.column}


def _ports(workload: Workload) -> dict[str, dict[str, int]]:
    return {name: {"port": port.port, "target_port": port.target_port} for name, port in workload.ports.items()}


def assemble(
    source: ApplicationSource,
    answer: Mapping[str, Any],
    around: Surroundings,
    program: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The whole graph document: what provisioners and the application's program declared, its workloads, and the
    catalog's component.
    """
    program = program or {"resources": []}
    resources = [*answer["graph"]["resources"], *program["resources"]]
    given = with_settings(answer["outputs"], source, around)
    _check_references(source, given)
    variables = Variables(source, around, given)
    workloads = list(source.workloads.values())
    resources += workload_resources(workloads, source.jobs.values(), around, given, variables)
    resources.append(_component(source, around))
    document = {"version": VERSION, "stack": str(around.stack), "resources": resources}
    return {**document, **{word: program[word] for word in ("exports", "export_sources") if program.get(word)}}


def _check_references(source: ApplicationSource, given: Mapping[str, Mapping[str, Any]]) -> None:
    """Raises InvalidInput with every placeholder that refers to no output."""
    findings = Findings()
    for holder, text, lenient in _texts(source):
        try:
            expand_text(text, holder, Outputs(holder, given, lenient=lenient))
        except InvalidInput as error:
            findings.add(error.problem)
    findings.raise_if_any(source.name)


def _texts(source: ApplicationSource) -> Iterator[tuple[Workload, Text, bool]]:
    """Every text with placeholders, whose words it is in, and whether a variable may be missing in it."""
    yield from ((source.common, text, True) for text in source.variables.values())
    for declared in source.workloads.values():
        for container in declared.workload.containers.values():
            yield from ((declared.workload, text, True) for text in container.variables.values())
            yield from ((declared.workload, each.source, False) for each in container.volumes.values())
            contents = (each.content for each in container.files.values() if not each.no_expand)
            yield from ((declared.workload, text, False) for text in contents if text is not None)


def _component(source: ApplicationSource, around: Surroundings) -> dict[str, Any]:
    name = source.name
    return {
        "urn": urn(str(around.stack), (), name, "catalog:Component"),
        "type": "catalog:Component",
        "name": name,
        "properties": {"entity": _entity(source, around), "generated": source.entity is None},
        "depends_on": [],
        "source": None,
    }


def _entity(source: ApplicationSource, around: Surroundings) -> dict[str, Any]:
    """The catalog file's component, completed from what is known, so that no deployed service is missing."""
    entity: Mapping[str, Any] = source.entity or {}
    metadata = {"name": source.name, "description": source.description, **entity.get("metadata", {})}
    spec = {
        "type": "service" if source.workloads else "infrastructure",
        "lifecycle": "production" if around.kind == "production" else "experimental",
        "owner": around.owner,
        "system": source.system,
        **entity.get("spec", {}),
    }
    if spec["owner"] is None:
        raise InvalidInput(f"{source.name} has no owner", hint="name one in roadbed.yaml: metadata.owner")
    return {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Component",
        "metadata": {key: value for key, value in metadata.items() if value is not None},
        "spec": {key: value for key, value in spec.items() if value is not None},
    }
