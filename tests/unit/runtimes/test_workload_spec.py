"""Workloads as properties, and sealed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from roadbed.runtimes import sealed, spec
from roadbed.runtimes.errors import InvalidService
from roadbed.runtimes.workloads import Container, File, HttpGet, Port, Probe, VolumeMount, Workload

PROPERTIES: dict[str, Any] = {
    "artifact": "a1",
    "command": ["run"],
    "variables": {"URL": "postgres://u:p%40ss@h/db", "LEVEL": "info", "a.b": "dotted"},
    "files": {"/etc/app/key.pem": {"content": "PRIVATE", "mode": "0400"}, "/b": {"binary": "AAE="}, "/t": "text"},
    "volumes": {"/data/": {"source": "orders@dev/data-1", "path": "a/b", "read_only": True}},
    "ports": {"admin": {"port": 81}, "dns": {"port": 53, "protocol": "UDP"}, "web": {"port": 80, "target_port": 8080}},
    "port": "web",
    "readiness": {
        "httpGet": {"path": "/up", "port": 81, "scheme": "HTTPS", "httpHeaders": [{"name": "X", "value": "y"}]}
    },
    "liveness": {"exec": {"command": ["test", "-e", "/tmp/up"]}},
    "memory_mb": 64,
    "cpu_millis": 250,
    "masked": ["public", "part of a file"],
    "container": "app",
    "after": {"migrate": "complete"},
    "containers": {"migrate": {"command": ["migrate"], "variables": {"KEY": "s3cret"}, "files": {"/b": "other"}}},
}


def test_what_properties_say() -> None:
    paths = {
        "masked.1",
        "variables.URL",
        "variables.a.b",
        "files./etc/app/key.pem.content",
        "containers.migrate.variables.KEY",
    }
    app = Container(
        command=("run",),
        variables={"URL": "postgres://u:p%40ss@h/db", "LEVEL": "info", "a.b": "dotted"},
        files={"/etc/app/key.pem": File(b"PRIVATE", 0o400), "/b": File(b"\x00\x01"), "/t": File(b"text")},
        volumes={"/data": VolumeMount("orders@dev/data-1", "a/b", read_only=True)},
        readiness=Probe(http=HttpGet("/up", {"X": "y"}, secure=True, port=81)),
        liveness=Probe(exec=("test", "-e", "/tmp/up")),
        memory_mb=64,
        cpu_millis=250,
        waits={"migrate": "complete"},
    )
    migrate = Container(command=("migrate",), variables={"KEY": "s3cret"}, files={"/b": File(b"other")})
    workload = spec.workload_of(PROPERTIES, frozenset(paths))
    assert workload == Workload(
        artifact="a1",
        containers={"app": app, "migrate": migrate},
        secrets=("PRIVATE", "dotted", "p@ss", "part of a file", "postgres://u:p%40ss@h/db", "s3cret"),
        ports=(Port("web", 80, 8080), Port("admin", 81), Port("dns", 53, udp=True)),
    )
    assert workload.main_port == Port("web", 80, 8080)
    assert list(workload.lasting()) == ["app"]


def test_sealing_text_is_stable_and_comes_back() -> None:
    workload = spec.workload_of(PROPERTIES, frozenset({"variables.URL"}))
    turned = dict(reversed(PROPERTIES.items()))
    assert sealed.decode(sealed.encode(workload)) == workload
    assert list(sealed.decode(sealed.encode(workload)).containers) == ["app", "migrate"]
    assert sealed.encode(spec.workload_of(turned, frozenset({"variables.URL"}))) == sealed.encode(workload)


def test_what_an_older_release_has_stored_is_a_workload_of_one_container() -> None:
    old = {
        "artifact": "a1",
        "command": ["run"],
        "variables": {"A": "1"},
        "secrets": ["hush"],
        "files": {"/b": "AAE="},
        "ports": ["http"],
        "readiness": {"http": {"path": "/up", "headers": {"X": "y"}, "secure": False}, "exec": None},
        "liveness": {"http": None, "exec": ["true"]},
        "memory_mb": 64,
        "restarted_at": None,
    }
    container = Container(
        ("run",),
        {"A": "1"},
        {"/b": File(b"\x00\x01", 0o444)},
        readiness=Probe(HttpGet("/up", {"X": "y"})),
        liveness=Probe(exec=("true",)),
        memory_mb=64,
    )
    assert sealed.decode(json.dumps(old)) == Workload("a1", {"main": container}, ("hush",), (Port("http"),))


def test_the_least_there_is() -> None:
    workload = spec.workload_of({"artifact": "a1", "readiness": None, "files": None}, frozenset({"variables.gone"}))
    assert workload == Workload("a1")
    assert not workload.listens
    assert not spec.workload_of({"artifact": "a1", "ports": {"dns": {"protocol": "UDP"}}}, frozenset()).listens


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"files": {"/a": {"binary": "%"}}}, "neither content nor valid base64"),
        ({"files": {"/a": {}}}, "neither content nor valid base64"),
        ({"files": {"/a": {"content": "", "mode": "rwx"}}}, "the mode 'rwx'"),
        ({"files": {"a": ""}}, "'a' is not an absolute path"),
        ({"files": {"/a/../b": ""}}, "is not an absolute path"),
        ({"files": {"/": ""}}, "is not an absolute path"),
        ({"files": {"/proc/1/mem": ""}}, "which is the kernel's"),
        ({"files": {"/a": ""}, "volumes": {"/a": {"source": "s"}}}, "/a is to stand within the volume at /a"),
        ({"files": {"/a/b/c": ""}, "volumes": {"/a": {"source": "s"}}}, "/a/b/c is to stand within the volume at /a"),
        ({"volumes": {"/a": {"source": "s"}, "/a/b": {"source": "s"}}}, "/a/b is to stand within the volume at /a"),
        ({"readiness": {"httpGet": {"path": "/\r\nX: y"}}}, "line break"),
        ({"ports": {"a": {}}, "port": "web"}, "there is no port 'web'"),
        ({"containers": {"main": {}}}, "two containers 'main'"),
        ({"after": {"other": "started"}}, "comes after 'other', which is not there"),
        ({"after": {"b": "healthy"}, "containers": {"b": {}}}, "no probe"),
        (
            {"after": {"b": "started"}, "containers": {"b": {"after": {"main": "started"}}}},
            "wait for each other in a circle: main, b",
        ),
    ],
)
def test_what_can_not_be_read(properties: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidService, match=message):
        spec.workload_of({"artifact": "a1", **properties}, frozenset())
