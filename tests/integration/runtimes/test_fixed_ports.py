"""Programs that listen where they like: told plainly, and used as they are where that can be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from roadbed.runtimes.drivers.process.ports import free_port
from roadbed.runtimes.errors import RolloutFailed
from runtime_site import KEY, STACK, Site
from waiting import until

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


@pytest.mark.slow
async def test_a_single_replica_is_used_where_it_listens_and_its_next_release_ends_it_first(site: Site) -> None:
    port = free_port()
    await site.apply(fixed(site, port))
    assert await site.answers() == ["1"]
    (replica,) = await site.replicas()
    assert (replica.endpoint, replica.fixed) == (f"127.0.0.1:{port}", True)
    assert f"web listens on {port}, not on the port in PORT: it is used as it is" in site.said[-1]

    await site.apply(fixed(site, port, 2, variables={"VERSION": "2"}))
    assert await site.answers() == ["2"]
    assert "interrupting: web listens on a fixed port, so that the old replica ends first" in site.said
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


@pytest.mark.slow
async def test_another_that_wants_the_same_port_is_told_who_has_it(site: Site) -> None:
    port = free_port()
    await site.apply(fixed(site, port))
    other = fixed(site, port, workload="other")
    with pytest.raises(RolloutFailed) as failed:
        await site.apply(other)
    assert f"port {port} is held by {STACK}/web, which listens on no other" in str(failed.value)
    assert await site.answers() == ["1"]
