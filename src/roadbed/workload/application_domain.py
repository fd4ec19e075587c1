"""What `roadbed.yaml` says, as it holds in one environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from roadbed.kit.errors import Problem
from roadbed.workload.document import Place
from roadbed.workload.domain import Text, Workload
from roadbed.workload.jobs import JobSettings
from roadbed.workload.overrides import Property


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
