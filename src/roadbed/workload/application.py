"""Reads `roadbed.yaml`: what an application's team says that Score has no field for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from roadbed.kit.errors import Problem
from roadbed.workload.document import Node, Place, Scalar, parse_document, plain
from roadbed.workload.reader import Fields, Reader

API_VERSION, KIND = "roadbed.dev/v1", "Application"
STRATEGIES = ("rolling", "blue-green", "canary")

_WORKLOAD_FIELDS = ("score", "release", "scale", "rollout", "domains")
_DURATION = re.compile(r"\d{1,6}(?:ms|s|m|h)")
_DOMAIN = re.compile(r"(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
_OWNER = re.compile(r"(?:[a-z]+:)?(?:[a-z0-9-]+/)?[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?")
_CRON_FIELD = r"[0-9A-Za-z*/,\-?LW#]+"
_SCHEDULE = re.compile(rf"@(?:hourly|daily|weekly|monthly|yearly)|{_CRON_FIELD}(?: +{_CRON_FIELD}){{4}}")


@dataclass(frozen=True, slots=True)
class WorkloadSettings:
    """`release` is the command run once per release; `score` the file's path; `replicas` is `scale.min`."""

    name: str
    place: Place
    score: str | None = None
    release: tuple[str, ...] = ()
    replicas: int | None = None


@dataclass(frozen=True, slots=True)
class BuildSettings:
    """How the source tree is built. `commands` are argument lists, run in order in place of those that would be found;
    None leaves them to be found. `secrets` are the names of the variables that the commands are shown.
    """

    commands: tuple[tuple[str, ...], ...] | None = None
    secrets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Application:
    """`not_in_force` lists the fields that were read and checked but that nothing acts upon yet: a plan shows them.

    `declared` is the whole file as plain values.
    """

    file: str
    name: str | None
    owner: str | None
    description: str | None
    system: str | None
    workloads: Mapping[str, WorkloadSettings] = field(default_factory=dict)
    build: BuildSettings = BuildSettings()
    not_in_force: tuple[Problem, ...] = ()
    declared: Mapping[str, Any] = field(default_factory=dict)


def read_application(text: str, *, file: str) -> Application:
    """Raises InvalidInput with everything that is wrong in the file."""
    reader = _ApplicationReader()
    root = parse_document(text, file)
    known = ("apiVersion", "kind", "metadata", "workloads", "build", "jobs", "resources", "environments")
    fields = reader.section(root, "", known, ("apiVersion", "kind"))
    fields.choice("apiVersion", (API_VERSION,), API_VERSION)
    fields.choice("kind", (KIND,), KIND)
    metadata = fields.section("metadata", ("name", "owner", "description", "system"))
    application = Application(
        file=file,
        name=metadata.label("name") or None if metadata else None,
        owner=metadata.matching("owner", _OWNER, "a group: group:default/payments") if metadata else None,
        description=metadata.optional_text("description") if metadata else None,
        system=metadata.matching("system", _OWNER, "the name of a system") if metadata else None,
        workloads=reader.workloads(fields),
        build=reader.build(fields),
        not_in_force=tuple(reader.rest(fields)),
        declared=plain(fields.node),
    )
    reader.findings.raise_if_any(file)
    return application


class _ApplicationReader(Reader):
    def __init__(self) -> None:
        super().__init__()
        self.not_in_force: list[Problem] = []

    def later(self, fields: Fields, name: str) -> None:
        if name in fields:
            path = fields.path_of(name)
            self.not_in_force.append(fields.place(name).problem(f"{path} is not in force here yet"))

    def workloads(self, fields: Fields) -> dict[str, WorkloadSettings]:
        sections = fields.mapping("workloads").sections(_WORKLOAD_FIELDS)
        return {name: self.workload(name, section) for name, section in sections}

    def workload(self, name: str, fields: Fields) -> WorkloadSettings:
        self.later(fields, "rollout")
        self.later(fields, "domains")
        self._rollout(fields)
        self._domains(fields)
        return WorkloadSettings(
            name, fields.node.place, fields.optional_text("score"), fields.words("release"), self._scale(fields)
        )

    def build(self, fields: Fields) -> BuildSettings:
        build = fields.section("build", ("commands", "secrets"))
        if build is None:
            return BuildSettings()
        return BuildSettings(self._build_commands(build), build.words("secrets"))

    def _build_commands(self, build: Fields) -> tuple[tuple[str, ...], ...] | None:
        if (commands := build.get("commands")) is None:
            return None
        return tuple(self._command(node, path) for node, path in self.sequence(commands, build.path_of("commands")))

    def _command(self, node: Node, path: str) -> tuple[str, ...]:
        """A list of words, or a line for the shell."""
        if isinstance(node, Scalar):
            return ("sh", "-c", self.text(node, path, empty=False))
        return self.words(node, path)

    def rest(self, fields: Fields) -> list[Problem]:
        """Checks the sections that later work brings into force, and says which of them there are."""
        self._jobs(fields.mapping("jobs"))
        self._resources(fields.mapping("resources"))
        kept = list(self.not_in_force)
        for _, section in fields.mapping("environments").sections(("workloads", "variables")):
            self.workloads(section)
            for _, node, path in section.mapping("variables").items():
                self.text(node, path)
        self.not_in_force = kept
        for name in ("jobs", "resources", "environments"):
            self.later(fields, name)
        return self.not_in_force

    def _scale(self, fields: Fields) -> int | None:
        scale = fields.section("scale", ("min", "max", "cpu"))
        if scale is None:
            return None
        low = scale.integer("min", 0, 100, 1)
        high = scale.integer("max", 1, 100, max(low, 1))
        scale.integer("cpu", 1, 100, 1)
        if high < low:
            self.report(scale.place("max"), f"{scale.path_of('max')} is below min: {high} < {low}")
        self.later(scale, "max")
        self.later(scale, "cpu")
        return low if "min" in scale else None

    def _rollout(self, fields: Fields) -> None:
        rollout = fields.section("rollout", ("strategy", "steps"), ("strategy",))
        if rollout is None:
            return
        rollout.choice("strategy", STRATEGIES, "rolling")
        if (steps := rollout.get("steps")) is None:
            return
        for node, path in self.sequence(steps, rollout.path_of("steps")):
            step = self.section(node, path, ("weight", "pause"))
            step.integer("weight", 0, 100, 0)
            step.matching("pause", _DURATION, "a number and a unit: 30s, 5m, 1h")

    def _domains(self, fields: Fields) -> None:
        if (domains := fields.get("domains")) is None:
            return
        for node, path in self.sequence(domains, fields.path_of("domains")):
            self.matching(node, path, _DOMAIN, "a domain name: orders.example.com")

    def _jobs(self, fields: Fields) -> None:
        known = ("schedule", "timezone", "command", "workload")
        for _, job in fields.sections(known, ("schedule", "command")):
            job.matching("schedule", _SCHEDULE, 'five cron fields in quotes: "0 3 * * *"')
            job.text("timezone")
            job.words("command")
            job.label("workload")

    def _resources(self, fields: Fields) -> None:
        for _, resource in fields.sections(("type", "class", "id", "params"), ("type",)):
            resource.text("type")
            resource.text("class")
            resource.text("id")
            resource.mapping("params")
