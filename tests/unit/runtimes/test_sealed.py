"""What is stored of a workload, and what an older release has stored."""

from __future__ import annotations

import json

import pytest

from roadbed.runtimes.sealed import alike, decode, encode
from roadbed.runtimes.workloads import Container, File, HttpGet, Port, Probe, VolumeMount, Workload

FULL = Workload(
    "sha256:a",
    {
        "web": Container(
            ("serve",), {"A": "1"}, {"/a": File(b"x", 0o400)}, {"/v": VolumeMount("s")}, Probe(HttpGet()), None, 64, 500
        ),
        "side": Container(waits={"web": "started"}),
    },
    ("hunter22",),
    (Port("http", 80, 8080),),
)


def test_it_is_read_as_it_was_written() -> None:
    assert decode(encode(FULL)) == FULL
    assert alike(encode(FULL), encode(FULL))


@pytest.mark.parametrize("field", ["volumes", "cpu_millis", "waits"])
def test_a_field_that_came_since_it_was_stored_changes_nothing_by_itself(field: str) -> None:
    workload = Workload("sha256:a", {"web": Container(("serve",))})
    stored = json.loads(encode(workload))
    del stored["containers"]["web"][field]
    assert alike(json.dumps(stored), encode(workload))


def test_what_says_something_else_is_not_alike() -> None:
    turned = Workload(FULL.artifact, dict(sorted(FULL.containers.items())), FULL.secrets, FULL.ports)
    assert not alike(encode(FULL), encode(turned))
    assert not alike(encode(FULL), encode(Workload("sha256:b")))
