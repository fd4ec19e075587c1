"""Reads `roadbed.yaml`: what an application's team says that Score has no field for.

The file is one whole tree and a layer for each environment that differs. A layer is laid over the whole (see `layers`),
and what comes of it is checked as the file itself is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

from roadbed.kit.errors import Problem
from roadbed.workload import document
from roadbed.workload.application_form import APPLICATION, VARIABLES
from roadbed.workload.checks import check_references
from roadbed.workload.declarations import resource_from, texts
from roadbed.workload.document import Node, Place, plain, strings
from roadbed.workload.domain import Text, Workload
from roadbed.workload.forms import Field, Section
from roadbed.workload.jobs import JobSettings, job_of
from roadbed.workload.layers import Removed, layered, said_of
from roadbed.workload.overrides import Property
from roadbed.workload.parsing import parse_document
from roadbed.workload.reader import Fields, Reader

LAYERED = Section(
    {
        **APPLICATION.without(["environments"]).fields,
        "variables": Field(VARIABLES, "Variables of all workloads in the environment."),
    }
)
"""The file with the layer of one environment over it."""


@dataclass(frozen=True, slots=True)
class WorkloadSettings:
    """`release` is the command run once per release, said at `release_place`; `score` the file's path; `replicas` is
    `scale.min`, said at `replicas_place`.

    `overrides` are the paths of files laid over the Score file, `properties` what is set in it after them.
    """

    name: str
    place: Place
    score: str | None = None
    release: tuple[str, ...] = ()
    release_place: Place | None = None
    replicas: int | None = None
    replicas_place: Place | None = None
    overrides: tuple[Text, ...] = ()
    properties: tuple[Property, ...] = ()


@dataclass(frozen=True, slots=True)
class BuildSettings:
    """How the source tree is built. `commands` are argument lists, run in order in place of those that would be found;
    None leaves them to be found. `secrets` are the names of the variables that the commands are shown, `variables` are
    others with their values. With `network` the commands have it.
    """

    commands: tuple[tuple[str, ...], ...] | None = None
    secrets: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    network: bool = False


@dataclass(frozen=True, slots=True)
class Application:
    """The file as it holds in one environment.

    `common` holds what belongs to the application as a whole, for placeholders: its metadata and its resources.
    `variables` are the environment's for all workloads, `environments` those that the file has a layer for.
    `not_in_force` lists what was read and checked but that nothing acts upon yet: a plan shows it.
    `removed` says what the environment's layer takes away of the rest. `elsewhere` is what the layers of all
    environments make of the workloads: it is checked wherever the application is deployed.
    """

    common: Workload
    name: str | None = None
    owner: Text | None = None
    description: str | None = None
    system: str | None = None
    workloads: Mapping[str, WorkloadSettings] = field(default_factory=dict)
    build: BuildSettings = field(default_factory=BuildSettings)
    variables: Mapping[str, Text] = field(default_factory=dict)
    jobs: Mapping[str, JobSettings] = field(default_factory=dict)
    environments: Mapping[str, Place] = field(default_factory=dict)
    not_in_force: tuple[Problem, ...] = ()
    removed: tuple[Problem, ...] = ()
    elsewhere: tuple[Mapping[str, WorkloadSettings], ...] = ()


def read_application(text: str, *, file: str, environment: str | None = None) -> Application:
    """As `application_of` the text of a file."""
    return application_of(parse_document(text, file), file, environment)


def application_of(root: Node, file: str, environment: str | None = None) -> Application:
    """The file as a tree, with the layer of `environment` if it has one.

    Raises InvalidInput with everything that is wrong in the file, whichever environment it is read for.
    """
    reader = Reader()
    APPLICATION.check(reader, root, "")
    reader.findings.raise_if_any(file)
    fields = Fields(reader, cast("document.Mapping", root), "")
    base = _without_environments(fields.node)
    layers = fields.mapping("environments")
    whole = {name: layered(base, cast("document.Mapping", layer)) for name, layer, _ in layers.items()}
    for tree, where in ((base, ""), *((tree, f" in {name}") for name, (tree, _) in whole.items())):
        LAYERED.check(reader, tree, "")
        if not reader.findings.problems:
            _cross_check(Fields(reader, tree, ""), file, where)
    reader.findings.raise_if_any(file)
    chosen, removed = whole.get(environment or "", (base, ()))
    places = {name: layers.place(name) for name, _, _ in layers.items()}
    found = _application(Fields(reader, chosen, ""), file, places)
    others = (_workloads(Fields(reader, tree, "")) for tree, _ in whole.values())
    return replace(_without(found, removed, environment or ""), elsewhere=tuple(others))


def _without(application: Application, removed: tuple[Removed, ...], environment: str) -> Application:
    """With what a layer takes away, and with what it would if it were there."""
    said = [(one, one.place.problem(message)) for one, message in said_of(removed, environment)]
    return replace(
        application,
        removed=tuple(problem for one, problem in said if one.was is not None),
        not_in_force=(*application.not_in_force, *(problem for one, problem in said if one.was is None)),
    )


def _without_environments(root: document.Mapping) -> document.Mapping:
    return replace(root, entries={name: node for name, node in root.entries.items() if name != "environments"})


def _cross_check(fields: Fields, file: str, where: str) -> None:
    """`where` is the environment whose layer is in `fields`, as the end of a phrase; empty for none."""
    params = [scalar for _, each in _sections(fields, "resources") for scalar in strings(each.mapping("params").node)]
    written = [*(Text(str(each.value), each.place) for each in params), *_variables(fields).values()]
    check_references(_common(fields, file), fields.reader, written)
    for _, workload in _sections(fields, "workloads"):
        if scale := _section(workload, "scale"):
            _check_scale(scale, where)
        if rollout := _section(workload, "rollout"):
            _check_rollout(rollout, where)


def _check_scale(scale: Fields, where: str) -> None:
    low, high = scale.integer("min", 0, 100, 1), scale.integer("max", 1, 100, 100)
    if high < low:
        least = f" in {scale.place('min').file}:{scale.place('min').line}" if "min" in scale else ""
        message = f"{scale.path_of('max')} is below min{where}: {high} < {low}{least}"
        scale.reader.report(scale.place("max"), message, "raise max, or lower min")


def _check_rollout(rollout: Fields, where: str) -> None:
    """No steps are none, however that is said: a layer can't always leave them out."""
    if _items(rollout.get("steps")) and rollout.text("strategy") != "canary":
        message = f"{rollout.path_of('steps')}{where} are for the strategy canary"
        hint = "write `steps: []` there" if where else "write `strategy: canary`, or leave the steps out"
        rollout.reader.report(rollout.place("steps"), message, hint)


def _application(fields: Fields, file: str, environments: Mapping[str, Place]) -> Application:
    metadata = fields.mapping("metadata")
    return Application(
        common=_common(fields, file),
        name=metadata.optional_text("name"),
        owner=Text(metadata.text("owner"), metadata.place("owner")) if "owner" in metadata else None,
        description=metadata.optional_text("description"),
        system=metadata.optional_text("system"),
        workloads=_workloads(fields),
        build=_build(fields.mapping("build")),
        variables=_variables(fields),
        jobs={name: job_of(name, job, fields.mapping("jobs").place(name)) for name, job in _sections(fields, "jobs")},
        environments=environments,
        not_in_force=tuple(LAYERED.later(fields.node, "")),
    )


def _common(fields: Fields, file: str) -> Workload:
    return Workload(
        name="",
        file=file,
        place=fields.node.place,
        metadata=plain(fields.mapping("metadata").node),
        containers={},
        resources={
            name: resource_from(name, each, fields.mapping("resources").place(name))
            for name, each in _sections(fields, "resources")
        },
    )


def _variables(fields: Fields) -> dict[str, Text]:
    return {name: Text(str(plain(node)), node.place) for name, node, _ in fields.mapping("variables").items()}


def _workloads(fields: Fields) -> dict[str, WorkloadSettings]:
    return {name: _workload(name, each, fields) for name, each in _sections(fields, "workloads")}


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
    lines = None if commands is None else tuple(_command(plain(item)) for item in _items(commands))
    variables = {name: text.value for name, text in _variables(fields).items()}
    return BuildSettings(lines, fields.words("secrets"), variables, network=fields.flag("network"))


def _command(given: Any) -> tuple[str, ...]:
    """A list of words, or a line for the shell."""
    return ("sh", "-c", given) if isinstance(given, str) else tuple(given)


def _section(fields: Fields, name: str) -> Fields | None:
    return fields.mapping(name) if name in fields else None


def _sections(fields: Fields, name: str) -> list[tuple[str, Fields]]:
    return [(key, fields.reader.mapping(node, path)) for key, node, path in fields.mapping(name).items()]


def _items(node: Node | None) -> list[Node]:
    return node.items if isinstance(node, document.Sequence) else []
