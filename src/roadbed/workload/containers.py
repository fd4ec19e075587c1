"""The containers of a Score file: what runs, and what it sees."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import cast

from roadbed.workload.contents import read_contents, read_text
from roadbed.workload.domain import Container, HttpGet, Probe, Quantity, Readiness, Text
from roadbed.workload.reader import Fields

_FIELDS = (
    "image",
    "command",
    "args",
    "variables",
    "files",
    "volumes",
    "resources",
    "livenessProbe",
    "readinessProbe",
    "before",
)
_CPU = re.compile(r"\d{1,9}(?:m|\.\d{1,9})?")
_MEMORY = re.compile(r"(\d{1,15}(?:\.\d{1,9})?)([KMGTPE]i?|k)?")
_UNITS = {"": 1} | {
    f"{letter}{suffix}": base**power
    for suffix, base in (("", 1000), ("i", 1024))
    for power, letter in enumerate("KMGTPE", start=1)
}
_OWN_SOURCE = "."
_BREAKS = frozenset("\r\n\0")
_LEAST_MEMORY = 1_000_000


def read_containers(fields: Fields) -> dict[str, Container]:
    containers = fields.mapping("containers")
    if "containers" in fields and not containers.node.entries:
        fields.reader.report(fields.place("containers"), "containers is empty", "add at least one container")
    return {name: _container(name, section) for name, section in containers.sections(_FIELDS, ("image",))}


def _container(name: str, fields: Fields) -> Container:
    resources = fields.section("resources", ("limits", "requests"))
    files, volumes = read_contents(fields)
    return Container(
        name=name,
        image=_image(fields),
        place=fields.node.place,
        command=fields.words("command"),
        args=fields.words("args"),
        variables=_variables(fields.mapping("variables")),
        files=files,
        volumes=volumes,
        limits=_quantity(resources, "limits"),
        requests=_quantity(resources, "requests"),
        liveness=_probe(fields, "livenessProbe"),
        readiness=_probe(fields, "readinessProbe"),
        before=_before(fields.mapping("before")),
        before_places={name: fields.mapping("before").place(name) for name in fields.mapping("before").node.entries},
    )


def _image(fields: Fields) -> str:
    image = fields.text("image")
    if image and image != _OWN_SOURCE and not fields.reader.runs_images:
        place = node.place if (node := fields.get("image")) else fields.node.place
        message = f"the image {image!r} can't be run by the process runtime"
        hint = "write `image: .`: what runs is built from the source tree"
        fields.reader.report(place, message, hint)
    return image


def _variables(fields: Fields) -> dict[str, Text]:
    found = {}
    for key, node, path in fields.items():
        if not key or "=" in key or "\0" in key:
            message, hint = f"{path} is not a name for a variable", "leave out what no name may hold: `=`, NUL"
            if not key:
                message, hint = f"{fields.path} has a variable without a name", "give it one"
            fields.reader.report(fields.place(key), message, hint)
        found[key] = read_text(fields, node, path)
    return found


def _quantity(resources: Fields | None, name: str) -> Quantity:
    section = resources.section(name, ("cpu", "memory")) if resources else None
    if section is None:
        return Quantity()
    found = Quantity(_cpu(section), _memory(section))
    if name == "limits":
        _check_least(section, found)
    return found


def _check_least(limits: Fields, found: Quantity) -> None:
    """Nothing runs within less. A number without a unit is bytes, which few mean."""
    if found.cpu_millis == 0:
        limits.reader.report(limits.place("cpu"), f"{limits.path_of('cpu')} leaves no CPU", 'write a part: "250m"')
    if found.memory_bytes is not None and found.memory_bytes < _LEAST_MEMORY:
        message = f"{limits.path_of('memory')} is {found.memory_bytes:,} bytes, in which nothing runs"
        limits.reader.report(limits.place("memory"), message, 'write a unit: "512Mi"')


def _cpu(fields: Fields) -> int | None:
    """`250m` and `0.25` are a quarter of a core."""
    text = fields.matching("cpu", _CPU, 'cores in quotes: "0.5" or "500m"')
    if text is None or not _CPU.fullmatch(text):
        return None
    return int(text[:-1]) if text.endswith("m") else int(Decimal(text) * 1000)


def _memory(fields: Fields) -> int | None:
    text = fields.matching("memory", _MEMORY, 'bytes with a unit in quotes: "512Mi" or "1.5Gi"')
    match = _MEMORY.fullmatch(text or "")
    return int(Decimal(match[1]) * _UNITS[(match[2] or "").replace("k", "K")]) if match else None


def _probe(fields: Fields, name: str) -> Probe | None:
    section = fields.section(name, ("httpGet", "exec"))
    if section is None:
        return None
    if "httpGet" not in section and "exec" not in section:
        fields.reader.report(section.node.place, f"{section.path} needs httpGet, exec or both")
    http = section.section("httpGet", ("port", "path", "host", "scheme", "httpHeaders"), ("port", "path"))
    command = section.section("exec", ("command",), ("command",))
    words = command.words("command") if command else None
    if command and words == () and "command" in command:
        command.reader.report(command.place("command"), f"{command.path_of('command')} names no program")
    return Probe(_http(http) if http else None, words, section.node.place)


def _http(fields: Fields) -> HttpGet:
    for name in ("path", "host"):
        if name in fields and _BREAKS & set(fields.text(name, empty=True)):
            fields.reader.report(fields.place(name), f"{fields.path_of(name)} holds a line break")
    return HttpGet(
        port=fields.integer("port", 1, 65535, 1),
        path=fields.text("path"),
        host=fields.optional_text("host"),
        scheme="HTTPS" if fields.choice("scheme", ("HTTP", "HTTPS"), "HTTP") == "HTTPS" else "HTTP",
        headers=_headers(fields),
    )


def _headers(fields: Fields) -> tuple[tuple[str, str], ...]:
    node = fields.get("httpHeaders")
    if node is None:
        return ()
    found = []
    for item, path in fields.reader.sequence(node, fields.path_of("httpHeaders")):
        header = fields.reader.section(item, path, ("name", "value"), ("name", "value"))
        name, value = header.text("name"), header.text("value", empty=True)
        if _BREAKS & set(name + value):
            fields.reader.report(item.place, f"{path} holds a line break")
        found.append((name, value))
    return tuple(found)


def _before(fields: Fields) -> dict[str, Readiness]:
    return {
        name: cast("Readiness", section.choice("ready", ("started", "healthy", "complete"), "started"))
        for name, section in fields.sections(("ready",), ("ready",))
    }
