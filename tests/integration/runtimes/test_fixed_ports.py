"""Programs that listen where they like: told plainly, and used as they are where that can be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from roadbed.runtimes.drivers.process.ports import free_port
from roadbed.runtimes.errors import InvalidService, RolloutFailed
from runtime_site import KEY, STACK, Site
from waiting import until

pytestmark = pytest.mark.slow

FIXED = """
import http.server, os, signal
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(os.environ.get("VERSION", "1").encode())
    def log_message(self, *_): pass
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
http.server.ThreadingHTTPServer(("127.0.0.1", {port}), Handler).serve_forever()
"""


def fixed(site: Site, port: int, release: int = 1, **more: Any) -> Any:
    given: dict[str, Any] = {"ports": {"http": {"port": 80, "target_port": port}}, "replicas": 1}
    return site.desired(release, program=FIXED.replace("{port}", str(port)), **given | more)


async def test_a_single_replica_is_used_where_it_listens_and_its_next_release_ends_it_first(site: Site) -> None:
    port = free_port()
    await site.apply(fixed(site, port))
    assert await site.answers() == ["1"]
    (replica,) = await site.replicas()
    assert (replica.endpoint, replica.own_ports) == (f"127.0.0.1:{port}", (port,))
    assert site.said[-1] == f"web listens on {port} whatever PORT says: updates will interrupt it"

    await site.apply(fixed(site, port, 2, variables={"VERSION": "2"}))
    assert await site.answers() == ["2"]
    assert f"interrupts it: web listens on {port}, so that the old replica ends first" in site.said
    assert () in [ids for _, ids in site.gateway.history]

    broken = site.desired(3, program="raise SystemExit(1)", ports=fixed(site, port).properties["ports"], replicas=1)
    with pytest.raises(RolloutFailed):
        await site.apply(broken)
    await site.provider.settle(broken, KEY, site.report)

    async def serves_again() -> bool:
        return bool(site.routed()) and await site.answers() == ["2"]

    await until(serves_again)


async def test_of_several_replicas_it_is_told_where_they_listen(make_site: Callable[..., Any]) -> None:
    port = free_port()
    async with make_site(deadline_s=2) as site:
        with pytest.raises(RolloutFailed) as failed:
            await site.apply(fixed(site, port, replicas=2))
    assert f"web listens on {port}, not on the port in PORT: have it read that variable" in str(failed.value)


async def test_a_probe_that_fails_there_says_itself_why(make_site: Callable[..., Any]) -> None:
    port = free_port()
    async with make_site(deadline_s=3) as site:
        with pytest.raises(RolloutFailed) as failed:
            await site.apply(fixed(site, port, readiness={"httpGet": {"path": "/", "scheme": "HTTPS"}}))
    assert "HTTPS" in str(failed.value)
    assert "have it read that variable" not in str(failed.value)


SIDECAR = """
import os, signal, socket, sys, threading
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
for port in sys.argv[1:]:
    kept = socket.create_server(("127.0.0.1", int(port)))  # fails while another holds it
    threading.Thread(target=lambda kept=kept: [kept.accept() for _ in iter(int, 1)], daemon=True).start()
print("up", flush=True)
signal.pause()
"""


async def test_a_container_beside_it_on_a_port_of_its_own_ends_before_the_next(site: Site) -> None:
    own = free_port()
    sidecar = {"command": ["python3", "-c", SIDECAR, str(own)], "readiness": {"exec": {"command": ["true"]}}}
    answers = {"httpGet": {"path": "/"}}
    beside: dict[str, Any] = {"replicas": 1, "container": "main", "containers": {"sidecar": sidecar}}
    await site.apply(site.desired(**beside, readiness=answers))
    (replica,) = await site.replicas()
    assert replica.own_ports == (own,)
    assert replica.endpoint != f"127.0.0.1:{own}"
    assert site.said[-1] == f"web listens on {own} whatever PORT says: updates will interrupt it"
    await site.apply(site.desired(2, **beside, readiness=answers, variables={"VERSION": "2"}))
    assert f"interrupts it: web listens on {own}, so that the old replica ends first" in site.said
    assert await site.answers() == ["2"]


TWO = """
import os, threading
ports = {ports}
def serve(port):
    import http.server
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(str(port).encode())
        def log_message(self, *_): pass
    http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
for port in ports[1:]:
    threading.Thread(target=serve, args=(port,), daemon=True).start()
serve(ports[0])
"""


@pytest.mark.parametrize("main", ["its own", pytest.param("PORT", marks=pytest.mark.slow)])
async def test_several_ports_are_used_where_the_file_says_that_it_listens(site: Site, main: str) -> None:
    web, metrics = free_port(), free_port()
    ports = {"http": {"port": 80, "target_port": web}, "metrics": {"port": 90, "target_port": metrics}}
    first = str(web) if main == "its own" else "int(os.environ['PORT'])"
    program = TWO.replace("{ports}", f"[{first}, {metrics}]")
    probe = {"httpGet": {"path": "/", "port": metrics}}
    given = site.desired(program=program, ports=ports, port="http", replicas=1, readiness=probe)
    await site.apply(given)
    (replica,) = await site.replicas()
    used = int((replica.endpoint or "").rpartition(":")[2])
    assert (used == web) == (main == "its own")
    reached = {(backend.name, backend.port) for backend in site.gateway.backends[KEY]}
    assert reached == {("http", used), ("80", used), ("metrics", metrics), ("90", metrics)}

    with pytest.raises(InvalidService) as refused:
        await site.apply(replace(given, properties={**given.properties, "replicas": 2}))
    assert "whatever PORT says: only one replica can run on a machine" in str(refused.value)
    assert len(await site.replicas()) == 1


async def test_a_worker_without_service_ports_on_a_port_of_its_own_ends_before_the_next(site: Site) -> None:
    own = free_port()
    worker: dict[str, Any] = {
        "program": SIDECAR,
        "command": ["python3", "main.py", str(own)],
        "replicas": 1,
        "ports": {},
    }
    await site.apply(site.desired(**worker))
    await site.apply(site.desired(2, **worker, variables={"VERSION": "2"}))
    assert f"interrupts it: web listens on {own}, so that the old replica ends first" in site.said


async def test_another_that_wants_the_same_port_is_told_who_has_it(site: Site) -> None:
    port = free_port()
    await site.apply(fixed(site, port))
    other = fixed(site, port, workload="other")
    with pytest.raises(RolloutFailed) as failed:
        await site.apply(other)
    assert f"port {port} is held by {STACK}/web, which listens there: have one of the two" in str(failed.value)
    assert await site.answers() == ["1"]
