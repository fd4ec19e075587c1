"""A workload as properties of a resource, and as text to be sealed."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any
from urllib.parse import unquote, urlsplit

from roadbed.runtimes.domain import HttpGet, Probe, Workload
from roadbed.runtimes.errors import InvalidService


def workload_of(properties: Mapping[str, Any], secret_paths: frozenset[str]) -> Workload:
    """Reads what `provider.SERVICE` and `provider.JOB` describe. Raises InvalidService."""
    return Workload(
        artifact=properties["artifact"],
        command=tuple(properties.get("command") or ()),
        variables=dict(properties.get("variables") or {}),
        secrets=tuple(sorted(_secrets(properties, secret_paths))),
        files={path: _content(path, file) for path, file in (properties.get("files") or {}).items()},
        ports=tuple(sorted(properties.get("ports") or {})),
        readiness=_probe(properties.get("readiness")),
        liveness=_probe(properties.get("liveness")),
        memory_mb=properties.get("memory_mb"),
        restarted_at=properties.get("restarted_at"),
    )


def sealing_context(key: str, generation: int) -> str:
    """What a sealed workload belongs to."""
    return f"workload:{key}#{generation}"


def encode(workload: Workload) -> str:
    """Equal workloads give equal text."""
    document = asdict(workload)
    document["files"] = {path: base64.b64encode(data).decode() for path, data in workload.files.items()}
    return json.dumps(document, sort_keys=True)


def decode(text: str) -> Workload:
    document = json.loads(text)
    for name in ("command", "secrets", "ports"):
        document[name] = tuple(document[name])
    for name in ("readiness", "liveness"):
        document[name] = _stored_probe(document[name])
    document["files"] = {path: base64.b64decode(data) for path, data in document["files"].items()}
    return Workload(**document)


def _stored_probe(probe: dict[str, Any] | None) -> Probe | None:
    if probe is None:
        return None
    http = HttpGet(**probe["http"]) if probe["http"] else None
    return Probe(http, tuple(probe["exec"]) if probe["exec"] else None)


def _probe(probe: Mapping[str, Any] | None) -> Probe | None:
    """Score's: `{"httpGet": {"path", "scheme", "host", "httpHeaders": [{"name", "value"}]}, "exec": {"command"}}`."""
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
    return HttpGet(http["path"], headers, secure=str(http.get("scheme") or "HTTP").upper() == "HTTPS")


def _content(path: str, file: str | Mapping[str, Any]) -> bytes:
    """A file is its text, or `{"content": text}`, or `{"binary": base64}`."""
    if isinstance(file, str):
        return file.encode()
    if (content := file.get("content")) is not None:
        return str(content).encode()
    try:
        return base64.b64decode(file["binary"], validate=True)
    except (KeyError, binascii.Error) as error:
        raise InvalidService(f"the file {path} has neither content nor valid base64 in binary") from error


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
