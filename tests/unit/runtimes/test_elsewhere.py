"""Programs that listen on a port of their own choice."""

from __future__ import annotations

import os
import socket
from datetime import UTC, datetime

import pytest

from roadbed.runtimes.domain import Endpoint, Replica
from roadbed.runtimes.drivers.process.listening import listeners, listening
from roadbed.runtimes.elsewhere import Elsewhere, find_elsewhere, own_ports, sentence
from roadbed.runtimes.workloads import Port

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("found", "target", "expected"),
    [
        (set(), 8080, None),
        ({20_001}, 8080, None),
        ({8080}, 8080, Elsewhere({"http": 8080}, declared=True)),
        ({8080, 9229}, 8080, Elsewhere({"http": 8080}, declared=True)),
        ({9229}, 8080, Elsewhere({"http": 9229}, declared=False)),
        ({9229, 3000}, 8080, None),
        ({3000, 20_002}, None, Elsewhere({"http": 3000}, declared=False)),
    ],
)
def test_where_it_may_be_reached(found: set[int], target: int | None, expected: Elsewhere | None) -> None:
    assert find_elsewhere(found, {"http": 20_001, "udp": 20_002}, [Port("http", 80, target)]) == expected


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ({8080, 9090}, Elsewhere({"http": 8080, "metrics": 9090}, declared=True)),
        ({20_001, 9090}, Elsewhere({"metrics": 9090}, declared=True)),
        ({8080, 20_002}, Elsewhere({"http": 8080}, declared=True)),
        ({3000}, None),
        ({20_001, 20_002, 9090}, None),
    ],
)
def test_of_several_ports_those_that_the_file_names(found: set[int], expected: Elsewhere | None) -> None:
    ports = [Port("http", 80, 8080), Port("metrics", 90, 9090)]
    assert find_elsewhere(found, {"http": 20_001, "metrics": 20_002}, ports) == expected


def test_what_is_said_of_it() -> None:
    given, ports = {"http": 20_001, "api-2": 20_002}, [Port("http"), Port("api-2")]
    assert sentence("web", {20_001, 20_002}, given, ports) is None
    said = "web listens on 3000 and 8080, not on the port in PORT: have it read that variable"
    assert sentence("web", {8080, 3000}, given, ports) == said
    assert sentence("web", {8080, 3000, 20_001}, given, ports) == said.replace("PORT", "PORT_API_2")


def test_which_ports_are_of_its_own_choice() -> None:
    assert own_ports({9191, 20_001, 8080, 32_767}, {20_001}) == (8080, 9191, 32_767)
    assert own_ports({20_001, 32_768, 45_123}, {20_001}) == ()


def replica(id_: str, key: str, *ports: int) -> Replica:
    return Replica(id_, key, 1, 1, "ready", 1, NOW, NOW, endpoint=Endpoint("127.0.0.1", 20_001), own_ports=ports)


def test_a_replica_knows_whether_it_is_used_where_it_chose() -> None:
    assert replica("rep_1", "orders@dev/web", 20_001, 9191).chosen_port == 20_001
    assert replica("rep_1", "orders@dev/web", 9191).chosen_port is None


def test_ports_on_which_a_process_listens() -> None:
    with socket.socket() as loopback, socket.socket() as every, socket.socket() as bound:
        for one, host in ((loopback, "127.0.0.1"), (every, "0.0.0.0"), (bound, "127.0.0.1")):
            one.bind((host, 0))
        loopback.listen()
        every.listen()
        open_ports = {loopback.getsockname()[1], every.getsockname()[1]}
        assert open_ports <= listening([os.getpid()])
        assert bound.getsockname()[1] not in listening([os.getpid()])
        assert listeners({*open_ports, bound.getsockname()[1]}) == dict.fromkeys(open_ports, os.getpid())
    assert not open_ports & listening([os.getpid()])
    assert listening([2**22 + 1]) == frozenset()
