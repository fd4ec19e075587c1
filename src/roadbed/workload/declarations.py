"""A resource of `roadbed.yaml` by itself: read from a mapping, and written as one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

from roadbed.workload import document
from roadbed.workload.application_form import RESOURCE
from roadbed.workload.document import Place
from roadbed.workload.domain import Text, WorkloadResource
from roadbed.workload.forms import LABELS
from roadbed.workload.parsing import parse_document
from roadbed.workload.reader import Fields, Reader

WRITTEN_BY_HAND = 0
"""The line of a place that is in no file: what somebody set."""


def declaration_of(resource: WorkloadResource) -> dict[str, Any]:
    """As it would stand in the file, without what is said by saying nothing. Equal ones declare the same."""
    said: dict[str, Any] = {"type": resource.type}
    if resource.class_name != "default":
        said["class"] = resource.class_name
    if resource.id not in (None, resource.name):
        said["id"] = resource.id
    if resource.params:
        said["params"] = dict(resource.params)
    if resource.workloads is not None:
        said["workloads"] = [each.value for each in resource.workloads]
    if resource.prefix is not None:
        said["prefix"] = resource.prefix
    return said


def read_declaration(name: str, declared: Mapping[str, Any], *, file: str) -> WorkloadResource:
    """What `resources.<name>` would be in a file. Raises InvalidInput with all that is wrong in it.

    `file` is what is said in place of a file's name.
    """
    reader = Reader()
    root = parse_document(json.dumps({name: dict(declared)}, ensure_ascii=False), file)
    nowhere = Place(file, WRITTEN_BY_HAND, WRITTEN_BY_HAND)
    _move(root, nowhere)
    LABELS.check(reader, document.Scalar(nowhere, name, name), "resources: the name")
    own = cast("document.Mapping", root).entries[name]
    RESOURCE.check(reader, own, f"resources.{name}")
    reader.findings.raise_if_any(file)
    return resource_from(name, reader.mapping(own, f"resources.{name}"), nowhere)


def resource_from(name: str, fields: Fields, place: Place) -> WorkloadResource:
    """From a mapping that was checked."""
    listed = fields.get("workloads")
    return WorkloadResource(
        name=name,
        type=fields.text("type"),
        place=place,
        class_name=fields.text("class", "default"),
        id=fields.text("id", name),
        params=document.plain(fields.mapping("params").node),
        param_places=fields.mapping("params").node.key_places,
        workloads=texts(listed) if listed is not None else None,
        prefix=fields.optional_text("prefix"),
    )


def texts(node: document.Node | None) -> tuple[Text, ...]:
    items = node.items if isinstance(node, document.Sequence) else ()
    return tuple(Text(str(document.plain(item)), item.place) for item in items)


def _move(node: document.Node, place: Place) -> None:
    node.place = place
    if isinstance(node, document.Mapping):
        node.key_places = dict.fromkeys(node.key_places, place)
        for child in node.entries.values():
            _move(child, place)
    elif isinstance(node, document.Sequence):
        for child in node.items:
            _move(child, place)
