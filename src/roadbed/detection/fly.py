"""Reads a `fly.toml`: processes, what they listen on, variables, mounts.

Source of the fields: Fly's configuration reference, and files in the wild that use its older `[[services]]`.
"""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Iterable, Iterator

from roadbed.detection.domain import HealthCheck, Process, Reading, Variable
from roadbed.detection.foreign import ForeignReader
from roadbed.detection.toml_text import parse_toml
from roadbed.workload.document import Mapping as Tree
from roadbed.workload.document import Node, Place, Sequence
from roadbed.workload.reader import Fields

_READ = frozenset(("app", "build", "env", "processes", "deploy", "experimental", "http_service", "services", "mounts"))
_SAYS_NOTHING = frozenset((
    "primary_region", "kill_signal", "kill_timeout", "swap_size_mb", "vm", "restart", "host_dedication_key",
))  # fmt: skip
_WEB = (80, 443)
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
        processes=reader.by_name(reader.processes(root)),
        variables=dict(reader.variables(root.mapping("env"))),
    )
    reader.findings.raise_if_any(file)
    return Reading(file, found.name, None, found.processes, found.variables, {}, reader.in_order())


class _FlyReader(ForeignReader):
    def processes(self, root: Fields) -> Iterator[Process]:
        commands = dict(self._commands(root))
        services = self._chosen(self._services(root), commands)
        dockerfile = self._dockerfile(root)
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
                replicas=self._replicas(service) if service else None,
                checks=tuple(self._checks(service)) if service else (),
                dockerfile=dockerfile,
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
            yield MAIN, self._experimental(root) or (None, root.node.place)

    def _experimental(self, root: Fields) -> tuple[str, Place] | None:
        """What older files say that the one process is started with: a line, or its words."""
        section = root.mapping("experimental")
        known = ("cmd", "entrypoint", "exec")
        self.leave_rest(section, known, ("allowed_public_ports", "auto_rollback", "enable_consul", "enable_etcd"))
        given = [name for name in ("entrypoint", "cmd", "exec") if name in section]
        words = [word for name in given for word in self._words(section, name)]
        return (" ".join(words), section.place(given[-1])) if words else None

    def _words(self, section: Fields, name: str) -> list[str]:
        if isinstance(section.get(name), Sequence):
            return [shlex.quote(word) for word in section.words(name)]
        return [section.text(name)]

    def _dockerfile(self, root: Fields) -> str | None:
        """Its own builders are the choice of a file that names one of them, and no Dockerfile."""
        build = root.mapping("build")
        self.leave_rest(build, ("dockerfile", "builder", "buildpacks", "builtin"), ("image", "ignorefile"))
        if path := build.optional_text("dockerfile"):
            return posixpath.normpath(path)
        return None if build.node.entries.keys() & {"builder", "buildpacks", "builtin", "image"} else "Dockerfile"

    def _services(self, root: Fields) -> Iterator[Fields]:
        found = list(self.each(root, "services"))
        if "http_service" in root:
            found.append(root.mapping("http_service"))
        for service in found:
            self.leave_rest(service, _SERVICE, _SERVICE_NOTHING)
        yield from found

    def _chosen(self, services: Iterable[Fields], commands: dict[str, tuple[str | None, Place]]) -> dict[str, Fields]:
        """By process, the one that answers the web; the others are told."""
        found: dict[str, Fields] = {}
        for service in services:
            for name in self._of(service, commands):
                if service.text("protocol") == "udp":
                    message = f"{service.path}: what {name} gets over udp says nothing here"
                    self.unmapped.append(service.node.place.problem(message))
                elif name not in found:
                    found[name] = service
                else:
                    better = self._answers_the_web(service) and not self._answers_the_web(found[name])
                    left, taken = (found[name], service) if better else (service, found[name])
                    found[name] = taken
                    message = f"{left.path} says nothing here: {name} has one port, that of {taken.path}"
                    self.unmapped.append(left.node.place.problem(message))
        return found

    def _answers_the_web(self, service: Fields) -> bool:
        if not service.path.startswith("services"):
            return True
        ports = list(self.each(service, "ports"))
        handlers = {word for port in ports if "handlers" in port for word in port.words("handlers")}
        return "http" in handlers or any(getattr(port.get("port"), "value", None) in _WEB for port in ports)

    def _replicas(self, service: Fields) -> int | None:
        """None is stopped here for want of requests."""
        key = "min_machines_running"
        return max(service.integer(key, 0, 100), 1) if key in service else None

    def _of(self, fields: Fields, commands: dict[str, tuple[str | None, Place]]) -> tuple[str, ...]:
        """The processes that something is for: those it names, or the first."""
        return fields.words("processes") or tuple(commands)[:1]

    def _checks(self, service: Fields) -> Iterator[HealthCheck]:
        for name in ("http_checks", "checks"):
            for check in self._each_check(service, name):
                if path := check.optional_text("path"):
                    headers = tuple((name, self.loose_text(node, at)) for name, node, at in self._headers(check))
                    yield HealthCheck("readiness", check.node.place, path=path, headers=headers)

    def _headers(self, check: Fields) -> list[tuple[str, Node, str]]:
        """A list of them has nothing in it, in files that a tool wrote."""
        return check.mapping("headers").items() if isinstance(check.get("headers"), Tree) else []

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
