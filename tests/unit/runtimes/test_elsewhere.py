"""Programs that listen on a port of their own choice."""

from __future__ import annotations

import os
import socket
from datetime import UTC, datetime

import pytest

from roadbed.runtimes.domain import Endpoint, Replica
from roadbed.runtimes.drivers.process.listening import listening
from roadbed.runtimes.elsewhere import Elsewhere, find_elsewhere, held_port, sentence
from roadbed.runtimes.workloads import Port

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("found", "target", "expected"),
    [
        (set(), 8080, None),
        ({20_001}, 8080, None),
        ({8080}, 8080, Elsewhere(8080, declared=True)),
        ({8080, 9229}, 8080, Elsewhere(8080, declared=True)),
        ({9229}, 8080, Elsewhere(9229, declared=False)),
        ({9229, 3000}, 8080, None),
        ({3000, 20_001}, None, Elsewhere(3000, declared=False)),
    ],
)
def test_where_it_may_be_reached(found: set[int], target: int | None, expected: Elsewhere | None) -> None:
    assert find_elsewhere(found, {20_001, 20_002}, target) == expected


def test_what_is_said_of_it() -> None:
    assert sentence("web", {20_001}, {20_001}) is None
    said = "web listens on 3000 and 8080, not on the port in PORT: have it read that variable"
    assert sentence("web", {8080, 3000}, {20_001}) == said


def replica(id_: str, key: str, port: int | None) -> Replica:
    endpoint = Endpoint("127.0.0.1", port) if port else None
    return Replica(id_, key, 1, 1, "ready", 1, NOW, NOW, endpoint=endpoint, fixed=True)


@pytest.mark.parametrize(
    ("ports", "words", "expected"),
    [
        ((Port("http", 80, 8080),), "", "port 8080 is held by shop@dev/web, which listens on no other"),
        ((), "bind: address already in use :8080", "port 8080 is held by shop@dev/web, which listens on no other"),
        ((Port("http", 80, 3000),), "", "port 3000 is held by api-23456: only one replica can listen there"),
        ((Port("http", 80, 80),), "port 18080 is taken", None),
    ],
)
def test_who_holds_the_port_that_it_wanted(ports: tuple[Port, ...], words: str, expected: str | None) -> None:
    me = replica("rep_me", "orders@dev/api", 9000)
    fixed = [me, replica("rep_1", "shop@dev/web", 8080), replica("rep_123456", "orders@dev/api", 3000)]
    assert held_port(me, ports, words, fixed) == expected


def test_ports_on_which_a_process_listens() -> None:
    with socket.socket() as loopback, socket.socket() as every, socket.socket() as bound:
        for one, host in ((loopback, "127.0.0.1"), (every, "0.0.0.0"), (bound, "127.0.0.1")):
            one.bind((host, 0))
        loopback.listen()
        every.listen()
        open_ports = {loopback.getsockname()[1], every.getsockname()[1]}
        assert open_ports <= listening([os.getpid()])
        assert bound.getsockname()[1] not in listening([os.getpid()])
    assert not open_ports & listening([os.getpid()])
    assert listening([2**22 + 1]) == frozenset()
