"""`roadbed explain`: where each resource and variable comes from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from fakes.platform_api import EXPLANATION, FakePlatform

Run = Callable[..., Any]


def test_a_person_sees_where_everything_comes_from(roadbed: Run, platform: FakePlatform) -> None:
    assert roadbed("explain", "orders").out.splitlines() == [
        "orders in dev, v2",
        "",
        "web/main  score.yaml:4; 1 × (default)",
        "VARIABLE           VALUE                       FROM             OVER",
        "DB                 pg://${resources.db.host}   score.yaml:7     –",
        "KEY                (secret)                    roadbed config   score.yaml:8",
        "ROADBED_WORKLOAD   web                         Roadbed          –",
        "",
        "FILE            CONTENT                      MODE   FROM",
        "/etc/app.conf   app.conf, 1.2 kB, as it is   0644   score.yaml:9",
        "",
        "VOLUME   OF                        ACCESS     SIZE   FROM",
        "/data    volume.default#web.data   writable   1Gi    score.yaml:10",
        "",
        "RESOURCE                  DECLARED        PROVISIONER                   OUTPUTS",
        "postgres.default#web.db   score.yaml:11   provisioners/defaults.py:15   host, port",
        "",
        "· jobs is not in force here yet  roadbed.yaml:4",
    ]
    (asked,) = platform.asked("GET", "/applications/orders/explanation")
    assert asked.query == {"environment": "dev"}


def test_a_program_gets_the_whole_of_it(roadbed: Run) -> None:
    assert roadbed("explain", "orders", "-e", "prod", "-o", "json").json == EXPLANATION


def test_a_source_that_is_not_deployed_is_sent_first(roadbed: Run, platform: FakePlatform, tmp_path: Path) -> None:
    (tmp_path / "score.yaml").write_text("apiVersion: score.dev/v1b1\nmetadata: {name: orders}\n")
    assert roadbed("explain", "--path", str(tmp_path)).code == 0
    assert "source" in platform.asked("GET", "/applications/orders/explanation")[0].query
