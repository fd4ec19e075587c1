"""Workloads as properties, and sealed."""

from __future__ import annotations

import pytest

from roadbed.runtimes import spec
from roadbed.runtimes.domain import HttpGet, Probe, Workload
from roadbed.runtimes.errors import InvalidService

PROPERTIES = {
    "artifact": "a1",
    "command": ["run"],
    "variables": {"URL": "postgres://u:p%40ss@h/db", "LEVEL": "info", "a.b": "dotted"},
    "files": {"/etc/app/key.pem": {"content": "PRIVATE", "mode": "0400"}, "/b": {"binary": "AAE="}, "/t": "text"},
    "ports": {"web": {"port": 80}, "admin": {"port": 81}},
    "readiness": {"httpGet": {"path": "/up", "scheme": "HTTPS", "httpHeaders": [{"name": "X", "value": "y"}]}},
    "liveness": {"exec": {"command": ["test", "-e", "/tmp/up"]}},
    "memory_mb": 64,
}


def test_what_properties_say() -> None:
    paths = frozenset({"variables.URL", "variables.a.b", "files./etc/app/key.pem.content"})
    assert spec.workload_of(PROPERTIES, paths) == Workload(
        artifact="a1",
        command=("run",),
        variables={"URL": "postgres://u:p%40ss@h/db", "LEVEL": "info", "a.b": "dotted"},
        secrets=("PRIVATE", "dotted", "p@ss", "postgres://u:p%40ss@h/db"),
        files={"/etc/app/key.pem": b"PRIVATE", "/b": b"\x00\x01", "/t": b"text"},
        ports=("admin", "web"),
        readiness=Probe(http=HttpGet("/up", {"X": "y"}, secure=True)),
        liveness=Probe(exec=("test", "-e", "/tmp/up")),
        memory_mb=64,
    )


def test_sealing_text_is_stable_and_comes_back() -> None:
    workload = spec.workload_of(PROPERTIES, frozenset({"variables.URL"}))
    turned = dict(reversed(PROPERTIES.items()))
    assert spec.decode(spec.encode(workload)) == workload
    assert spec.encode(spec.workload_of(turned, frozenset({"variables.URL"}))) == spec.encode(workload)


def test_the_least_there_is() -> None:
    workload = spec.workload_of({"artifact": "a1", "readiness": None, "files": None}, frozenset({"variables.gone"}))
    assert workload == Workload("a1")
    assert not workload.listens


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"files": {"/a": {"binary": "%"}}}, "neither content nor valid base64"),
        ({"files": {"/a": {}}}, "neither content nor valid base64"),
        ({"readiness": {"httpGet": {"path": "/\r\nX: y"}}}, "line break"),
    ],
)
def test_what_can_not_be_read(properties: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidService, match=message):
        spec.workload_of({"artifact": "a1", **properties}, frozenset())
