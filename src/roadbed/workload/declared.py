"""An application as the files of its source tree declare it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from roadbed.kit.errors import InvalidInput, Problem
from roadbed.workload.application_domain import BuildSettings, WorkloadSettings
from roadbed.workload.document import Place
from roadbed.workload.domain import Text, Workload
from roadbed.workload.files import APPLICATION_FILES
from roadbed.workload.jobs import JobSettings

NOTHING = Workload("", APPLICATION_FILES[0], Place(APPLICATION_FILES[0], 1, 1), {}, {})
"""What an application without `roadbed.yaml` has for all its workloads."""


@dataclass(frozen=True, slots=True)
class DeclaredWorkload:
    """A workload, what `roadbed.yaml` adds to it, and the contents of the files that its Score file names."""

    workload: Workload
    settings: WorkloadSettings | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ApplicationSource:
    """An application as its source tree declares it for one environment.

    `owner` is a group's reference, None when no file names one; `owner_place` is where `roadbed.yaml` does. `entity` is
    the Component of `catalog-info.yaml`, unchecked: the catalog judges it. `problems` are no errors: what was read and
    is not in force here; nor are `removed`: what the environment's layer takes away. `program`: there is a `roadbed.py`
    that declares more, or all of it. `common`, `variables`, `environments` and `jobs` are those of `roadbed.yaml`: what
    belongs to all workloads, and what runs by the clock.
    """

    name: str
    owner: str | None
    workloads: Mapping[str, DeclaredWorkload]
    description: str | None = None
    system: str | None = None
    entity: Mapping[str, Any] | None = None
    common: Workload = field(default=NOTHING)
    variables: Mapping[str, Text] = field(default_factory=dict)
    environments: Mapping[str, Place] = field(default_factory=dict)
    jobs: Mapping[str, JobSettings] = field(default_factory=dict)
    build: BuildSettings = field(default_factory=BuildSettings)
    problems: tuple[Problem, ...] = ()
    removed: tuple[Problem, ...] = ()
    program: bool = False
    owner_place: Place | None = None


class NoScoreFile(InvalidInput):
    """No file says what to run, by which the tree itself may be asked."""
