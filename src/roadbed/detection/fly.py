"""Reads a `fly.toml`: processes, what they listen on, variables, mounts.

Source of the fields: Fly's configuration reference, and files in the wild that use its older `[[services]]`.
"""

from __future__ import annotations

from collections.abc import Iterator

from roadbed.detection.domain import HealthCheck, Process, Reading, Variable
from roadbed.detection.foreign import ForeignReader
from roadbed.detection.toml_text import parse_toml
from roadbed.workload.document import Mapping as Tree
from roadbed.workload.document import Node, Place
from roadbed.workload.reader import Fields

_READ = frozenset(("app", "env", "processes", "deploy", "http_service", "services", "mounts"))
_SAYS_NOTHING = frozenset((
    "primary_region", "kill_signal", "kill_timeout", "swap_size_mb", "vm", "console_command", "metrics", "experimental",
    "restart", "host_dedication_key",
))  # fmt: skip
_SERVICE = frozenset(
    ("internal_port", "processes", "protocol", "http_checks", "tcp_checks", "checks", "min_machines_running")
)
_SERVICE_NOTHING = frozenset((
    "ports", "concurrency", "force_https", "auto_stop_machines", "auto_start_machines", "script_checks", "http_options",
    "tls_options",
))  # fmt: skip
MAIN = "app"
"""What the one process is called where `[processes]` says nothing."""


def read_fly(text: str, file: str = "fly.toml") -> Reading:
    """Raises InvalidInput with everything that is wrong in what is read."""
    reader = _FlyReader()
    root = reader.mapping(parse_toml(text, file), "")
    reader.leave_rest(root, _READ, _SAYS_NOTHING)
    name = root.optional_text("app")
    found = Reading(
        file,
        name=reader.as_label(name, root.place("app")) if name else None,
        processes={process.name: process for process in reader.processes(root)},
        variables=dict(reader.variables(root.mapping("env"))),
    )
    reader.findings.raise_if_any(file)
    return Reading(file, found.name, None, found.processes, found.variables, {}, reader.in_order())


class _FlyReader(ForeignReader):
    def processes(self, root: Fields) -> Iterator[Process]:
        commands = dict(self._commands(root))
        services = {name: service for service in self._services(root) for name in self._of(service, commands)}
        mounts = self._mounts(root, commands)
        deploy = root.mapping("deploy")
        release = deploy.optional_text("release_command")
        self.leave_rest(deploy, ("release_command",), ("strategy", "max_unavailable", "wait_timeout"))
        for name, (command, place) in commands.items():
            service = services.get(name)
            yield Process(
                self.as_label(name, place),
                place,
                command=command,
                public=service is not None,
                port=service.integer("internal_port", 1, 65535) if service and "internal_port" in service else None,
                checks=tuple(self._checks(service)) if service else (),
                release=release if name == next(iter(commands)) else None,
                release_place=deploy.place("release_command") if release and name == next(iter(commands)) else None,
                volumes=mounts.get(name, {}),
            )

    def _commands(self, root: Fields) -> Iterator[tuple[str, tuple[str | None, Place]]]:
        """By name. Older files give an empty list."""
        given = root.get("processes")
        if isinstance(given, Tree) and given.entries:
            for name, node, path in root.mapping("processes").items():
                yield name, (self.text(node, path) or None, node.place)
        else:
            yield MAIN, (None, root.node.place)

    def _services(self, root: Fields) -> Iterator[Fields]:
        found = list(self.each(root, "services"))
        if "http_service" in root:
            found.append(root.mapping("http_service"))
        for service in found:
            self.leave_rest(service, _SERVICE, _SERVICE_NOTHING)
        yield from found

    def _of(self, fields: Fields, commands: dict[str, tuple[str | None, Place]]) -> tuple[str, ...]:
        """The processes that something is for: those it names, or the first."""
        return fields.words("processes") or tuple(commands)[:1]

    def _checks(self, service: Fields) -> Iterator[HealthCheck]:
        for name in ("http_checks", "checks"):
            for check in self._each_check(service, name):
                if path := check.optional_text("path"):
                    yield HealthCheck("readiness", check.node.place, path=path)

    def _each_check(self, service: Fields, name: str) -> Iterator[Fields]:
        """A list; of `[checks]`, a table by name."""
        if isinstance(service.get(name), Tree):
            for _, node, path in service.mapping(name).items():
                yield self.mapping(node, path)
        else:
            yield from self.each(service, name)

    def _mounts(self, root: Fields, commands: dict[str, tuple[str | None, Place]]) -> dict[str, dict[str, str]]:
        """By process: where it is mounted → its name. One table, or a list of them."""
        given = root.get("mounts")
        tables = [root.mapping("mounts")] if isinstance(given, Tree) else list(self.each(root, "mounts"))
        found: dict[str, dict[str, str]] = {}
        for mount in tables:
            for name in self._of(mount, commands):
                found.setdefault(name, {})[mount.text("destination")] = mount.text("source")
        return found

    def variables(self, env: Fields) -> Iterator[tuple[str, Variable]]:
        for name, node, path in env.items():
            yield name, self._variable(name, node, path)

    def _variable(self, name: str, node: Node, path: str) -> Variable:
        return Variable(name, node.place, value=self.loose_text(node, path))
