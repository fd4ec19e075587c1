"""Reads a compose file: what is built here becomes a process, a known server a need.

Source of the fields: the Compose specification.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from roadbed.detection.compose_files import define
from roadbed.detection.compose_once import released
from roadbed.detection.compose_service import ServiceReader
from roadbed.detection.compose_variables import Hosts, port_of
from roadbed.detection.dockerfile import last_image
from roadbed.detection.domain import Need, Process, Reading
from roadbed.detection.servers import passes_requests_on, server_type, type_of_data
from roadbed.detection.tree import Tree, TreeOfTexts, below
from roadbed.workload.document import Mapping as Table
from roadbed.workload.document import Node, Scalar
from roadbed.workload.parsing import parse_document
from roadbed.workload.reader import Fields

_READ = frozenset(("services", "volumes", "version", "name", "secrets", "configs"))
_SERVICE = frozenset((
    "image", "build", "command", "entrypoint", "environment", "env_file", "ports", "expose", "volumes", "depends_on",
    "healthcheck", "deploy", "scale", "mem_limit", "cpus", "secrets", "configs",
))  # fmt: skip
_SAYS_NOTHING = frozenset((
    "container_name", "restart", "networks", "hostname", "init", "tty", "stdin_open", "logging", "platform",
    "pull_policy", "stop_grace_period", "develop", "links",
))  # fmt: skip
_FILLED_APART = ("environment", "command", "entrypoint")
_ELSEWHERE = re.compile(r"\w[\w+.-]*://|git@|github\.com/")
_PAGES = ("package.json", "index.html", "public/index.html", "app.py", "main.py", "manage.py")
_NO_TREE = TreeOfTexts({})


def read_compose(text: str, file: str = "docker-compose.yml", tree: Tree = _NO_TREE) -> Reading:
    """The `tree` has the `.env` and the Dockerfiles that the file speaks of.

    Raises InvalidInput with everything that is wrong in what is read.
    """
    reader = _ComposeReader(tree)
    root = reader.mapping(parse_document(text, file), "")
    services = dict(reader.services(root))
    needs = {name: need for name, fields in services.items() if (need := reader.need(name, fields)) is not None}
    own = dict(reader.built({name: fields for name, fields in services.items() if name not in needs}))
    reader.hosts = Hosts(
        {host: need for name, need in needs.items() for host in _hosts(name, services[name])},
        {host: reader.called(name, fields) for name, fields in own.items() for host in _hosts(name, fields)},
        reader.hosts.values,
    )
    parts = dict(reader.parts({name: services[name] for name in needs}, needs))
    reader.placing = define(root, tree, parts, reader.hosts.values)
    every = {name: reader.process(name, fields) for name, fields in own.items()}
    waits = {name: tuple(reader.awaited(fields)) for name, fields in own.items()}
    lasting, left = released(every, waits, [name for name, fields in own.items() if reader.ends(fields)])
    processes = reader.by_name((lasting or every).values())
    reader.unmapped += left if lasting else []
    servers = reader.by_name(needs.values())
    reader.findings.raise_if_any(file)
    return Reading(
        file,
        name=root.optional_text("name"),
        processes=_reached(processes),
        needs=servers,
        unmapped=reader.in_order(),
    )


def _hosts(name: str, fields: Fields) -> Iterator[str]:
    """What a service can be reached as."""
    for host in (name, *(fields.text(key) for key in ("container_name", "hostname") if _is_text(fields.get(key)))):
        yield host
        yield host.lower()


def _is_text(node: Node | None) -> bool:
    return isinstance(node, Scalar) and isinstance(node.value, str)


def _reached(processes: Mapping[str, Process]) -> dict[str, Process]:
    """With the port that another's variable expects a process to listen on, where it says none itself."""
    found = dict(processes)
    for process in processes.values():
        for leading in process.variables.values():
            if leading.origin == "process" and leading.of in found:
                other = found[leading.of]
                found[leading.of] = replace(other, listens=True, port=other.port or port_of(leading))
    return found


class _ComposeReader(ServiceReader):
    """Tells what is built here from what is only used."""

    def services(self, root: Fields) -> Iterator[tuple[str, Fields]]:
        """With their values filled in. The first files of the kind had services at their root, and nothing else."""
        of_old = "services" not in root and any(
            isinstance(node, Table) and {"image", "build"} & node.entries.keys() for _, node, _ in root.items()
        )
        if not of_old:
            self.leave_rest(root, _READ, ("networks", *_extensions(root)))
        for name, node, path in (root if of_old else root.mapping("services")).items():
            if of_old and name == "version":
                continue
            fields = self.mapping(node, path)
            entries = {
                key: child if key in _FILLED_APART else self.filled(child, fields.path_of(key))
                for key, child in fields.node.entries.items()
            }
            yield name, Fields(self, Table(node.place, entries, fields.node.key_places), path)

    def called(self, name: str, fields: Fields) -> str:
        return self.as_label(name, fields.node.place)

    def need(self, name: str, fields: Fields) -> Need | None:
        """A server whose image is known; one that is built here, too, where its Dockerfile or its data says so."""
        built = "build" in fields
        type_ = server_type(self._image(fields)) if not built else self._type_built(name, fields)
        if type_ is None:
            return None
        if built:
            message = f"{name!r} is built here on a server: {type_} is taken without what its Dockerfile adds"
            self.unmapped.append(fields.place("build").problem(message))
        for node, path in self.listed(fields, "volumes"):
            if "docker-entrypoint-initdb.d" in " ".join(_texts(node)):
                message = f"{path} says nothing here: no such script is run"
                self.unmapped.append(node.place.problem(message, "make what it makes in a migration: `release:`"))
        return Need(self.called(name, fields), type_, fields.node.place)

    def _type_built(self, name: str, fields: Fields) -> str | None:
        if base := last_image(self.tree, self._dockerfile(fields)):
            return server_type(base)
        targets = (target for target, _ in self.volumes(fields))
        of_data = type_of_data(targets)
        return of_data if of_data is not None and server_type(name) == of_data else None

    def _image(self, fields: Fields) -> str:
        node = fields.get("image")
        return "" if node is None or (isinstance(node, Scalar) and not node.text) else fields.text("image")

    def built(self, services: Mapping[str, Fields]) -> Iterator[tuple[str, Fields]]:
        """All but those that run an image of others: where something is built here, one that nothing here builds."""
        images = {self._image(fields) for fields in services.values() if "build" in fields}
        folders = [self._folder(fields) for fields in services.values() if "build" in fields]
        for name, fields in services.items():
            image = "" if "build" in fields else self._image(fields)
            if images and image and image not in images:
                message = f"{name!r} runs the image {image!r}, which is not built here, and is left out"
                self.unmapped.append(fields.place("image").problem(message, "run it elsewhere, and name its address"))
            elif "build" in fields and self._stands_in_front(fields, folders):
                message = f"{name!r} passes requests on, as the gateway does here, and is left out"
                hint = "say which path is whose with routes in the Score files"
                self.unmapped.append(fields.place("build").problem(message, hint))
            else:
                yield name, fields

    def _stands_in_front(self, fields: Fields, folders: list[str]) -> bool:
        """A proxy that is built here; one with pages of its own in a folder of its own serves those."""
        folder = self._folder(fields)
        inside = f"{below(folder)}/" if below(folder) else ""
        pages = any(f"{inside}{page}" in self.tree for page in _PAGES) and folders.count(folder) == 1
        return passes_requests_on(last_image(self.tree, self._dockerfile(fields)) or "") and not pages

    def process(self, name: str, fields: Fields) -> Process:
        self.leave_rest(fields, _SERVICE, (*_SAYS_NOTHING, *_extensions(fields)))
        self._leave_build(fields)
        if "build" not in fields:
            self.leave(fields.place("image"), f"the image of {name}", "its code is taken from this tree instead")
        deploy = self.part(fields, "deploy")
        port = self.port(fields)
        return Process(
            self.called(name, fields),
            next((fields.place(key) for key in ("command", "entrypoint") if key in fields), fields.node.place),
            command=self.command(fields),
            public=bool(self.listed(fields, "ports")),
            listens=bool(self.listed(fields, "expose")),
            port=port,
            replicas=self.replicas(fields, deploy),
            checks=tuple(self.checks(fields)),
            variables=dict(self.variables(fields)),
            folder=self._folder(fields),
            dockerfile=self._dockerfile(fields) if "build" in fields else None,
            volumes=dict(self.volumes(fields)),
            read_only=frozenset(self.read_only(fields)),
            files=dict(self.files(fields)),
            limits=dict(self.limits(fields, deploy)),
        )

    def _leave_build(self, fields: Fields) -> None:
        if _ELSEWHERE.match(self._context(fields)):
            what = f"{fields.path}.build from another place"
            self.leave(fields.place("build"), what, "its code is taken from this tree instead")
        if isinstance(fields.get("build"), Table):
            known = ("context", "dockerfile", "target", "cache_from", "cache_to", "tags")
            self.leave_rest(fields.mapping("build"), known)

    def _folder(self, fields: Fields) -> str:
        context = self._context(fields)
        return "." if _ELSEWHERE.match(context) else context

    def _context(self, fields: Fields) -> str:
        section = self.part(fields, "build")
        if section.node.entries:
            return section.text("context") or "."
        return fields.text("build") or "." if _is_text(fields.get("build")) else "."

    def _dockerfile(self, fields: Fields) -> str:
        name = self.part(fields, "build").text("dockerfile") or "Dockerfile"
        return posixpath.normpath(posixpath.join(self._folder(fields), name))


def _extensions(fields: Fields) -> Iterator[str]:
    """What the format leaves to others, who mostly keep there what they refer to elsewhere."""
    return (key for key in fields.node.entries if key.startswith("x-"))


def _texts(node: Node) -> Iterable[str]:
    if isinstance(node, Scalar):
        return (node.text,)
    return (
        one.text
        for one in (node.entries.values() if isinstance(node, Table) else node.items)
        if isinstance(one, Scalar)
    )
