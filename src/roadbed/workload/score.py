"""Reads a Score file: `score.dev/v1b1`, every field of it, by the specification's own rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

from roadbed.kit.errors import Findings, InvalidInput
from roadbed.workload.application_form import DOTTED, TYPE_NAME
from roadbed.workload.checks import cross_check
from roadbed.workload.containers import read_containers
from roadbed.workload.document import Node, Scalar, plain, strings
from roadbed.workload.domain import Port, Workload, WorkloadResource
from roadbed.workload.older import modernise
from roadbed.workload.overrides import Property, merged, with_property
from roadbed.workload.parsing import parse_document
from roadbed.workload.reader import Fields, Reader

API_VERSION = "score.dev/v1b1"
_RESOURCE_FIELDS = ("type", "class", "id", "metadata", "params")


def read_score(
    text: str, *, file: str, overrides: Sequence[tuple[str, str]] = (), properties: Sequence[Property] = ()
) -> Workload:
    """The workload, with `overrides` (name and text of each file) and then `properties` laid over it.

    Raises InvalidInput with everything that is wrong, each with its file, line and column.
    """
    return read_tree(overridden(parse_document(text, file), overrides, properties), file=file)


def overridden(root: Node, overrides: Sequence[tuple[str, str]], properties: Sequence[Property]) -> Node:
    """Raises InvalidInput for a file that is no YAML, and for a path that can't be followed."""
    for name, text in overrides:
        root = merged(root, parse_document(text, name))
    findings = Findings()
    for each in properties:
        try:
            root = with_property(root, each)
        except InvalidInput as error:
            findings.add(error.problem)
    findings.raise_if_any("the overrides")
    return root


def read_tree(tree: Node, *, file: str, runs_images: bool = True, has: Callable[[str], bool] | None = None) -> Workload:
    """As `read_score`, of what was parsed and overridden before.

    Without `runs_images` every container must be built from the source tree. With `has`, which is asked by their paths
    relative to the Score file, the files that it names must be there.
    """
    reader = Reader(runs_images=runs_images, has=has)
    root = modernise(tree, reader.report)
    known = ("apiVersion", "metadata", "service", "containers", "resources")
    fields = reader.section(root, "", known, ("apiVersion", "metadata", "containers"))
    fields.choice("apiVersion", (API_VERSION,), API_VERSION)
    workload = Workload(
        name=_metadata_name(fields),
        file=file,
        place=root.place,
        metadata=_metadata(fields),
        containers=read_containers(fields),
        ports=_ports(fields),
        resources=_resources(fields),
    )
    cross_check(workload, reader, _param_texts(fields))
    reader.findings.raise_if_any(file)
    return workload


def _metadata_name(fields: Fields) -> str:
    metadata = fields.mapping("metadata")
    if "metadata" in fields and "name" not in metadata:
        fields.reader.report(metadata.node.place, "metadata.name is missing", "add `name:` with the workload's name")
    return metadata.label("name")


def _metadata(fields: Fields) -> dict[str, Any]:
    metadata = fields.mapping("metadata")
    _annotations(metadata)
    return cast("dict[str, Any]", plain(metadata.node))


def _annotations(metadata: Fields) -> None:
    for _, node, path in metadata.mapping("annotations").items():
        metadata.reader.text(node, path)


def _ports(fields: Fields) -> dict[str, Port]:
    service = fields.section("service", ("ports",))
    if service is None:
        return {}
    found = {}
    problems = fields.reader.findings.problems
    for name, port in service.mapping("ports").sections(("port", "targetPort", "protocol"), ("port",)):
        count = len(problems)
        number = port.integer("port", 1, 65535, 1)
        protocol = port.choice("protocol", ("TCP", "UDP"), "TCP")
        target = port.integer("targetPort", 1, 65535, number)
        if len(problems) == count:  # what is wrong itself is compared with no other
            found[name] = Port(number, target, "UDP" if protocol == "UDP" else "TCP", port.node.place)
    return found


def _resources(fields: Fields) -> dict[str, WorkloadResource]:
    return {
        name: _resource(name, resource)
        for name, resource in fields.mapping("resources").sections(_RESOURCE_FIELDS, ("type",))
    }


def _resource(name: str, fields: Fields) -> WorkloadResource:
    metadata = fields.mapping("metadata")
    _annotations(metadata)
    return WorkloadResource(
        name=name,
        type=fields.matching("type", TYPE_NAME, "letters, digits, hyphens and dots, as in postgres") or "",
        place=fields.node.place,
        class_name=fields.matching("class", TYPE_NAME, "letters, digits, hyphens and dots") or "default",
        id=fields.matching("id", DOTTED, "labels separated by dots, as in shared.orders-db") or None,
        metadata=plain(metadata.node),
        params=plain(fields.mapping("params").node),
        param_places=fields.mapping("params").node.key_places,
    )


def _param_texts(fields: Fields) -> list[Scalar]:
    """Every text in the params of every resource, with its place."""
    resources = fields.mapping("resources").sections(_RESOURCE_FIELDS)
    return [scalar for _, resource in resources for scalar in strings(resource.mapping("params").node)]
