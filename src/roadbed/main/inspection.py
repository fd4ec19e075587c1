"""What `roadbed status` looks at: the platform's processes, and how many there are of what."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence

from roadbed.delivery.service import Applications
from roadbed.doctor.domain import Component
from roadbed.doctor.service import Count, process
from roadbed.gateway.service import Gateway
from roadbed.golden_paths.service import GoldenPaths
from roadbed.main.databases import Databases
from roadbed.main.embedded import EmbeddedServers
from roadbed.storage.call import Call


def components(databases: Databases, gateway: Gateway, servers: EmbeddedServers) -> Callable[[], Sequence[Component]]:
    def server() -> Component:
        return process("server", os.getpid(), "API, portal, worker and agent", alone=True)

    def platform_database() -> Component:
        if databases.platform is None:
            return Component("platform database", "external", "set by ROADBED_DATABASE__URL")
        return process("platform database", databases.platform.pid, "on its socket only")

    def applications_database() -> Component:
        server = databases.applications
        return process("applications' database", server.pid, f"on 127.0.0.1:{server.port}")

    def proxy() -> Component:
        return process("gateway", gateway.pid(), f"on {gateway.addresses.host}:{gateway.addresses.port}")

    return lambda: (server(), platform_database(), applications_database(), proxy(), *servers.components())


def counts(applications: Applications, golden_paths: GoldenPaths) -> Mapping[str, Count]:
    async def count_applications(call: Call) -> int:
        return len(await applications.applications(call))

    async def count_golden_paths(call: Call) -> int:
        return len(await golden_paths.templates(call))

    return {"applications": count_applications, "golden paths": count_golden_paths}
