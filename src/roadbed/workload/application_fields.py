"""The fields of a `roadbed.yaml` that was checked → what they say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from roadbed.workload import document
from roadbed.workload.application_domain import Application, BuildSettings, WorkloadSettings
from roadbed.workload.application_form import LAYERED
from roadbed.workload.declarations import resource_from, texts
from roadbed.workload.document import Node, Place, plain
from roadbed.workload.domain import Text, Workload
from roadbed.workload.jobs import job_of
from roadbed.workload.overrides import Property
from roadbed.workload.reader import Fields


def application_from(fields: Fields, file: str, environments: Mapping[str, Place]) -> Application:
    metadata = fields.mapping("metadata")
    return Application(
        common=common_of(fields, file),
        name=metadata.optional_text("name"),
        owner=Text(metadata.text("owner"), metadata.place("owner")) if "owner" in metadata else None,
        description=metadata.optional_text("description"),
        system=metadata.optional_text("system"),
        workloads=workloads_of(fields),
        build=_build(fields.mapping("build")),
        variables=variables_of(fields),
        jobs={name: job_of(name, job, fields.mapping("jobs").place(name)) for name, job in sections(fields, "jobs")},
        environments=environments,
        not_in_force=tuple(LAYERED.later(fields.node, "")),
    )


def common_of(fields: Fields, file: str) -> Workload:
    return Workload(
        name="",
        file=file,
        place=fields.node.place,
        metadata=plain(fields.mapping("metadata").node),
        containers={},
        resources={
            name: resource_from(name, each, fields.mapping("resources").place(name))
            for name, each in sections(fields, "resources")
        },
    )


def variables_of(fields: Fields) -> dict[str, Text]:
    return {name: Text(str(plain(node)), node.place) for name, node, _ in fields.mapping("variables").items()}


def workloads_of(fields: Fields) -> dict[str, WorkloadSettings]:
    return {name: _workload(name, each, fields) for name, each in sections(fields, "workloads")}


def _workload(name: str, fields: Fields, whole: Fields) -> WorkloadSettings:
    scale, properties = fields.mapping("scale"), fields.mapping("properties")
    return WorkloadSettings(
        name=name,
        place=whole.mapping("workloads").place(name),
        score=fields.optional_text("score"),
        release=fields.words("release"),
        release_place=fields.place("release") if "release" in fields else None,
        replicas=scale.integer("min", 0, 100, 1) if "min" in scale else None,
        replicas_place=scale.place("min") if "min" in scale else None,
        overrides=texts(fields.get("overrides")),
        properties=tuple(Property(key, _value(node), properties.place(key)) for key, node, _ in properties.items()),
    )


def _value(node: Node) -> Node | None:
    return None if plain(node) is None else node


def _build(fields: Fields) -> BuildSettings:
    commands = fields.get("commands")
    lines = None if commands is None else tuple(_command(plain(item)) for item in items(commands))
    variables = {name: text.value for name, text in variables_of(fields).items()}
    return BuildSettings(lines, fields.words("secrets"), variables, network=fields.flag("network"))


def _command(given: Any) -> tuple[str, ...]:
    """A list of words, or a line for the shell."""
    return ("sh", "-c", given) if isinstance(given, str) else tuple(given)


def section(fields: Fields, name: str) -> Fields | None:
    return fields.mapping(name) if name in fields else None


def sections(fields: Fields, name: str) -> list[tuple[str, Fields]]:
    return [(key, fields.reader.mapping(node, path)) for key, node, path in fields.mapping(name).items()]


def items(node: Node | None) -> list[Node]:
    return node.items if isinstance(node, document.Sequence) else []
