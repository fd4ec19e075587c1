"""Reads an `app.json`: variables, scripts, numbers of processes, health checks, scheduled commands, add-ons.

Source of the fields: Heroku's schema of the file; health checks and `cron` as Dokku reads them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from roadbed.detection.json_text import parse_json
from roadbed.kit.errors import Problem
from roadbed.workload.document import Mapping as Tree
from roadbed.workload.document import Node, Place, Scalar
from roadbed.workload.reader import Fields, Reader

_SAYS_NOTHING_HERE = frozenset(
    ("$schema", "keywords", "website", "repository", "logo", "success_url", "stack", "image", "image_url")
)
_PROBES = ("startup", "readiness", "liveness")


@dataclass(frozen=True, slots=True)
class AppVariable:
    """`value` is what it is unless somebody sets another; a `generated` one is a secret that is made once."""

    name: str
    place: Place
    value: str | None = None
    generated: bool = False
    required: bool = True
    description: str | None = None


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """Of one process. Exactly one of `path` and `command` is given."""

    type: str
    place: Place
    path: str | None = None
    command: tuple[str, ...] | None = None
    port: int | None = None


@dataclass(frozen=True, slots=True)
class ScheduledCommand:
    command: str
    schedule: str
    place: Place


@dataclass(frozen=True, slots=True)
class AddOn:
    """`plan` is its service without the size: `heroku-postgresql`; `alias` begins the names of its variables."""

    plan: str
    place: Place
    alias: str | None = None


@dataclass(frozen=True, slots=True)
class AppJson:
    """`quantities` are by process. `unmapped` is what stands in the file and says nothing here."""

    file: str
    name: str | None = None
    description: str | None = None
    variables: Mapping[str, AppVariable] = field(default_factory=dict)
    scripts: Mapping[str, str] = field(default_factory=dict)
    quantities: Mapping[str, int] = field(default_factory=dict)
    checks: Mapping[str, tuple[HealthCheck, ...]] = field(default_factory=dict)
    schedules: tuple[ScheduledCommand, ...] = ()
    add_ons: tuple[AddOn, ...] = ()
    unmapped: tuple[Problem, ...] = ()


def read_app_json(text: str, file: str = "app.json") -> AppJson:
    """Raises InvalidInput with everything that is wrong in what is read."""
    reader = _AppReader()
    root = reader.mapping(parse_json(text, file), "")
    found = AppJson(
        file=file,
        name=root.optional_text("name"),
        description=root.optional_text("description"),
        variables=dict(reader.variables(root.mapping("env"))),
        scripts=reader.scripts(root.mapping("scripts")),
        quantities=reader.quantities(root.mapping("formation")),
        checks=reader.checks(root.mapping("healthchecks")),
        schedules=tuple(reader.schedules(root)),
        add_ons=tuple(reader.add_ons(root)),
        unmapped=tuple(reader.unmapped(root)),
    )
    reader.findings.raise_if_any(file)
    return found


class _AppReader(Reader):
    def __init__(self) -> None:
        super().__init__()
        self._unmapped: list[Problem] = []

    def leave(self, place: Place, what: str) -> None:
        self._unmapped.append(place.problem(f"{what} says nothing here"))

    def unmapped(self, root: Fields) -> list[Problem]:
        read = {"name", "description", "env", "scripts", "formation", "healthchecks", "cron", "addons"}
        for key in root.node.entries:
            if key not in read | _SAYS_NOTHING_HERE:
                self.leave(root.place(key), key)
        return self._unmapped

    def variables(self, env: Fields) -> Iterator[tuple[str, AppVariable]]:
        for name, node, path in env.items():
            place = env.place(name)
            if not isinstance(node, Tree):
                yield name, AppVariable(name, place, self.loose_text(node, path))
                continue
            fields = Fields(self, node, path)
            value = fields.get("value")
            yield (
                name,
                AppVariable(
                    name,
                    place,
                    value=None if value is None else self.loose_text(value, fields.path_of("value")),
                    generated=fields.text("generator") == "secret",
                    required=fields.flag("required") if "required" in fields else True,
                    description=fields.optional_text("description"),
                ),
            )

    def scripts(self, scripts: Fields) -> dict[str, str]:
        """`dokku` holds some more, by the moments at which they run there."""
        found = {}
        for name, node, path in scripts.items():
            if name == "dokku":
                found |= self.scripts(scripts.mapping("dokku"))
            else:
                found[name] = self.text(node, path)
        return found

    def quantities(self, formation: Fields) -> dict[str, int]:
        found = {}
        for name, node, path in formation.items():
            fields = self.mapping(node, path)
            if "quantity" in fields:
                found[name] = fields.integer("quantity", 0, 100)
        return found

    def checks(self, checks: Fields) -> dict[str, tuple[HealthCheck, ...]]:
        return {
            process: tuple(self._checks_of(process, self.sequence(node, path)))
            for process, node, path in checks.items()
        }

    def _checks_of(self, process: str, items: list[tuple[Node, str]]) -> Iterator[HealthCheck]:
        for node, path in items:
            fields = self.mapping(node, path)
            kind = fields.text("type", "startup") or "startup"
            if kind not in _PROBES or ("path" in fields) == ("command" in fields):
                self.leave(node.place, f"the check {kind!r} of {process}")
                continue
            yield HealthCheck(
                kind,
                node.place,
                path=fields.optional_text("path"),
                command=fields.words("command") if "command" in fields else None,
                port=fields.integer("port", 1, 65535) if "port" in fields else None,
            )

    def schedules(self, root: Fields) -> Iterator[ScheduledCommand]:
        if (cron := root.get("cron")) is not None:
            for node, path in self.sequence(cron, "cron"):
                fields = self.mapping(node, path)
                yield ScheduledCommand(fields.text("command"), fields.text("schedule"), node.place)

    def add_ons(self, root: Fields) -> Iterator[AddOn]:
        if (given := root.get("addons")) is None:
            return
        for node, path in self.sequence(given, "addons"):
            if isinstance(node, Tree):
                fields = Fields(self, node, path)
                yield AddOn(fields.text("plan").partition(":")[0], node.place, fields.optional_text("as"))
            else:
                yield AddOn(self.text(node, path).partition(":")[0], node.place)

    def loose_text(self, node: Node, path: str) -> str:
        """A variable is text; files in the wild give numbers and truth values for it, too."""
        if isinstance(node, Scalar) and node.value is not None:
            return node.text
        return self.text(node, path)
