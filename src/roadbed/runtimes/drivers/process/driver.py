"""The process driver: one shim, one folder (`$ROADBED_HOME/replicas/<id>`) and one sandbox for each replica."""

from __future__ import annotations

import asyncio
import json
import marshal
import os
import shutil
import signal
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from roadbed.control.processes import ProcessId, this_process
from roadbed.runtimes.domain import ContainerState, ContainerView, Endpoint
from roadbed.runtimes.driver import Holder, Instance, Status, Usage
from roadbed.runtimes.drivers.process import usage
from roadbed.runtimes.drivers.process.artifact import read_artifact
from roadbed.runtimes.drivers.process.containers import LOOPBACK, sandbox_of
from roadbed.runtimes.drivers.process.listening import listeners, listening
from roadbed.runtimes.drivers.process.orders import container_orders, control_groups
from roadbed.runtimes.drivers.process.ports import free_ports
from roadbed.runtimes.drivers.process.shim_limits import tree
from roadbed.runtimes.errors import CannotStart
from roadbed.runtimes.settings import RuntimeSettings
from roadbed.runtimes.volumes import Volumes
from roadbed.runtimes.workloads import Workload
from roadbed.sandbox import detect
from roadbed.sandbox.cgroups import cgroup
from roadbed.sandbox.domain import Host, Sandbox
from roadbed.sandbox.processes import ended
from roadbed.sandbox.run import run
from roadbed.secrets.masking import Masker

_SHIM = str(Path(__file__).with_name("shim.py"))
_TIMED_OUT = 124
_KILLED = 137


class ProcessDriver:
    """See `runtimes.driver.Driver`."""

    def __init__(self, home: Path, settings: RuntimeSettings, host: Host | None = None) -> None:
        self._replicas = home / "replicas"
        self._builds = home / "builds"
        self._volumes = Volumes(home)
        self._settings = settings
        self._host = host

    async def start(self, instance: Instance, workload: Workload) -> Mapping[str, Endpoint]:
        if (there := self._state(instance.id)) is not None and there["attempt"] == instance.attempt:
            return self.endpoints(instance.id)
        ports = free_ports([port.name for port in workload.ports], self._ports())
        orders = self._orders(instance, workload, ports)
        self._folder(instance.id).mkdir(mode=0o700, parents=True, exist_ok=True)
        answer = await _converse(self._shim(), marshal.dumps(orders))
        state = self._state(instance.id)
        if not answer.isdigit() and (state is None or state["attempt"] != instance.attempt):
            raise CannotStart(f"a replica could not be started: {answer}", hint="see `roadbed doctor`")
        return self.endpoints(instance.id)

    async def stop(self, id: str) -> None:
        state = self._state(id)
        if state is not None and state["code"] is None and _process(state).alive():
            with suppress(ProcessLookupError):
                os.kill(state["pid"], signal.SIGTERM)

    def endpoints(self, id: str) -> Mapping[str, Endpoint]:
        state = self._state(id)
        return {} if state is None else {name: Endpoint(LOOPBACK, port) for name, port in _ports_of(state).items()}

    def listening(self, id: str) -> frozenset[int]:
        state = self._state(id)
        if state is None or state["code"] is not None:
            return frozenset()
        return listening(pid for first in _processes(state).values() for pid in tree(first))

    def holders(self, ports: Collection[int]) -> Mapping[int, Holder]:
        found = listeners(ports)
        replicas = self._replicas_of(pid for pid in found.values() if pid is not None) if found else {}
        return {port: Holder(replicas.get(pid or 0), usage.program(pid), pid) for port, pid in found.items()}

    def _replicas_of(self, pids: Iterable[int]) -> dict[int, str]:
        """The replicas of those of the processes that are one's."""
        wanted = set(pids)
        running = ((known, state) for known in self.known() if (state := self._state(known)) and state["code"] is None)
        return {
            pid: known
            for known, state in running
            for first in _processes(state).values()
            for pid in wanted.intersection(tree(first))
        }

    def healthy(self, id: str, container: str) -> None:
        self._tell(id, f"healthy.{container}")

    def settled(self, id: str) -> None:
        self._tell(id, "ready")

    def restart(self, id: str, container: str) -> None:
        self._tell(id, f"restart.{container}")

    def _tell(self, id: str, mark: str) -> None:
        """What the shim finds in its folder, once it is signalled, or later."""
        state, place = self._state(id), self._folder(id) / mark
        if state is None or "containers" not in state:  # a shim of an older release would end by the signal
            return
        if state["code"] is not None or place.exists() or not _process(state).alive():
            return
        place.touch(mode=0o600)
        with suppress(ProcessLookupError):
            os.kill(state["pid"], signal.SIGUSR1)

    def inspect(self, id: str) -> Status | None:
        if (state := self._state(id)) is None:
            return None
        if state["code"] is None and not _process(state).alive():
            state = self._state(id) or state  # it may have ended between the two looks, and said how
            if state["code"] is None:
                state = state | {"code": _KILLED, "reason": "its shim was killed"}
        return Status(
            attempt=state["attempt"],
            started_at=datetime.fromisoformat(state["started_at"]),
            code=state["code"],
            ended_at=datetime.fromisoformat(state["ended_at"]) if state["ended_at"] else None,
            reason=state["reason"],
            down=frozenset(name for name, one in _containers(state).items() if one["down"]),
            containers=tuple(_container_view(name, one) for name, one in _containers(state).items() if name),
        )

    async def wait(self, id: str) -> Status:
        while (status := self.inspect(id)) is not None and (state := self._state(id)) is not None:
            if not status.running:
                if state["code"] is None:
                    for pid in _processes(state).values():
                        usage.sweep(pid)
                return status
            await ended(state["pid"])
        raise CannotStart(f"the traces of replica {id} are gone")

    async def execute(
        self, id: str, workload: Workload, container: str, command: Sequence[str], *, timeout_s: float
    ) -> int:
        state = self._state(id)
        first = None if state is None else _processes(state).get(container if len(workload.containers) > 1 else "")
        if state is None or first is None or (inside := usage.command_of(first)) is None:
            return 1
        sandbox, _ = self._sandbox(state["stack"], workload, container, _ports_of(state))
        done = await run(sandbox, command, timeout=timeout_s, max_output=0, host=self._place(), inside=inside)
        return _TIMED_OUT if done.timed_out else done.code

    def not_in_force(self, workload: Workload) -> Sequence[str]:
        limited = any(container.cpu_millis is not None for container in workload.containers.values())
        unlimited = ["the cpu limit is not enforced here: control groups can't be written"]
        udp = [f"port {port.name} is UDP, which the gateway does not route" for port in workload.ports if port.udp]
        return [*(unlimited if limited and cgroup("cpu") is None else []), *udp]

    def usage(self, id: str) -> Usage | None:
        state = self._state(id)
        if state is None or state["code"] is not None or not _process(state).alive():
            return None
        parts = [usage.measure(pid) for pid in _processes(state).values()]
        return Usage(sum(part.memory for part in parts), sum(part.processor for part in parts))

    def known(self) -> Sequence[str]:
        return sorted(path.name for path in self._replicas.glob("*") if path.is_dir())

    def log_files(self, id: str) -> Sequence[Path]:
        folder = self._folder(id)
        rotated = [folder / f"output.{number}.log" for number in range(self._settings.log_files - 1, 0, -1)]
        return [*rotated, folder / "output.log"]

    def forget(self, id: str) -> None:
        shutil.rmtree(self._folder(id), ignore_errors=True)

    def _place(self) -> Host:
        return self._host or detect.host()

    def _shim(self) -> list[str]:
        return [self._place().python, "-I", "-S", "-E", _SHIM]

    def _folder(self, id: str) -> Path:
        return self._replicas / id

    def _ports(self) -> frozenset[int]:
        states = (self._state(known) for known in self.known())
        return frozenset(
            port for state in states if state and state["code"] is None for port in _ports_of(state).values()
        )

    def _state(self, id: str) -> dict[str, Any] | None:
        try:
            state: dict[str, Any] = json.loads((self._folder(id) / "state.json").read_text())
        except (OSError, ValueError):
            return None
        return state

    def _sandbox(
        self, stack: str, workload: Workload, container: str, ports: Mapping[str, int]
    ) -> tuple[Sandbox, Sequence[str]]:
        return sandbox_of(
            workload,
            workload.containers[container],
            read_artifact(self._builds, workload.artifact),
            stack=stack,
            ports=ports,
            volumes=self._volumes,
            host=self._place(),
        )

    def _orders(self, instance: Instance, workload: Workload, ports: Mapping[str, int]) -> dict[str, Any]:
        """What the shim reads from its standard input."""
        main = workload.main_port
        return {
            "folder": str(self._folder(instance.id)),
            "attempt": instance.attempt,
            "stack": instance.stack,
            "port": ports[main.name] if main else None,
            "ports": dict(ports),
            "containers": [self._container(instance, workload, name, ports) for name in workload.containers],
            "forms": list(Masker(workload.secrets).forms),
            "grace_s": self._settings.grace_s,
            "log_bytes": self._settings.log_bytes,
            "log_files": self._settings.log_files,
        }

    def _container(self, instance: Instance, workload: Workload, name: str, ports: Mapping[str, int]) -> dict[str, Any]:
        group = f"roadbed-{instance.id}-{instance.attempt}-{name}"
        groups = control_groups(workload.containers[name], group, cgroup("memory"), cgroup("cpu"))
        sandbox, command = self._sandbox(instance.stack, workload, name, ports)
        return container_orders(name, workload, sandbox, command, self._place(), groups)


def _ports_of(state: dict[str, Any]) -> dict[str, int]:
    """By name. A shim of an older release has written one port without its name."""
    found: dict[str, int] = state["ports"] if "ports" in state else {"": state["port"]}
    return {name: port for name, port in found.items() if port}


def _containers(state: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """By name: empty for an only one. A shim of an older release knows none."""
    found: dict[str, dict[str, Any]] = state.get("containers", {})
    return found


def _container_view(name: str, one: dict[str, Any]) -> ContainerView:
    ended: ContainerState = "ended" if not one["down"] else "waiting" if one["code"] is None else "crashed"
    state: ContainerState = "running" if one["pid"] is not None else ended
    return ContainerView(name, state, one["restarts"], one.get("last") if one["down"] or one["restarts"] else None)


def _processes(state: dict[str, Any]) -> dict[str, int]:
    """The first process of each container that runs, by name: empty for an only one."""
    if "containers" not in state:  # a shim of an older release
        return {"": state["replica"]} if state["code"] is None else {}
    return {name: one["pid"] for name, one in state["containers"].items() if one["pid"] is not None}


def _process(state: dict[str, Any]) -> ProcessId:
    return ProcessId(this_process().host, state["pid"], state["started"])


async def _converse(command: Sequence[str], orders: bytes) -> str:
    """Starts a shim, which answers when it has made itself independent."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            env={},
            cwd="/",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
    except OSError as error:
        raise CannotStart(f"this machine can't start another process: {error.strerror}") from error
    answer, _ = await process.communicate(orders)
    return answer.decode(errors="replace").strip()
