"""A detected process → its Score file, with comments that say why. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from roadbed.detection.domain import HERE, Detection, Evidence, HealthCheck, Part, Process, Variable, front
from roadbed.detection.evidence import because, shown
from roadbed.detection.listening import as_one_process
from roadbed.detection.tree import below
from roadbed.detection.yaml_text import Noted, document
from roadbed.kit.names import as_name

PORT = 8080
"""What is listened on where no file says a number; here it is any that is free."""
STATIC_SERVER = "roadbed-static"

_SCHEMES = {"postgres": "postgresql", "redis": "redis", "mysql": "mysql", "amqp": "amqp", "nats": "nats"}
_OUTPUTS: Mapping[Part, str] = {"bucket": "bucket", "access_key_id": "access_key_id", "secret_key": "secret_key"}
_FETCH = re.compile(r"\b(?:curl|wget)\b.*?https?://(?:localhost|127\.0\.0\.1|0\.0\.0\.0)(?::\d+)?(/[^\s\"'|;]*)?")
_DOLLAR = re.compile(r"\$(\{[^}]*\})?")


def score_file(found: Detection, process: Process, needs: Collection[str]) -> str:
    """`needs` are those that were accepted: what they would fill is left out otherwise."""
    resources = _Resources(found, process, needs)
    variables = {**found.variables, **process.variables}
    container: dict[str, Any] = {"image": ".", **_started(process)}
    if values := {name: resources.value(variable) for name, variable in variables.items()}:
        container["variables"] = values
    if process.limits:
        container["resources"] = {"limits": dict(process.limits)}
    if process.files:
        container["files"] = dict(resources.files())
    if process.volumes:
        container["volumes"] = dict(resources.volumes())
    container |= dict(_probes(process))
    listens = process.public or process.listens or process.name in _referred(found)
    if process.name == front(found.processes):
        resources.route()
    return document(
        {
            "apiVersion": "score.dev/v1b1",
            "metadata": {"name": process.name},
            "containers": {"main": container},
            **({"service": {"ports": {"http": {"port": 80, "targetPort": process.port or PORT}}}} if listens else {}),
            **({"resources": resources.declared} if resources.declared else {}),
        },
        (f"What {process.name} runs: a Score file (https://docs.score.dev), made from {', '.join(_files(process))}.",),
    )


def _files(process: Process) -> list[str]:
    places = [one.place for one in process.evidence] or [process.place]
    return list(dict.fromkeys(shown(place.file) for place in places))


def _started(process: Process) -> dict[str, Any]:
    comments = tuple(because(one) for one in process.evidence)
    if process.command is None:
        folder = below(f"{process.folder}/{process.publish or '.'}")
        words = [STATIC_SERVER, *(["--spa"] if process.single_page else []), folder or "."]
        return {"command": Noted(words, comments)}
    return {
        "command": Noted(["sh", "-c"], comments),
        "args": [as_one_process(process.command, process.folder)],
    }


def _probes(process: Process) -> Iterator[tuple[str, Any]]:
    """The first check of each kind that can be asked here: what fetches a page is asked for that page."""
    seen = set()
    for check in process.checks:
        name = "livenessProbe" if check.kind == "liveness" else "readinessProbe"
        probe = _probe(check, process)
        if probe is not None and name not in seen:
            seen.add(name)
            yield name, Noted(probe, (because(Evidence(check.place)),))


def _probe(check: HealthCheck, process: Process) -> dict[str, Any] | None:
    port = check.port or process.port or PORT
    if check.path is not None:
        headers = [{"name": name, "value": value} for name, value in check.headers if _is_text(name + value)]
        return {"httpGet": {"path": _path(check.path), "port": port, **({"httpHeaders": headers} if headers else {})}}
    words = check.command or ()
    if fetched := _FETCH.search(" ".join(words)):
        return {"httpGet": {"path": _path(fetched[1] or "/"), "port": port}}
    usable = words and not (process.port and str(process.port) in " ".join(words))
    return {"exec": {"command": list(words)}} if usable and _is_text("".join(words)) else None


def _path(path: str) -> str:
    whole = path if path.startswith("/") else f"/{path}"
    return whole if _is_text(whole) and whole.isprintable() else "/"


def _is_text(text: str) -> bool:
    return "\0" not in text and text.isprintable()


def _referred(found: Detection) -> set[str]:
    """Processes that another one must reach."""
    every = [found.variables, *(process.variables for process in found.processes.values())]
    return {str(one.of) for variables in every for one in variables.values() if one.origin == "process"}


class _Resources:
    """Grows `declared` as values refer to it. What is shared has an `id`, so that all processes mean the same one."""

    def __init__(self, found: Detection, process: Process, needs: Collection[str]) -> None:
        self.declared: dict[str, Any] = {}
        self._found, self._process, self._needs = found, process, needs

    def value(self, variable: Variable) -> Noted:
        place = because(Evidence(variable.place))
        if variable.origin == "need":
            return self._of_need(variable, place)
        if variable.origin == "generated":
            name = as_name(variable.of or variable.name) or "secret"
            self.declared[name] = {"type": "secret", "id": name}
            return Noted(f"${{resources.{name}.value}}", (f"{place}: made once, and kept",))
        if variable.origin == "host":
            return Noted(self._with_host(variable), (f"{place}: where the application is reached",))
        if variable.origin == "process":
            return self._of_process(variable, place)
        if variable.value is None:
            said = f": {shown(variable.description)}" if variable.description else ""
            missing = "must be set" if variable.required else "may be set"
            return Noted(None, (f"{place}{said}", f"{variable.name} {missing}: {self._found.set_command(variable)}"))
        return Noted(escaped(variable.value), (place,))

    def _of_need(self, variable: Variable, place: str) -> Noted:
        need = self._found.needs.get(str(variable.of))
        if need is None or need.name not in self._needs:
            what = f"a resource of type {need.type}" if need else "what it leads to"
            return Noted(None, (f"{place}: left out, with {what}", f"{variable.name} is not set"))
        self.declared[need.name] = Noted(
            {"type": need.type, "id": need.name}, tuple(because(one) for one in need.evidence)
        )
        return Noted(output(need.name, need.type, variable), (place,))

    def _of_process(self, variable: Variable, place: str) -> Noted:
        if variable.of is None or variable.of not in self._found.processes:
            return Noted(None, (f"{place}: there is no process {shown(str(variable.of))!r}",))
        name = as_name(f"{variable.of[:55]}-port") or "port"
        self.declared[name] = {"type": "service-port", "params": {"workload": variable.of, "port": "http"}}
        host, port = f"${{resources.{name}.hostname}}", f"${{resources.{name}.port}}"
        values: dict[Part, str] = {"host": host, "port": port, "address": f"{host}:{port}"}
        return Noted(values.get(variable.part, f"http://{host}:{port}{escaped(_path_of(variable.value))}"), (place,))

    def _with_host(self, variable: Variable) -> str:
        name = self._dns()
        return escaped(variable.value or HERE).replace(HERE, f"${{resources.{name}.host}}")

    def _dns(self) -> str:
        """One for all: other workloads than that which is reached name the same host."""
        every = [self._found.variables, *(process.variables for process in self._found.processes.values())]
        shared = any(one.origin == "host" for variables in every for one in variables.values())
        name = next(name for name in ("dns", "host-name", "public-host-name") if name not in self._found.needs)
        self.declared[name] = {"type": "dns", **({"id": name} if shared else {})}
        return name

    def volumes(self) -> Iterator[tuple[str, Any]]:
        for target, written in self._process.volumes.items():
            name = as_name(written) or as_name(f"data{target}") or "data"
            name = f"{name}-volume"[:63] if name in self._found.needs else name
            self.declared[name] = {"type": "volume", "id": name}
            read_only = {"readOnly": True} if target in self._process.read_only else {}
            yield target, {"source": f"${{resources.{name}}}", **read_only}

    def files(self) -> Iterator[tuple[str, Any]]:
        for target, file in self._process.files.items():
            noted = self.value(file.content)
            content = None if noted.value is None else {"mode": "0400", "content": noted.value}
            yield target, Noted(content, noted.comments)

    def route(self) -> None:
        dns = self._dns()
        taken = {**self.declared, **self._found.needs}
        route = next(name for name in ("route", "front-route", "public-route") if name not in taken)
        params = {"host": f"${{resources.{dns}.host}}", "path": "/", "port": "http"}
        self.declared[route] = {"type": "route", "params": params}


def _path_of(url: str | None) -> str:
    try:
        return urlsplit(url or "").path
    except ValueError:
        return ""


def output(name: str, type_: str, variable: Variable) -> str:
    """A placeholder, or a URL made of several."""

    def part(key: str) -> str:
        return f"${{resources.{name}.{key}}}"

    if variable.part == "address":
        return f"{part('host')}:{part('port')}"
    if variable.part != "url":
        return "0" if type_ == "redis" and variable.part == "name" else part(_OUTPUTS.get(variable.part, variable.part))
    if type_ == "mongodb":
        return part("connection")
    if type_ == "s3":
        return part("endpoint")
    scheme, behind = _form(variable.value, type_)
    ends = {"postgres": f"/{part('name')}", "mysql": f"/{part('name')}", "amqp": f"/{part('vhost')}"}
    return f"{scheme}://{part('username')}:{part('password')}@{part('host')}:{part('port')}{ends.get(type_, behind)}"


def _form(example: str | None, type_: str) -> tuple[str, str]:
    """What a URL begins with, and which of Redis' databases it names: as in the example."""
    scheme = _SCHEMES.get(type_, "http")
    try:
        parts = urlsplit(example or "")
    except ValueError:
        return scheme, ""
    if re.fullmatch(rf"{scheme}\+[a-z0-9]+", parts.scheme):
        scheme = parts.scheme
    return scheme, parts.path if type_ == "redis" and re.fullmatch(r"/\d{1,2}", parts.path) else ""


def escaped(text: str) -> str:
    """As a Score file must say it for it to arrive as it is: a dollar is doubled, a brace behind it is left alone."""
    return _DOLLAR.sub(lambda match: f"$${match[1] or ''}", text)
