"""From a container to what its shim is told: pure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from roadbed.runtimes.drivers.process.artifact import Artifact
from roadbed.runtimes.drivers.process.containers import port_variables, sandbox_of
from roadbed.runtimes.drivers.process.orders import container_orders, control_groups
from roadbed.runtimes.errors import InvalidService
from roadbed.runtimes.volumes import Volumes
from roadbed.runtimes.workloads import Container, File, Port, VolumeMount, Workload
from roadbed.sandbox.domain import File as SandboxFile
from roadbed.sandbox.domain import Host, Mount, Sandbox

HOST = Host("/opt/bwrap", "/usr/bin/python3", "/usr", root=True)
ARTIFACT = Artifact((Mount("/b/app", "/app"),), {"PATH": "/usr/bin", "HOST": "0.0.0.0"}, "/app", ("serve",))
PORTS = (Port("web", 80, 8080), Port("admin-ui", 9000), Port("dns", 53, udp=True))
STACK = "orders@dev"


def test_what_a_container_is_given(tmp_path: Path) -> None:
    volumes = Volumes(tmp_path)
    volumes.make(f"{STACK}/data-1")
    container = Container(
        variables={"A": "1", "PORT": "8080"},
        files={"/etc/own": File(b"x", 0o400)},
        volumes={"/data": VolumeMount(f"{STACK}/data-1"), "/ro": VolumeMount(f"{STACK}/data-1", "in", read_only=True)},
    )
    workload = Workload("a1", {"main": container}, ports=PORTS)
    ports = {"web": 20_001, "admin-ui": 20_002, "dns": 20_003}
    sandbox, command = sandbox_of(workload, container, ARTIFACT, stack=STACK, ports=ports, volumes=volumes, host=HOST)
    assert command == ("serve",)
    folder = str(tmp_path / "volumes" / STACK / "data-1")
    assert sandbox.mounts == (
        Mount("/b/app", "/app"),
        Mount(folder, "/data", writable=True),
        Mount(folder, "/ro", within="in"),
    )
    assert sandbox.files == {"/etc/own": SandboxFile(b"x", 0o400)}
    assert sandbox.environment == {
        "A": "1",
        "HOME": "/tmp",
        "HOST": "0.0.0.0",  # what somebody chose stands
        "PATH": "/usr/bin",
        "PORT": "20001",
        "PORT_WEB": "20001",
        "PORT_ADMIN_UI": "20002",
        "PORT_DNS": "20003",
    }


def test_without_ports_nothing_is_said_of_them() -> None:
    assert port_variables(Workload("a1"), {}) == {}
    assert port_variables(Workload("a1", ports=(Port("dns", udp=True),)), {"dns": 1}) == {"PORT_DNS": "1"}


def test_what_needs_a_sandbox_is_refused_without_one(tmp_path: Path) -> None:
    container = Container(volumes={"/data": VolumeMount(f"{STACK}/data-1")})
    workload, host = Workload("a1", {"main": container}), Host(None, "/usr/bin/python3", "/usr", root=True)
    with pytest.raises(InvalidService, match="need a sandbox"):
        sandbox_of(workload, container, ARTIFACT, stack=STACK, ports={}, volumes=Volumes(tmp_path), host=host)


def test_without_root_nothing_can_be_put_into_what_is_roots(tmp_path: Path) -> None:
    user = Host("/opt/bwrap", "/usr/bin/python3", "/usr", root=False, etc=("/etc/hosts", "/etc/ssl/certs"))
    for place, refused in (("/usr/share/own", True), ("/etc/ssl/certs/own", True), ("/etc/own", False)):
        container = Container(files={place: File(b"x")})
        given: Any = {"stack": STACK, "ports": {}, "volumes": Volumes(tmp_path), "host": user}
        if refused:
            with pytest.raises(InvalidService, match=f"nothing can be put at {place}: .* is not root here"):
                sandbox_of(Workload("a1", {"main": container}), container, ARTIFACT, **given)
        else:
            sandbox_of(Workload("a1", {"main": container}), container, ARTIFACT, **given)


def test_control_groups_of_either_version_are_told_the_same() -> None:
    limited = Container(memory_mb=1, cpu_millis=250)
    memory = [["memory.max", "1048576"], ["memory.swap.max", "0"], ["memory.oom.group", "1"]]
    memory.append(["memory.limit_in_bytes", "1048576"])
    cpu = [["cpu.max", "25000 100000"], ["cpu.cfs_period_us", "100000"], ["cpu.cfs_quota_us", "25000"]]
    assert control_groups(limited, "r", Path("/m"), Path("/c")) == [["/m/r", memory], ["/c/r", cpu]]
    assert control_groups(limited, "r", Path("/u"), Path("/u")) == [["/u/r", [*memory, *cpu]]]
    assert control_groups(limited, "r", None, None) == control_groups(Container(), "r", Path("/m"), Path("/c")) == []


def test_whom_it_waits_for_and_whether_it_runs_to_its_end() -> None:
    containers = {"web": Container(waits={"migrate": "complete"}), "migrate": Container(memory_mb=1)}
    workload = Workload("a1", containers)
    web, migrate = (container_orders(name, workload, Sandbox(), ["x"], HOST, []) for name in containers)
    assert (web["name"], web["once"], web["waits"]) == ("web", False, {"migrate": "complete"})
    assert (migrate["once"], migrate["memory_bytes"], migrate["watched_bytes"]) == (True, 1048576, 1048576)
    alone = container_orders("main", Workload("a1"), Sandbox(), ["x"], HOST, [])
    assert (alone["name"], alone["once"], alone["watched_bytes"]) == ("", False, None)
