"""Reads a compose file: what is built here becomes a process, a known server's image a need.

Source of the fields: the Compose specification.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from roadbed.detection.domain import HealthCheck, Need, Part, Process, Reading, Variable
from roadbed.detection.foreign import ForeignReader
from roadbed.workload.document import Mapping as Tree
from roadbed.workload.document import Place, Scalar, Sequence
from roadbed.workload.parsing import parse_document
from roadbed.workload.reader import Fields

_READ = frozenset(("services", "volumes", "version", "name"))
_SERVICE = frozenset((
    "image", "build", "command", "entrypoint", "environment", "ports", "expose", "volumes", "depends_on", "healthcheck",
    "deploy", "scale",
))  # fmt: skip
_SAYS_NOTHING = frozenset((
    "container_name", "restart", "networks", "hostname", "init", "tty", "stdin_open", "logging", "labels", "platform",
    "pull_policy", "stop_grace_period", "develop", "user", "working_dir", "links",
))  # fmt: skip
_SERVERS = {
    "postgres": "postgres", "postgis": "postgres", "pgvector": "postgres", "timescaledb": "postgres",
    "redis": "redis", "valkey": "redis", "keydb": "redis", "mysql": "mysql", "mariadb": "mysql", "mongo": "mongodb",
    "rabbitmq": "amqp", "minio": "s3", "nats": "nats", "elasticsearch": "elasticsearch",
}  # fmt: skip
"""The last part of an image's name → Score's type."""
_IMAGE = re.compile(r"(?:.*/)?([a-z0-9._-]+?)(?::[^/@]*)?(?:@.*)?")
_VARIABLE = re.compile(r"\$\{([A-Za-z_]\w*)(?::?([-?+])([^}]*))?\}|\$([A-Za-z_]\w*)")


def read_compose(text: str, file: str = "docker-compose.yml") -> Reading:
    """Raises InvalidInput with everything that is wrong in what is read."""
    reader = _ComposeReader()
    root = reader.mapping(parse_document(text, file), "")
    reader.leave_rest(root, _READ, ("networks",))
    services = {name: reader.mapping(node, path) for name, node, path in root.mapping("services").items()}
    needs = {name: need for name, fields in services.items() if (need := reader.need(name, fields)) is not None}
    own = dict(reader.built({name: fields for name, fields in services.items() if name not in needs}))
    reader.services = frozenset(own)
    processes = [reader.process(name, fields, needs) for name, fields in own.items()]
    reader.findings.raise_if_any(file)
    return Reading(
        file,
        name=root.optional_text("name"),
        processes={process.name: process for process in processes},
        needs={need.name: need for need in needs.values()},
        unmapped=reader.in_order(),
    )


class _ComposeReader(ForeignReader):
    """`services` are the names of those that are built here."""

    services: frozenset[str] = frozenset()

    def need(self, name: str, fields: Fields) -> Need | None:
        """A server whose image is known, and that isn't built here."""
        image = fields.text("image") if "image" in fields and "build" not in fields else ""
        match = _IMAGE.fullmatch(image)
        type_ = _SERVERS.get(match[1]) if match else None
        return Need(self.as_label(name, fields.node.place), type_, fields.node.place) if type_ else None

    def built(self, services: Mapping[str, Fields]) -> Iterator[tuple[str, Fields]]:
        """All but those that run an image of others: where something is built here, one that nothing here builds."""
        images = {
            fields.text("image") if "image" in fields else "" for fields in services.values() if "build" in fields
        }
        for name, fields in services.items():
            image = fields.text("image") if "image" in fields and "build" not in fields else ""
            if images and image and image not in images:
                message = f"{name!r} runs the image {image!r}, which is not built here, and is left out"
                self.unmapped.append(fields.place("image").problem(message, "run it elsewhere, and name its address"))
            else:
                yield name, fields

    def process(self, name: str, fields: Fields, needs: Mapping[str, Need]) -> Process:
        self.leave_rest(fields, _SERVICE, _SAYS_NOTHING)
        if "build" not in fields:
            self.leave(fields.place("image"), f"the image of {name}", "its code is taken from this tree instead")
        ports = self._ports(fields, "ports") or self._ports(fields, "expose")
        return Process(
            self.as_label(name, fields.node.place),
            next((fields.place(key) for key in ("command", "entrypoint") if key in fields), fields.node.place),
            command=self._command(fields),
            public="ports" in fields,
            port=ports[0] if ports else None,
            replicas=self._replicas(fields),
            checks=tuple(self._checks(fields)),
            variables=dict(self._variables(fields, needs)),
            folder=self._folder(fields),
            volumes=dict(self._volumes(fields)),
        )

    def _command(self, fields: Fields) -> str | None:
        words = [*self._words(fields, "entrypoint"), *self._words(fields, "command")]
        return " ".join(words) or None

    def _words(self, fields: Fields, name: str) -> list[str]:
        """As it would be typed: a line is one already, and a doubled dollar is one for the shell."""
        node = fields.get(name)
        if isinstance(node, Sequence):
            return [shlex.quote(word.replace("$$", "$")) for word in fields.words(name)]
        if node is None or (isinstance(node, Scalar) and node.value is None):
            return []
        return [self.loose_text(node, fields.path_of(name)).replace("$$", "$")]

    def _ports(self, fields: Fields, name: str) -> list[int]:
        """What is listened on: `8000:80` is 80."""
        found = []
        if (ports := fields.get(name)) is not None:
            for node, path in self.sequence(ports, fields.path_of(name)):
                if isinstance(node, Tree):
                    found.append(Fields(self, node, path).integer("target", 1, 65535))
                    continue
                target = self.loose_text(node, path).rpartition(":")[2].partition("/")[0].partition("-")[0]
                if target.isdigit() and 0 < int(target) < 65536:
                    found.append(int(target))
                else:
                    self.leave(node.place, path)
        return found

    def _replicas(self, fields: Fields) -> int | None:
        deploy = fields.mapping("deploy") if isinstance(fields.get("deploy"), Tree) else None
        if deploy is not None and "replicas" in deploy:
            return deploy.integer("replicas", 0, 100)
        return fields.integer("scale", 0, 100) if "scale" in fields else None

    def _checks(self, fields: Fields) -> Iterator[HealthCheck]:
        if not isinstance(fields.get("healthcheck"), Tree):
            return
        check = fields.mapping("healthcheck")
        node = check.get("test")
        if isinstance(node, Scalar) and node.value:
            yield HealthCheck("readiness", node.place, command=("sh", "-c", check.text("test")))
        elif isinstance(node, Sequence) and (words := check.words("test")) and words[0] in ("CMD", "CMD-SHELL"):
            command = words[1:] if words[0] == "CMD" else ("sh", "-c", *words[1:2])
            yield HealthCheck("readiness", node.place, command=command)

    def _folder(self, fields: Fields) -> str:
        build = fields.get("build")
        if isinstance(build, Tree):
            section = fields.mapping("build")
            self.leave_rest(section, ("context", "dockerfile"), ("args", "target", "cache_from", "tags"))
            return section.text("context") or "."
        return fields.text("build") or "." if build is not None else "."

    def _volumes(self, fields: Fields) -> Iterator[tuple[str, str]]:
        """Where it is mounted → its name. What is mounted out of the tree is there anyway."""
        if (volumes := fields.get("volumes")) is None:
            return
        for node, path in self.sequence(volumes, fields.path_of("volumes")):
            if isinstance(node, Tree):
                volume = Fields(self, node, path)
                source, target = volume.text("source"), volume.text("target")
            else:
                source, _, rest = self.text(node, path).partition(":")
                target = rest.partition(":")[0]
            if source and target and not source.startswith((".", "/", "~", "$")):
                yield target, source

    def _variables(self, fields: Fields, needs: Mapping[str, Need]) -> Iterator[tuple[str, Variable]]:
        environment = fields.get("environment")
        if isinstance(environment, Sequence):
            for node, path in self.sequence(environment, fields.path_of("environment")):
                name, equals, value = self.text(node, path).partition("=")
                yield name, self._variable(name, node.place, value if equals else None, needs)
        elif environment is not None:
            section = fields.mapping("environment")
            for name, node, path in section.items():
                text = None if isinstance(node, Scalar) and node.value is None else self.loose_text(node, path)
                yield name, self._variable(name, section.place(name), text, needs)

    def _variable(self, name: str, place: Place, value: str | None, needs: Mapping[str, Need]) -> Variable:
        """A value that leads to a known server is that server's; one of the caller's own is asked for."""
        if value is None:
            return Variable(name, place, "asked")
        if (of := _leads_to(value, needs)) is not None:
            url = "://" in value
            return Variable(name, place, "need", value if url else None, of=of.name, part="url" if url else "host")
        if (other := _host_of(value)) in self.services:
            part: Part = "url" if "://" in value else "address" if ":" in value else "host"
            return Variable(name, place, "process", value, of=self.as_label(other, place), part=part)
        match = _VARIABLE.fullmatch(value)
        if match is not None:
            default = match[3] if match[2] == "-" else None
            return Variable(name, place, "value" if default else "asked", value=default or None)
        return Variable(name, place, value=value.replace("$$", "$"))


def _leads_to(value: str, needs: Mapping[str, Need]) -> Need | None:
    return needs.get(_host_of(value))


def _host_of(value: str) -> str:
    """Of a URL, of `host:port`, of a name; empty where there is none."""
    try:
        host = urlsplit(value).hostname if "://" in value else re.sub(r":\d{1,5}$", "", value)
    except ValueError:
        return ""
    return host or ""
