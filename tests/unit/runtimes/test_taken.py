"""Who holds the port that a program wanted and didn't get."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from roadbed.runtimes.domain import Endpoint, Replica
from roadbed.runtimes.driver import Holder
from roadbed.runtimes.taken import sentence, wanted_ports
from roadbed.runtimes.workloads import Container, Port, Workload

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ME = Replica("rep_me", "orders@dev/api", 1, 1, "crashed", 1, NOW, NOW, endpoint=Endpoint("127.0.0.1", 20_001))
PYTHON = """it last wrote:
    File "/app/main.py", line 8080, in <module>
      HTTPServer(("0.0.0.0", 8000), Handler).serve_forever()
  OSError: [Errno 98] Address already in use"""
NODE = "it last wrote:\n  at node:net:1817:16\n  Error: listen EADDRINUSE: address already in use 0.0.0.0:3000"


@pytest.mark.parametrize(
    ("own", "declared", "command", "words", "expected"),
    [
        ((), None, (), PYTHON, [98, 8000]),
        ((), None, (), NODE, [3000, 1817]),
        ((), 3000, ("serve", "--port=5000"), NODE, [3000, 5000, 1817]),
        ((), 8080, (), PYTHON, [98, 8000, 8080]),
        ((9191,), 8080, (), "it wrote nothing", [9191]),
        ((), 8080, ("serve", "--port=5000"), "it wrote nothing", []),
        ((), None, ("python", "-m", "http.server", "8000"), "it last wrote:\n  in use", [8000]),
        ((9191,), 8080, (), "it last wrote:\n  ImportError: no module named flask8000", []),
        ((), None, (), "it last wrote:\n  address in use: 70000", []),
    ],
)
def test_which_ports_it_may_have_wanted(
    own: tuple[int, ...], declared: int | None, command: tuple[str, ...], words: str, expected: list[int]
) -> None:
    ports = (Port("http", 80, declared),) if declared else ()
    workload = Workload("sha256:a", {"main": Container(command=command)}, ports=ports)
    assert wanted_ports(replace(ME, own_ports=own), workload, words) == expected


@pytest.mark.parametrize(
    ("holder", "key", "expected"),
    [
        (Holder("rep_12345", "python3", 7), "orders@dev/api", "held by api-12345: only one replica can listen there"),
        (
            Holder("rep_12345", "python3", 7),
            "shop@dev/web",
            "held by shop@dev/web, which listens there: have one of the two listen on the port in PORT",
        ),
        (Holder(None, "traefik", 11), "", "the gateway's: have it listen on the port in PORT"),
        (Holder(None, "python", 12), "", "the platform's own: have it listen on the port in PORT"),
        (
            Holder(None, "nginx", 13),
            "",
            "held by another program of this machine (nginx, process 13): "
            "have it listen on the port in PORT, or end that program",
        ),
        (
            Holder(),
            "",
            "held by another program of this machine: have it listen on the port in PORT, or end that program",
        ),
    ],
)
def test_who_holds_it_and_what_to_do(holder: Holder, key: str, expected: str) -> None:
    other = replace(ME, id="rep_12345", key=key) if key else None
    assert sentence(8000, holder, ME, other, gateway=11, platform=12) == f"port 8000 is {expected}"
