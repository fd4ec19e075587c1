"""What a Score file says, for a person to read. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from roadbed.cli.style import Style
from roadbed.cli.text import clean, pairs, shorten, size, table

_VALUE_COLUMNS = 60


def explanation_view(found: dict[str, Any], style: Style) -> str:
    """The workload, its containers, ports and resources; what the file leaves out is marked as a default."""
    lines = [f"{style.paint(clean(found['workload']), 'bold')}  {style.paint(clean(found['file']), 'dim')}"]
    for container in found["containers"]:
        lines += ["", *_container(container, found, style)]
    if found["ports"]:
        rows = [
            (each["name"], each["port"], _marked(each, "targetPort"), _marked(each, "protocol"), each["place"])
            for each in found["ports"]
        ]
        lines += ["", _indented(table(("PORT", "PUBLIC", "CONTAINER", "PROTOCOL", "FROM"), rows, style))]
    if found["resources"]:
        rows = [
            (
                each["name"],
                each["uid"],
                "several workloads" if each["shared"] else "this workload",
                _params(each),
                each["place"],
            )
            for each in found["resources"]
        ]
        lines += ["", _indented(table(("RESOURCE", "UID", "OF", "PARAMS", "FROM"), rows, style))]
        lines += _references(each for each in found["resources"])
    return "\n".join(lines)


def _container(container: dict[str, Any], found: dict[str, Any], style: Style) -> Iterator[str]:
    name = style.paint(clean(container["name"]), "bold")
    yield f"  container {name}  {style.paint(clean(container['place']), 'dim')}"
    yield _indented(pairs(_facts(container, found), style), 4)
    tables: list[tuple[tuple[str, ...], list[tuple[Any, ...]]]] = [
        (
            ("VARIABLE", "VALUE", "FROM"),
            [(each["name"], _cut(each["value"]), each["place"]) for each in container["variables"]],
        ),
        (
            ("FILE", "CONTENT", "MODE", "FROM"),
            [(each["target"], _content(each), _marked(each, "mode"), each["place"]) for each in container["files"]],
        ),
        (("VOLUME", "SOURCE", "PATH", "ACCESS", "FROM"), [_volume(each) for each in container["volumes"]]),
    ]
    for headers, rows in tables:
        if rows:
            yield _indented("\n" + table(headers, rows, style), 4)
    yield from _references([*container["variables"], *container["files"], *container["volumes"]], 4)


def _volume(volume: dict[str, Any]) -> tuple[Any, ...]:
    access = "read-only" if volume["readOnly"] else "writable"
    return (volume["target"], volume["source"], volume["path"], access, volume["place"])


def _facts(container: dict[str, Any], found: dict[str, Any]) -> Iterator[tuple[str, object]]:
    yield "image", "built from the source tree" if container["image"] == "." else container["image"]
    yield "command", " ".join([*container["command"], *container["args"]]) or "what the build finds, a default"
    after = next(each["after"] for each in found["start"] if each["container"] == container["name"])
    yield "starts", " and ".join(f"after {each['container']} is {each['ready']}" for each in after) or "at once"
    for name in ("requests", "limits"):
        yield name, _quantity(container[name])
    yield "ready when", _probe(container["readinessProbe"])
    yield "alive while", _probe(container["livenessProbe"])


def _quantity(given: dict[str, Any]) -> str:
    cpu = "" if given["cpu_millis"] is None else f"{given['cpu_millis'] / 1000:g} CPU"
    memory = "" if given["memory_bytes"] is None else size(given["memory_bytes"])
    return ", ".join(filter(None, (cpu, memory)))


def _probe(probe: dict[str, Any] | None) -> str:
    if probe is None:
        return ""
    http, parts = probe["http"], []
    if http:
        host = f" as {http['host']}" if http["host"] else ""
        parts.append(f"{http['scheme']} GET {http['path']}{host} on port {http['port']} answers")
    if probe["exec"] is not None:
        parts.append(f"`{' '.join(probe['exec'])}` ends with 0")
    return " and ".join(parts)


def _content(file: dict[str, Any]) -> str:
    what = str(file["source"]) if file["from"] == "source" else size(file["size"])
    return what if file["expanded"] else f"{what}, as it is"


def _params(resource: dict[str, Any]) -> str:
    return _cut(", ".join(f"{name}={value}" for name, value in resource["params"].items()))


def _references(holders: Iterable[dict[str, Any]], indent: int = 2) -> list[str]:
    """Each placeholder once, with what it stands for."""
    told = {each["placeholder"]: each for holder in holders for each in holder["refers"]}
    if not told:
        return []
    lines = [
        f"{name} is {each['to']}" + (f": {_cut(each['value'])}" if each["value"] is not None else "")
        for name, each in told.items()
    ]
    return ["", _indented("\n".join(map(clean, lines)), indent)]


def _marked(given: dict[str, Any], field: str) -> str:
    return f"{given[field]} (default)" if field in given["defaults"] else str(given[field])


def _cut(text: str) -> str:
    return shorten(" ".join(clean(text.replace("\n", "⏎")).split()), _VALUE_COLUMNS)


def _indented(text: str, indent: int = 2) -> str:
    return "\n".join(f"{' ' * indent}{line}".rstrip() for line in text.splitlines())
