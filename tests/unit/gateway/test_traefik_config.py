"""What Traefik is told, and how its answer is compared with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadbed.gateway.domain import Backend, Route, RoutingTable, Upstream, choose_port
from roadbed.gateway.traefik.api import parse_metrics, shown, wanted
from roadbed.gateway.traefik.config import Ports, dynamic_config, service_name, static_config, upstream_of
from roadbed.kit.errors import InvalidInput

WEB = Upstream("orders@dev/web", "http")
TABLE = RoutingTable(
    routes={"orders@dev/web/route#gateway:Route": Route("orders.dev.localhost", "/", WEB)},
    endpoints={"shop@dev/web/orders#gateway:Endpoint": (21_003, WEB)},
    backends={"orders@dev/web": (Backend("b", "127.0.0.1", 40_002), Backend("a", "127.0.0.1", 40_001))},
)


def test_a_route_and_an_endpoint_lead_to_the_same_replicas() -> None:
    http = dynamic_config(TABLE, (21_003,))["http"]
    route, endpoint = http["routers"].values()
    assert route["rule"] == "Host(`orders.dev.localhost`)"
    assert route["entryPoints"] == ["web"]
    assert endpoint["entryPoints"] == ["endpoint-21003"]
    assert route["service"] == endpoint["service"] == "orders.dev.web.http"
    servers = http["services"]["orders.dev.web.http"]["loadBalancer"]["servers"]
    assert servers == [{"url": "http://127.0.0.1:40001"}, {"url": "http://127.0.0.1:40002"}]


def test_a_request_that_is_not_idempotent_is_not_repeated_for_its_status() -> None:
    middlewares = dynamic_config(TABLE, ())["http"]["middlewares"]
    assert middlewares["retry-answer"]["retry"]["status"] == ["502-504"]
    assert "status" not in middlewares["retry-connect"]["retry"]
    assert all("retryNonIdempotentMethod" not in middleware["retry"] for middleware in middlewares.values())


def test_a_port_that_another_program_took_has_no_router() -> None:
    assert len(dynamic_config(TABLE, ())["http"]["routers"]) == 1


def test_nothing_to_route_is_an_empty_mapping() -> None:
    assert dynamic_config(RoutingTable(backends=TABLE.backends), (21_003,)) == {}


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("/", "Host(`h.localhost`)"),
        ("/api", "Host(`h.localhost`) && (Path(`/api`) || PathPrefix(`/api/`))"),
        ("/api/", "Host(`h.localhost`) && (Path(`/api`) || PathPrefix(`/api/`))"),
    ],
)
def test_a_path_matches_itself_and_what_is_below(path: str, rule: str) -> None:
    table = RoutingTable({"k": Route("h.localhost", path, WEB)})
    (router,) = dynamic_config(table, ())["http"]["routers"].values()
    assert router["rule"] == rule


def test_a_backend_with_a_port_name_serves_that_port_alone() -> None:
    backends = {"orders@dev/web": (Backend("a", "127.0.0.1", 1, "http"), Backend("a", "127.0.0.1", 2, "admin"))}
    table = RoutingTable({"k": Route("h.localhost", "/", WEB)}, backends=backends)
    assert [backend.port for backend in table.serving(WEB)] == [1]


@pytest.mark.parametrize(
    ("host", "path"), [("a`) || Host(`b", "/"), ("a.localhost", "/`"), ("A.localhost", "/"), ("a", "x"), ("a..b", "/")]
)
def test_what_could_break_out_of_a_rule_is_refused(host: str, path: str) -> None:
    with pytest.raises(InvalidInput):
        Route(host, path, WEB)


@pytest.mark.parametrize(("service", "port"), [("orders/web", "http"), ("o@d/w.x", "http"), ("o@d/w", "a.b")])
def test_what_would_make_service_names_ambiguous_is_refused(service: str, port: str) -> None:
    with pytest.raises(InvalidInput):
        Upstream(service, port)


def test_only_the_web_port_is_on_the_gateways_host() -> None:
    config = static_config("0.0.0.0", Ports(80, 1, 2, (3, 4)), Path("/w"), Path("/l"))
    addresses = {name: point["address"] for name, point in config["entryPoints"].items()}
    assert addresses.pop("web") == "0.0.0.0:80"
    assert all(address.startswith("127.0.0.1:") for address in addresses.values())
    assert config["api"]["dashboard"] is False


def test_what_traefik_shows_is_compared_with_what_was_written() -> None:
    dynamic = dynamic_config(TABLE, (21_003,))
    raw = {
        "routers": {
            "api@internal": {"rule": "x", "status": "enabled", "service": "api@internal"},
            **{f"{name}@file": {**router, "status": "enabled"} for name, router in dynamic["http"]["routers"].items()},
        },
        "services": {
            "orders.dev.web.http@file": {
                "status": "enabled",
                "loadBalancer": {"servers": [{"url": "http://127.0.0.1:40002"}, {"url": "http://127.0.0.1:40001"}]},
            }
        },
    }
    assert shown(raw) == wanted(dynamic)
    raw["services"]["orders.dev.web.http@file"]["loadBalancer"] = {}
    assert shown(raw) != wanted(dynamic)
    assert shown({}) == wanted({})


labels = st.from_regex(r"[a-z0-9][a-z0-9-]{0,20}[a-z0-9]", fullmatch=True)


@given(labels, labels, labels, labels)
def test_a_services_name_leads_back_to_it(owner: str, environment: str, workload: str, port: str) -> None:
    upstream = Upstream(f"{owner}@{environment}/{workload}", port)
    assert upstream_of(service_name(upstream) + "@file") == upstream


def test_metrics_are_summed_over_what_nobody_asks_for() -> None:
    text = """
traefik_service_requests_total{code="200",method="GET",protocol="http",service="orders.dev.web.http@file"} 3
traefik_service_requests_total{code="200",method="POST",protocol="http",service="orders.dev.web.http@file"} 2
traefik_service_requests_total{code="503",method="GET",protocol="http",service="orders.dev.web.http@file"} 1
traefik_service_request_duration_seconds_sum{code="200",method="GET",service="orders.dev.web.http@file"} 0.5
traefik_service_request_duration_seconds_bucket{code="200",service="orders.dev.web.http@file",le="0.1"} 4
traefik_service_request_duration_seconds_bucket{code="200",service="orders.dev.web.http@file",le="+Inf"} 5
traefik_service_requests_bytes_total{code="200",service="orders.dev.web.http@file"} 10
traefik_service_responses_bytes_total{code="200",service="orders.dev.web.http@file"} 1e+03
traefik_service_requests_total{code="200",service="api@internal"} 9
"""
    (measured,) = parse_metrics(text)
    assert measured.upstream == WEB
    assert measured.requests == {200: 5, 503: 1}
    assert measured.buckets == {0.1: 4, float("inf"): 5}
    assert (measured.seconds, measured.bytes_in, measured.bytes_out) == (0.5, 10, 1000)


KEYS = st.sampled_from(["a", "b", "c"])
UPSTREAMS = st.sampled_from([Upstream(f"o@d/{name}", "http") for name in ("x", "y", "z")])


@given(st.lists(st.tuples(KEYS, UPSTREAMS, st.booleans()), max_size=12))
def test_endpoints_keep_their_ports_and_no_port_leads_to_two_places(steps: list[tuple[str, Upstream, bool]]) -> None:
    held: dict[str, tuple[int, Upstream]] = {}
    for key, upstream, release in steps:
        if release:
            held.pop(key, None)
            continue
        before = held.get(key)
        port = choose_port((1, 2, 3), held, key, upstream)
        assert port is not None
        if before and before[1] == upstream:
            assert port == before[0]
        held[key] = (port, upstream)
        assert len({leads_to for number, leads_to in held.values() if number == port}) == 1


def test_a_pool_that_is_used_up_gives_nothing() -> None:
    assert choose_port((1,), {"a": (1, WEB)}, "b", Upstream("o@d/x", "http")) is None
