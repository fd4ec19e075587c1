"""The containers of a Score file: what runs, and what it sees."""

from __future__ import annotations

import base64
import binascii
import re
from decimal import Decimal
from pathlib import PurePosixPath
from typing import cast

from roadbed.workload.document import Node
from roadbed.workload.domain import Container, File, HttpGet, Probe, Quantity, Readiness, Text, Volume
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
_MODE = re.compile(r"0?[0-7]{3}")
_UNITS = {"": 1} | {
    f"{letter}{suffix}": base**power
    for suffix, base in (("", 1000), ("i", 1024))
    for power, letter in enumerate("KMGTPE", start=1)
}
_CONTENTS = ("source", "content", "binaryContent")


def read_containers(fields: Fields) -> dict[str, Container]:
    containers = fields.mapping("containers")
    if "containers" in fields and not containers.node.entries:
        fields.reader.report(fields.place("containers"), "containers is empty", "add at least one container")
    return {name: _container(name, section) for name, section in containers.sections(_FIELDS, ("image",))}


def _container(name: str, fields: Fields) -> Container:
    resources = fields.section("resources", ("limits", "requests"))
    return Container(
        name=name,
        image=fields.text("image"),
        place=fields.node.place,
        command=fields.words("command"),
        args=fields.words("args"),
        variables=_variables(fields.mapping("variables")),
        files={target: _file(target, section) for target, section in _targets(fields, "files")},
        volumes={target: _volume(target, section) for target, section in _targets(fields, "volumes")},
        limits=_quantity(resources, "limits"),
        requests=_quantity(resources, "requests"),
        liveness=_probe(fields, "livenessProbe"),
        readiness=_probe(fields, "readinessProbe"),
        before=_before(fields.mapping("before")),
    )


def _variables(fields: Fields) -> dict[str, Text]:
    found = {}
    for key, node, path in fields.items():
        if not key or "=" in key or "\0" in key:
            fields.reader.report(fields.place(key), f"{path} is not a name for a variable", "leave out the `=`")
        found[key] = _text(fields, node, path)
    return found


def _text(fields: Fields, node: Node, path: str) -> Text:
    """Text without NUL bytes, which neither an environment nor a path can hold."""
    value = fields.reader.text(node, path)
    if "\0" in value:
        fields.reader.report(node.place, f"{path} holds a NUL byte")
    return Text(value, node.place)


def _targets(fields: Fields, name: str) -> list[tuple[str, Fields]]:
    known = {
        "files": ("mode", "noExpand", *_CONTENTS),
        "volumes": ("source", "path", "readOnly"),
    }[name]
    required = ("source",) if name == "volumes" else ()
    entries = fields.mapping(name)
    found = []
    for target, node, path in entries.items():
        if not target or "\0" in target or ".." in PurePosixPath(target).parts:
            fields.reader.report(entries.place(target), f"{path} is not a path within the container")
        found.append((target, fields.reader.section(node, path, known, required)))
    return found


def _file(target: str, fields: Fields) -> File:
    given = [name for name in _CONTENTS if name in fields]
    if len(given) != 1:
        found = " and ".join(given) or "none"
        fields.reader.report(
            fields.node.place, f"{fields.path} needs exactly one of source, content and binaryContent; it has {found}"
        )
    content = fields.get("content")
    return File(
        target=target,
        place=fields.node.place,
        mode=fields.matching("mode", _MODE, 'octal digits in quotes: "0644"'),
        no_expand=fields.flag("noExpand"),
        source=_source(fields),
        content=Text(fields.reader.text(content, fields.path_of("content")), content.place) if content else None,
        binary=_binary(fields),
    )


def _source(fields: Fields) -> str | None:
    """A path within the folder of the Score file, never out of it."""
    source = fields.optional_text("source")
    if source is not None and (source.startswith(("/", "~")) or ".." in PurePosixPath(source).parts or "\0" in source):
        fields.reader.report(
            fields.place("source"),
            f"{fields.path_of('source')} leads out of the source tree: {source!r}",
            "use a path relative to the Score file, without `..`",
        )
    return source


def _binary(fields: Fields) -> bytes | None:
    if "binaryContent" not in fields:
        return None
    text = fields.text("binaryContent", empty=True)
    try:
        return base64.b64decode("".join(text.splitlines()), validate=True)
    except (binascii.Error, ValueError):
        fields.reader.report(fields.place("binaryContent"), f"{fields.path_of('binaryContent')} is not base64")
        return b""


def _volume(target: str, fields: Fields) -> Volume:
    source = fields.get("source")
    text = Text("", fields.node.place) if source is None else _text(fields, source, fields.path_of("source"))
    return Volume(target, text, fields.optional_text("path"), fields.flag("readOnly"), fields.node.place)


def _quantity(resources: Fields | None, name: str) -> Quantity:
    section = resources.section(name, ("cpu", "memory")) if resources else None
    if section is None:
        return Quantity()
    return Quantity(_cpu(section), _memory(section))


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
    return Probe(_http(http) if http else None, command.words("command") if command else None, section.node.place)


def _http(fields: Fields) -> HttpGet:
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
        if {"\r", "\n", "\0"} & set(name + value):
            fields.reader.report(item.place, f"{path} holds a line break")
        found.append((name, value))
    return tuple(found)


def _before(fields: Fields) -> dict[str, Readiness]:
    return {
        name: cast("Readiness", section.choice("ready", ("started", "healthy", "complete"), "started"))
        for name, section in fields.sections(("ready",), ("ready",))
    }
