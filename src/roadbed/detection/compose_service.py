"""Reads the fields of one service of a compose file."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterator, Mapping

from roadbed.detection.compose_files import Kind, Known, Use, in_the_tree, parts_of_server, placed
from roadbed.detection.compose_variables import Hosts, names_unreached, variable
from roadbed.detection.domain import HealthCheck, Need, Part, Placed, Variable
from roadbed.detection.foreign import ForeignReader
from roadbed.detection.interpolation import interpolate, read_env
from roadbed.detection.tree import Tree
from roadbed.workload.document import Mapping as Table
from roadbed.workload.document import Node, Place, Scalar, Sequence, resolve_plain
from roadbed.workload.reader import Fields

_PORTS_OF_TOOLS = frozenset((22, 2222, 5678, 9229, 35729))
"""What is published for shells, debuggers and reloads gets no traffic."""
_MEMORY = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)\s*([bkmg]?)b?", re.IGNORECASE)
_UNITS = {"k": "Ki", "m": "Mi", "g": "Gi"}


class ServiceReader(ForeignReader):
    """`hosts` are those that are known so far, `placing` what is known of files that are put into containers; `tree`
    has the files that a service speaks of.
    """

    def __init__(self, tree: Tree) -> None:
        super().__init__()
        self.tree = tree
        self.hosts = Hosts({}, {}, read_env(tree.text(".env") or ""))
        self.placing = Known({"secrets": {}, "configs": {}}, {}, tree)

    def filled(self, node: Node, path: str) -> Node:
        if isinstance(node, Table):
            entries = {key: self.filled(child, f"{path}.{key}") for key, child in node.entries.items()}
            return Table(node.place, entries, node.key_places)
        if isinstance(node, Sequence):
            return Sequence(node.place, [self.filled(one, f"{path}[{at}]") for at, one in enumerate(node.items)])
        if "$" not in node.text:
            return node
        found = interpolate(node.text, self.hosts.values)
        for name, said in found.missing.items():
            message = f"{name} in {path} has no value{f': {said}' if said else ''}"
            self.unmapped.append(node.place.problem(message, f"give it one in .env: {name}=…"))
        return Scalar(node.place, resolve_plain(found.text) if found.text else "", found.text)

    def part(self, fields: Fields, name: str) -> Fields:
        """Empty where it is something else."""
        if isinstance(fields.get(name), Table):
            return fields.mapping(name)
        return Fields(self, Table(fields.node.place), fields.path_of(name))

    def listed(self, fields: Fields, name: str) -> list[tuple[Node, str]]:
        node = fields.get(name)
        if node is None or (isinstance(node, Scalar) and node.value is None):
            return []
        return self.sequence(node, fields.path_of(name))

    def command(self, fields: Fields) -> str | None:
        words = [*self._words(fields, "entrypoint"), *self._words(fields, "command")]
        return " ".join(words) or None

    def _words(self, fields: Fields, name: str) -> list[str]:
        """As it would be typed: a line is one already. What has no value yet gets it where the command runs."""
        node = fields.get(name)
        if isinstance(node, Sequence):
            return [self._word(word) for word in fields.words(name)]
        if node is None or (isinstance(node, Scalar) and node.value is None):
            return []
        return [self._typed(self.loose_text(node, fields.path_of(name)))]

    def _typed(self, written: str) -> str:
        return interpolate(written, {**self.hosts.values, "PORT": "${PORT}"}, keep=True).text

    def _word(self, word: str) -> str:
        text = self._typed(word)
        if "$" in text and "$$" not in word:
            return '"' + re.sub(r'(["\\`])', r"\\\1", text) + '"'
        return shlex.quote(text)

    def port(self, fields: Fields) -> int | None:
        """The first that may get traffic; the others are told."""
        found = [*self._ports(fields, "ports")]
        taken = next((one for one in found if one[0] not in _PORTS_OF_TOOLS), found[0] if found else None)
        for number, place, path in found:
            if taken is not None and (number, path) != (taken[0], taken[2]):
                self.unmapped.append(place.problem(f"{path} says nothing here: {taken[0]} gets the traffic"))
        exposed = list(self._ports(fields, "expose")) if taken is None else []
        return taken[0] if taken else exposed[0][0] if exposed else None

    def _ports(self, fields: Fields, name: str) -> Iterator[tuple[int, Place, str]]:
        """What is listened on: `8000:80` is 80."""
        for node, path in self.listed(fields, name):
            if isinstance(node, Table):
                yield Fields(self, node, path).integer("target", 1, 65535), node.place, path
                continue
            target, _, protocol = self.loose_text(node, path).rpartition(":")[2].partition("/")
            first = target.partition("-")[0]
            if protocol != "udp" and first.isascii() and first.isdigit() and 0 < int(first[:6]) < 65536:
                yield int(first), node.place, path
            else:
                self.leave(node.place, path)

    def awaited(self, fields: Fields) -> Iterator[str]:
        """The services whose end it waits for."""
        services = self.part(fields, "depends_on")
        for name, node, path in services.items():
            condition = Fields(self, node, path).get("condition") if isinstance(node, Table) else None
            if isinstance(condition, Scalar) and condition.text == "service_completed_successfully":
                yield name

    def ends(self, fields: Fields) -> bool:
        """Whether it says of itself that it is not started again, and nobody is to reach it."""
        restart = fields.get("restart")
        once = isinstance(restart, Scalar) and restart.text in ("no", "false", "False")
        return once and not self.listed(fields, "ports") and not self.listed(fields, "expose")

    def replicas(self, fields: Fields, deploy: Fields) -> int | None:
        if "replicas" in deploy:
            return deploy.integer("replicas", 0, 100)
        return fields.integer("scale", 0, 100) if "scale" in fields else None

    def limits(self, fields: Fields, deploy: Fields) -> Iterator[tuple[str, str]]:
        """As a Score file writes them."""
        limits = self.part(self.part(deploy, "resources"), "limits")
        cpus = next((one for one in (limits.get("cpus"), fields.get("cpus")) if one is not None), None)
        memory = next((one for one in (limits.get("memory"), fields.get("mem_limit")) if one is not None), None)
        if isinstance(cpus, Scalar) and re.fullmatch(r"\d{1,4}(\.\d{1,3})?", cpus.text) and float(cpus.text) > 0:
            yield "cpu", cpus.text
        if isinstance(memory, Scalar) and (match := _MEMORY.fullmatch(memory.text)) and float(match[1]) > 0:
            yield "memory", f"{match[1]}{ {'k': 'Ki', 'm': 'Mi', 'g': 'Gi'}.get(match[2].lower(), '') }"

    def checks(self, fields: Fields) -> Iterator[HealthCheck]:
        check = self.part(fields, "healthcheck")
        node = check.get("test")
        if isinstance(node, Scalar) and node.value:
            yield HealthCheck("readiness", node.place, command=("sh", "-c", check.text("test")))
        elif isinstance(node, Sequence) and (words := check.words("test")) and words[0] in ("CMD", "CMD-SHELL"):
            command = words[1:] if words[0] == "CMD" else ("sh", "-c", *words[1:2])
            yield HealthCheck("readiness", node.place, command=command)

    def volumes(self, fields: Fields) -> Iterator[tuple[str, str]]:
        """Where it is mounted → its name. What is mounted out of the tree is there anyway."""
        return ((target, source) for target, source, _ in self._volumes(fields))

    def read_only(self, fields: Fields) -> Iterator[str]:
        return (target for target, _, read_only in self._volumes(fields) if read_only)

    def _volumes(self, fields: Fields) -> Iterator[tuple[str, str, bool]]:
        for node, path in self.listed(fields, "volumes"):
            if isinstance(node, Table):
                volume = Fields(self, node, path)
                source, target, read_only = volume.text("source"), volume.text("target"), volume.flag("read_only")
            else:
                source, _, rest = self.text(node, path).partition(":")
                target, _, options = rest.partition(":")
                read_only = "ro" in options.split(",")
            if source and target and not source.startswith((".", "/", "~", "$")):
                yield target, source, read_only

    def parts(self, servers: Mapping[str, Fields], needs: Mapping[str, Need]) -> Iterator[tuple[str, tuple[str, Part]]]:
        """What each known server takes from which secret."""
        for name, fields in servers.items():
            yield from parts_of_server(needs[name], self._environment(fields), self.command(fields))

    def files(self, fields: Fields) -> Iterator[tuple[str, Placed]]:
        """The secrets and the configs that it names, by their paths."""
        named = {written for _, _, written in self._environment(fields)}
        for use in self._uses(fields):
            lies = in_the_tree(use, self.placing)
            if (file := placed(use, self.placing)) is not None:
                yield use.path, file
            elif lies is None:
                hint = "have the program read a variable, and give it: roadbed config set --secret NAME"
                self.leave(use.place, f"{use.name}, whose content is not in the source,", hint)
            elif use.path not in named:
                self.leave(use.place, f"{use.path}, which lies at {lies} here,", "name its path in a variable")

    def _uses(self, fields: Fields) -> Iterator[Use]:
        kinds: tuple[Kind, ...] = ("secrets", "configs")
        for kind in kinds:
            for node, path in self.listed(fields, kind):
                if isinstance(node, Table):
                    named = Fields(self, node, path)
                    yield Use(kind, named.text("source"), named.text("target"), node.place)
                else:
                    yield Use(kind, self.text(node, path), "", node.place)

    def variables(self, fields: Fields) -> Iterator[tuple[str, Variable]]:
        """Those of `env_file`, then those that stand here, which go before them."""
        for file, place in self._env_files(fields):
            if (text := self.tree.text(posixpath.normpath(file))) is None:
                self.leave(place, f"{file}, which is not in the source,", "set its variables with `roadbed config`")
                continue
            values = read_env(text, self.hosts.values)
            for name, value in values.items():
                yield name, self._variable(name, place, value.replace("$", "$$"), apart=True)
        moved = {use.path: in_the_tree(use, self.placing) for use in self._uses(fields)}
        for name, place, written in self._environment(fields):
            yield name, self._variable(name, place, moved.get(written or "") or written)

    def _env_files(self, fields: Fields) -> Iterator[tuple[str, Place]]:
        node = fields.get("env_file")
        for one in node.items if isinstance(node, Sequence) else [node]:
            if isinstance(one, Table):
                yield Fields(self, one, "").text("path"), one.place
            elif one is not None:
                yield self.loose_text(one, fields.path_of("env_file")), one.place

    def _environment(self, fields: Fields) -> Iterator[tuple[str, Place, str | None]]:
        environment = fields.get("environment")
        if isinstance(environment, Sequence):
            for node, path in self.sequence(environment, fields.path_of("environment")):
                name, equals, value = self.loose_text(node, path).partition("=")
                yield name, node.place, value if equals else None
        elif environment is not None and not (isinstance(environment, Scalar) and environment.value is None):
            section = fields.mapping("environment")
            for name, node, path in section.items():
                empty = isinstance(node, Scalar) and node.value is None
                yield name, section.place(name), None if empty else self.loose_text(node, path)

    def _variable(self, name: str, place: Place, written: str | None, *, apart: bool = False) -> Variable:
        found = variable(name, place, written, self.hosts, apart=apart)
        if found.origin == "value" and (host := names_unreached(found.value or "", self.hosts)) is not None:
            message = f"{name} names {host}, which has another address here"
            self.unmapped.append(place.problem(message, "take its parts from the resource in a Score file"))
        return found
