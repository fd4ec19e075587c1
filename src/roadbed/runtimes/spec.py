"""A workload as the properties of a resource say it (`schemas`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from roadbed.runtimes.errors import InvalidService
from roadbed.runtimes.spec_files import check_place, file_of, target_of
from roadbed.runtimes.workloads import MAIN, Container, HttpGet, Port, Probe, VolumeMount, Workload


def workload_of(properties: Mapping[str, Any], secret_paths: frozenset[str]) -> Workload:
    """The properties themselves are its first container's; the others stand in `containers`. Raises InvalidService."""
    name = properties.get("container") or MAIN
    others: Mapping[str, Any] = properties.get("containers") or {}
    if name in others:
        raise InvalidService(f"there are two containers {name!r}")
    containers = {name: _container(properties), **{other: _container(others[other]) for other in sorted(others)}}
    _check_waits(containers)
    return Workload(
        artifact=properties["artifact"],
        containers=containers,
        secrets=tuple(sorted(_secrets(properties, secret_paths))),
        ports=_ports(properties),
        restarted_at=properties.get("restarted_at"),
    )


def _container(properties: Mapping[str, Any]) -> Container:
    files = {target_of(path): file_of(path, file) for path, file in (properties.get("files") or {}).items()}
    volumes = {target_of(path): _volume(volume) for path, volume in (properties.get("volumes") or {}).items()}
    for place in files:
        check_place(place, volumes)
    for place in volumes:
        check_place(place, volumes.keys() - {place})
    return Container(
        command=tuple(properties.get("command") or ()),
        variables=dict(properties.get("variables") or {}),
        files=files,
        volumes=volumes,
        readiness=_probe(properties.get("readiness")),
        liveness=_probe(properties.get("liveness")),
        memory_mb=properties.get("memory_mb"),
        cpu_millis=properties.get("cpu_millis"),
        waits=dict(properties.get("after") or {}),
    )


def _check_waits(containers: Mapping[str, Container]) -> None:
    """That each waits for one that is there, and none for itself, by whatever way round."""
    for name, container in containers.items():
        for other, how in container.waits.items():
            if other not in containers:
                raise InvalidService(f"container {name!r} comes after {other!r}, which is not there")
            if how == "healthy" and containers[other].health is None:
                raise InvalidService(
                    f"container {name!r} waits until {other!r} is healthy, which has no probe",
                    hint=f"give {other!r} one, or wait until it is started",
                )
    left = dict(containers)
    while ready := [name for name, one in left.items() if not one.waits.keys() & left.keys()]:
        for name in ready:
            del left[name]
    if left:
        raise InvalidService(f"these containers wait for each other in a circle: {', '.join(left)}")


def _ports(properties: Mapping[str, Any]) -> tuple[Port, ...]:
    """The one that PORT is comes first: a mapping keeps no order on its way."""
    ports: Mapping[str, Any] = properties.get("ports") or {}
    first = properties.get("port") or min(ports, default="")
    if ports and first not in ports:
        raise InvalidService(f"there is no port {first!r}", hint=f"its ports are: {', '.join(sorted(ports))}")
    return tuple(_port(name, ports[name]) for name in sorted(ports, key=lambda name: (name != first, name)))


def _port(name: str, port: Mapping[str, Any]) -> Port:
    return Port(name, port.get("port"), port.get("target_port"), udp=port.get("protocol") == "UDP")


def _volume(volume: Mapping[str, Any]) -> VolumeMount:
    return VolumeMount(str(volume["source"]), volume.get("path") or "", bool(volume.get("read_only")))


def _probe(probe: Mapping[str, Any] | None) -> Probe | None:
    """Score's: `{"httpGet": {"port", "path", "scheme", "host", "httpHeaders"}, "exec": {"command"}}`."""
    if not probe:
        return None
    http = probe.get("httpGet")
    command = (probe.get("exec") or {}).get("command")
    return Probe(_http(http) if http else None, tuple(command) if command else None)


def _http(http: Mapping[str, Any]) -> HttpGet:
    headers = {header["name"]: header["value"] for header in http.get("httpHeaders") or ()}
    if host := http.get("host"):
        headers = {"Host": host} | headers
    for text in (http["path"], *headers, *headers.values()):
        if "\r" in text or "\n" in text:
            raise InvalidService("a probe's path and headers can't hold a line break")
    secure = str(http.get("scheme") or "HTTP").upper() == "HTTPS"
    return HttpGet(http["path"], headers, secure=secure, port=http.get("port"))


def _secrets(properties: Mapping[str, Any], paths: frozenset[str]) -> set[str]:
    """Every text at a secret path, and the password of each of them that is a URL."""
    found = {text for path in paths for text in _texts(_at(properties, path))}
    return found | {password for text in found if (password := _password(text))}


def _at(value: Any, path: str) -> Any:
    """`variables.DB_URL`. A key may itself hold dots (a file's path): the longest that is there is taken."""
    if not path:
        return value
    if isinstance(value, Mapping):
        for key in sorted(value, key=lambda key: -len(str(key))):
            if path == str(key) or path.startswith(f"{key}."):
                return _at(value[key], path[len(str(key)) + 1 :])
    if isinstance(value, (list, tuple)):
        index, _, rest = path.partition(".")
        if index.isdigit() and int(index) < len(value):
            return _at(value[int(index)], rest)
    return None


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _texts(item)


def _password(text: str) -> str | None:
    try:
        password = urlsplit(text).password if "://" in text else None
    except ValueError:
        return None
    return unquote(password) if password else None
