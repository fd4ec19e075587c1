"""Reads an `app.json`: variables, scripts, numbers of processes, health checks, scheduled commands, add-ons.

Source of the fields: Heroku's schema of the file; health checks, `cron` and `scripts.dokku` as Dokku reads them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal, cast

from roadbed.detection.domain import HealthCheck, Need, Process, Reading, Variable
from roadbed.detection.foreign import ForeignReader
from roadbed.detection.json_text import parse_json
from roadbed.workload.document import Mapping as Tree
from roadbed.workload.document import Node, Place
from roadbed.workload.reader import Fields

_READ = frozenset(("name", "description", "env", "scripts", "formation", "healthchecks", "cron", "addons"))
_SAYS_NOTHING = frozenset(("$schema", "keywords", "website", "repository", "logo", "success_url", "stack", "image_url"))
_PROBES = ("startup", "readiness", "liveness")
_SCRIPTS = {
    "postdeploy": "it runs once, when an application is made: run it by hand after the first deploy",
    "pr-predestroy": "it runs before a preview goes",
}
_ADD_ONS = {
    "heroku-postgresql": ("postgres", "DATABASE"),
    "heroku-redis": ("redis", "REDIS"),
    "heroku-key-value-store": ("redis", "REDIS"),
    "rediscloud": ("redis", "REDISCLOUD"),
    "redistogo": ("redis", "REDISTOGO"),
    "openredis": ("redis", "OPENREDIS"),
    "cloudamqp": ("amqp", "CLOUDAMQP"),
    "jawsdb": ("mysql", "JAWSDB"),
    "cleardb": ("mysql", "CLEARDB_DATABASE"),
    "bucketeer": ("s3", "BUCKETEER"),
}
"""Service → Score's type, and what the name of its variable begins with."""


def read_app_json(text: str, file: str = "app.json") -> Reading:
    """Raises InvalidInput with everything that is wrong in what is read."""
    reader = _AppReader()
    root = reader.mapping(parse_json(text, file), "")
    variables = dict(reader.variables(root.mapping("env")))
    needs: dict[str, Need] = {}
    for need, variable in reader.add_ons(root):
        needs[need.name] = need
        variables[variable.name] = variable
    reader.leave_rest(root, _READ, _SAYS_NOTHING)
    if getattr(root.get("stack"), "value", None) == "container":
        reader.leave(root.place("stack"), "stack: container", "its code is built, and not its image")
    found = Reading(
        file=file,
        name=root.optional_text("name"),
        description=root.optional_text("description"),
        processes=reader.processes(root),
        variables=variables,
        needs=needs,
    )
    reader.findings.raise_if_any(file)
    return replace(found, unmapped=reader.in_order())


class _AppReader(ForeignReader):
    def variables(self, env: Fields) -> Iterator[tuple[str, Variable]]:
        for name, node, path in env.items():
            yield name, self._variable(name, node, path, env.place(name))

    def _variable(self, name: str, node: Node, path: str, place: Place) -> Variable:
        """Without a value somebody must give one; one with a value may be given another."""
        if not isinstance(node, Tree):
            return Variable(name, place, value=self.loose_text(node, path))
        fields = Fields(self, node, path)
        key = "value" if "value" in fields else "default"
        given = fields.get(key)
        value = None if given is None else self.loose_text(given, fields.path_of(key))
        generated = fields.text("generator") == "secret"
        return Variable(
            name,
            place,
            origin="generated" if generated else "asked" if value is None else "value",
            value=value,
            required=fields.flag("required") if "required" in fields else True,
            description=fields.optional_text("description"),
        )

    def processes(self, root: Fields) -> dict[str, Process]:
        """What is said of processes that stand elsewhere, and the scheduled ones, which stand here."""
        formation, checks = root.mapping("formation"), root.mapping("healthchecks")
        release = self._scripts(root.mapping("scripts"))
        places = {name: fields.place(name) for fields in (checks, formation) for name in fields.node.entries}
        if release is not None:
            places.setdefault("web", release[1])
        found = {
            (label := self.as_label(name, place)): Process(
                label,
                place,
                replicas=self._quantity(formation, name),
                checks=tuple(self._checks(checks, name)),
                release=release[0] if release is not None and name == "web" else None,
                release_place=release[1] if release is not None and name == "web" else None,
            )
            for name, place in places.items()
        }
        return found | {process.name: process for process in self._scheduled(root)}

    def _quantity(self, formation: Fields, name: str) -> int | None:
        if name not in formation:
            return None
        fields = formation.mapping(name)
        return fields.integer("quantity", 0, 100) if "quantity" in fields else None

    def _checks(self, checks: Fields, name: str) -> Iterator[HealthCheck]:
        if (given := checks.get(name)) is None:
            return
        for node, path in self.sequence(given, checks.path_of(name)):
            fields = self.mapping(node, path)
            kind = fields.text("type", "startup") or "startup"
            if kind not in _PROBES or ("path" in fields) == ("command" in fields):
                self.leave(node.place, f"the check {kind!r} of {name}")
                continue
            yield HealthCheck(
                cast('Literal["startup", "readiness", "liveness"]', kind),
                node.place,
                path=fields.optional_text("path"),
                command=fields.words("command") if "command" in fields else None,
                port=fields.integer("port", 1, 65535) if "port" in fields else None,
            )

    def _scripts(self, scripts: Fields) -> tuple[str, Place] | None:
        """What runs before each release, and where it stands."""
        found = None
        for name, node, path in scripts.items():
            text = None if name == "dokku" else self.text(node, path)
            if name == "dokku":
                found = self._scripts(scripts.mapping("dokku")) or found
            elif name == "predeploy":
                found = (str(text), scripts.place(name))
            elif name != "test":
                self.leave(scripts.place(name), path, _SCRIPTS.get(name))
        return found

    def _scheduled(self, root: Fields) -> Iterator[Process]:
        if (cron := root.get("cron")) is None:
            return
        for number, (node, path) in enumerate(self.sequence(cron, "cron"), start=1):
            fields = self.mapping(node, path)
            yield Process(f"cron-{number}", node.place, fields.text("command"), schedule=fields.text("schedule"))

    def add_ons(self, root: Fields) -> Iterator[tuple[Need, Variable]]:
        """A second one of a kind is told from the first by its alias, or its number."""
        if (given := root.get("addons")) is None:
            return
        seen: dict[str, int] = {}
        for node, path in self.sequence(given, "addons"):
            fields = Fields(self, node, path) if isinstance(node, Tree) else None
            plan = (fields.text("plan") if fields else self.text(node, path)).partition(":")[0]
            if plan not in _ADD_ONS:
                self.leave(node.place, f"the add-on {plan!r}", "see `roadbed types` for what there is")
                continue
            if fields is not None:
                self.leave_rest(fields, ("plan", "as"))
            type_, prefix = _ADD_ONS[plan]
            seen[type_] = seen.get(type_, 0) + 1
            name = "db" if type_ in ("postgres", "mysql") else {"redis": "cache", "amqp": "queue", "s3": "files"}[type_]
            need = Need(name if seen[type_] == 1 else f"{name}-{seen[type_]}", type_, node.place)
            alias = (fields.optional_text("as") if fields else None) or prefix
            yield need, Variable(f"{alias}_URL", node.place, "need", of=need.name)
