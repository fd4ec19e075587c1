"""Reads a `render.yaml`: services, databases, and the variables that tie them together.

Source of the fields: Render's blueprint specification.
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from roadbed.detection.domain import CONVENTION, HealthCheck, Need, Origin, Process, Reading, Variable
from roadbed.detection.foreign import ForeignReader
from roadbed.workload.document import Place, Sequence
from roadbed.workload.parsing import parse_document
from roadbed.workload.reader import Fields

_KINDS = {"web": True, "pserv": False, "worker": False, "cron": False, "static": True, "static_site": True}
"""Type of a service → whether it gets traffic from outside. The last two are older words for `runtime: static`."""
_CACHES = ("redis", "keyvalue")
_SERVICE = frozenset((
    "type", "name", "runtime", "env", "rootDir", "buildCommand", "startCommand", "preDeployCommand", "dockerCommand",
    "numInstances", "scaling", "healthCheckPath", "envVars", "domains", "domain", "schedule",
    "staticPublishPath", "disk", "dockerfilePath", "dockerContext",
))  # fmt: skip
_SAYS_NOTHING = frozenset((
    "plan", "region", "branch", "repo", "autoDeploy", "autoDeployTrigger", "previewPlan", "maxShutdownDelaySeconds",
    "pullRequestPreviewsEnabled", "buildFilter", "persistenceMode", "autoscaling",
))  # fmt: skip
_CACHE = frozenset(("type", "name"))
_OWN = {"RENDER_EXTERNAL_URL": "its address", "RENDER_EXTERNAL_HOSTNAME": "its host"}
"""What Render itself sets for a service."""
_TAKEN: dict[str, Origin] = {"fromDatabase": "need", "fromService": "process"}
_DATABASE = frozenset((
    "name", "databaseName", "user", "plan", "region", "diskSizeGB",
))  # fmt: skip


def read_render(text: str, file: str = "render.yaml") -> Reading:
    """Raises InvalidInput with everything that is wrong in what is read."""
    reader = _RenderReader()
    root = reader.mapping(parse_document(text, file), "")
    groups = reader.groups(root)
    reader.own = dict(reader.own_variables(root))
    needs = reader.by_name([*reader.databases(root), *reader.caches(root)])
    processes = reader.by_name(reader.services(root, groups))
    reader.leave_rest(root, ("services", "databases", "envVarGroups", "version"), _SAYS_NOTHING)
    reader.check_references(processes, needs)
    reader.findings.raise_if_any(file)
    return Reading(file, processes=processes, needs=needs, unmapped=reader.in_order())


class _RenderReader(ForeignReader):
    """`own` are the entries of each service's own variables, by its name and theirs."""

    def __init__(self) -> None:
        super().__init__()
        self.own: dict[tuple[str, str], Fields] = {}

    def own_variables(self, root: Fields) -> Iterator[tuple[tuple[str, str], Fields]]:
        for fields in self.each(root, "services"):
            for entry in self.each(fields, "envVars"):
                if "key" in entry:
                    yield (self.name_of(fields), entry.text("key")), entry

    def name_of(self, fields: Fields) -> str:
        return self.as_label(fields.text("name"), fields.place("name"))

    def groups(self, root: Fields) -> dict[str, dict[str, Variable]]:
        return {group.text("name"): dict(self.variables(group, {})) for group in self.each(root, "envVarGroups")}

    def databases(self, root: Fields) -> Iterator[Need]:
        for fields in self.each(root, "databases"):
            name = self.name_of(fields)
            self.leave_rest(fields, _DATABASE, self._unlimited(fields))
            yield Need(name, "postgres", fields.node.place)

    @staticmethod
    def _unlimited(fields: Fields) -> tuple[str, ...]:
        """A list of nobody is what holds here anyway: only what runs here reaches a server."""
        allowed = fields.get("ipAllowList")
        return ("ipAllowList",) if isinstance(allowed, Sequence) and not allowed.items else ()

    def caches(self, root: Fields) -> Iterator[Need]:
        for fields in self.each(root, "services"):
            if fields.text("type") in _CACHES:
                name = self.name_of(fields)
                self.leave_rest(fields, _CACHE, (*_SAYS_NOTHING, *self._unlimited(fields)))
                yield Need(name, "redis", fields.node.place)

    def services(self, root: Fields, groups: dict[str, dict[str, Variable]]) -> Iterator[Process]:
        for fields in self.each(root, "services"):
            kind = fields.text("type")
            if kind in _CACHES:
                continue
            if kind not in _KINDS:
                known = ", ".join((*_KINDS, *_CACHES))
                self.report(fields.place("type"), f"{kind!r} is no type of a service", f"known here: {known}")
                continue
            self.leave_rest(fields, _SERVICE, _SAYS_NOTHING)
            yield self._service(kind, fields, groups)

    def _service(self, kind: str, fields: Fields, groups: dict[str, dict[str, Variable]]) -> Process:
        runtime = fields.text("runtime") or fields.text("env")
        docker = runtime == "docker"
        if docker or runtime == "image":
            self.leave(fields.node.place, f"{fields.path}: the runtime {runtime!r}", "its code is built instead")
        static = runtime == "static" or kind in ("static", "static_site")
        folder = fields.optional_text("rootDir") or (fields.optional_text("dockerContext") if docker else None) or "."
        return Process(
            self.name_of(fields),
            fields.place("startCommand" if "startCommand" in fields else "name"),
            command=fields.optional_text("startCommand") or fields.optional_text("dockerCommand"),
            public=_KINDS[kind],
            listens=kind == "pserv",
            replicas=self._replicas(fields),
            schedule=fields.optional_text("schedule") if kind == "cron" else None,
            checks=tuple(self._checks(fields)),
            variables=dict(self.variables(fields, groups)),
            folder=folder,
            dockerfile=self._dockerfile(fields) if docker else None,
            publish=(fields.optional_text("staticPublishPath") or ".") if static else None,
            build=fields.optional_text("buildCommand"),
            release=fields.optional_text("preDeployCommand"),
            release_place=fields.place("preDeployCommand") if "preDeployCommand" in fields else None,
            volumes=dict(self._volumes(fields)),
            domains=tuple(self._domains(fields)),
        )

    def _dockerfile(self, fields: Fields) -> str:
        """Its path counts from the root of the tree, or from `rootDir` where that is given."""
        path = fields.optional_text("dockerfilePath") or "Dockerfile"
        return posixpath.normpath(posixpath.join(fields.optional_text("rootDir") or ".", path))

    def _replicas(self, fields: Fields) -> int | None:
        if (scaling := fields.get("scaling")) is not None:
            section = self.mapping(scaling, fields.path_of("scaling"))
            return section.integer("minInstances", 0, 100, 1)
        return fields.integer("numInstances", 0, 100) if "numInstances" in fields else None

    def _checks(self, fields: Fields) -> Iterator[HealthCheck]:
        if path := fields.optional_text("healthCheckPath"):
            yield HealthCheck("readiness", fields.place("healthCheckPath"), path=path)

    def _volumes(self, fields: Fields) -> Iterator[tuple[str, str]]:
        """Where it is mounted → its name."""
        if (disk := fields.get("disk")) is not None:
            section = self.mapping(disk, fields.path_of("disk"))
            yield section.text("mountPath"), section.text("name")

    def _domains(self, fields: Fields) -> Iterator[str]:
        if domain := fields.optional_text("domain"):
            yield domain
        if (domains := fields.get("domains")) is not None:
            for node, path in self.sequence(domains, fields.path_of("domains")):
                yield self.text(node, path)

    def variables(self, fields: Fields, groups: dict[str, dict[str, Variable]]) -> Iterator[tuple[str, Variable]]:
        for entry in self.each(fields, "envVars"):
            place = entry.node.place
            if "fromGroup" in entry:
                group = entry.text("fromGroup")
                if group not in groups:
                    self.report(entry.place("fromGroup"), f"there is no group of variables {group!r}")
                yield from groups.get(group, {}).items()
                continue
            if name := entry.text("key"):
                yield name, self._variable(name, entry, place)

    def _variable(self, name: str, entry: Fields, place: Place) -> Variable:
        if (value := entry.get("value")) is not None:
            return Variable(name, place, value=self.loose_text(value, entry.path_of("value")))
        if "generateValue" in entry and entry.flag("generateValue"):
            return Variable(name, place, "generated")
        for source, origin in _TAKEN.items():
            if source in entry:
                return self._taken(Variable(name, place, origin), entry.mapping(source))
        return Variable(name, place, "asked")

    def _taken(self, variable: Variable, source: Fields) -> Variable:
        """From a database, a cache, or another service: of that one by a property, or a variable of its own."""
        if source.text("type") in _CACHES:
            variable = replace(variable, origin="need")
        of, written = self.name_of(source), source.text("property")
        if "envVarKey" in source:
            return self._as_of(variable, of, source.text("envVarKey"), source.place("envVarKey"))
        if written not in CONVENTION:
            self.report(source.place("property"), f"{written!r} is no property", f"known here: {', '.join(CONVENTION)}")
        return replace(variable, of=of, part=CONVENTION.get(written, "url"))

    def _as_of(self, variable: Variable, of: str, key: str, place: Place) -> Variable:
        """The same that another service's variable has. One that is made once is one for both."""
        entry = self.own.get((of, key))
        if entry is not None and "fromService" not in entry:
            found = self._variable(key, entry, variable.place)
            return replace(found, name=variable.name, of=key if found.origin == "generated" else found.of)
        said = f"which Render sets to {_OWN[key]}" if key in _OWN else f"which {of} has no value for in this file"
        message = f"{variable.name} is {key} of {of}, {said}"
        self.unmapped.append(place.problem(message, "set it with `roadbed config`"))
        return replace(variable, origin="asked")

    def check_references(self, processes: Mapping[str, Process], needs: Mapping[str, Need]) -> None:
        known: dict[Origin, Collection[str]] = {"need": needs, "process": processes}
        for process in processes.values():
            for variable in process.variables.values():
                if variable.origin in known and variable.of not in known[variable.origin]:
                    message = f"{variable.name} of {process.name}: there is no {variable.of!r} in this file"
                    self.report(variable.place, message)
