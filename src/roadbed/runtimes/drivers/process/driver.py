"""The process driver: one shim, one folder (`$ROADBED_HOME/replicas/<id>`) and one sandbox for each replica."""

from __future__ import annotations

import asyncio
import json
import marshal
import os
import shutil
import signal
import zlib
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from roadbed.control.processes import ProcessId, this_process
from roadbed.runtimes.domain import Endpoint, Workload
from roadbed.runtimes.driver import Instance, Status, Usage
from roadbed.runtimes.drivers.process import usage
from roadbed.runtimes.drivers.process.artifact import read_artifact
from roadbed.runtimes.drivers.process.ports import free_port
from roadbed.runtimes.errors import CannotStart, InvalidService
from roadbed.runtimes.settings import RuntimeSettings
from roadbed.sandbox import detect
from roadbed.sandbox.arguments import descriptors_needed, launch
from roadbed.sandbox.cgroups import cgroup
from roadbed.sandbox.domain import DEFAULT_UID, File, Host, Limits, Sandbox
from roadbed.sandbox.processes import ended
from roadbed.sandbox.run import run
from roadbed.secrets.masking import Masker

_SHIM = str(Path(__file__).with_name("shim.py"))
_FIRST_DESCRIPTOR = 100
_USERS = 1000
_OPEN_FILES = 65_536
_TIMED_OUT = 124
_KILLED = 137


class ProcessDriver:
    """See `runtimes.driver.Driver`."""

    def __init__(self, home: Path, settings: RuntimeSettings, host: Host | None = None) -> None:
        self._replicas = home / "replicas"
        self._builds = home / "builds"
        self._settings = settings
        self._host = host

    async def start(self, instance: Instance, workload: Workload) -> Endpoint | None:
        if (there := self._state(instance.id)) is not None and there["attempt"] == instance.attempt:
            return _endpoint(there["port"])
        port = free_port(self._ports()) if workload.listens else None
        sandbox, command = self._sandbox(instance.stack, workload, port)
        self._folder(instance.id).mkdir(mode=0o700, parents=True, exist_ok=True)
        orders = self._orders(instance, workload, sandbox, command) | {"port": port}
        answer = await _converse(self._shim(), marshal.dumps(orders))
        state = self._state(instance.id)
        if not answer.isdigit() and (state is None or state["attempt"] != instance.attempt):
            raise CannotStart(f"a replica could not be started: {answer}", hint="see `roadbed doctor`")
        return _endpoint(state["port"] if state is not None else port)

    async def stop(self, id: str) -> None:
        state = self._state(id)
        if state is not None and state["code"] is None and _process(state).alive():
            with suppress(ProcessLookupError):
                os.kill(state["pid"], signal.SIGTERM)

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
        )

    async def wait(self, id: str) -> Status:
        while (status := self.inspect(id)) is not None and (state := self._state(id)) is not None:
            if not status.running:
                if state["code"] is None:
                    usage.sweep(state["replica"])
                return status
            await ended(state["pid"])
        raise CannotStart(f"the traces of replica {id} are gone")

    async def execute(self, id: str, workload: Workload, command: Sequence[str], *, timeout_s: float) -> int:
        state = self._state(id)
        if state is None or (inside := usage.command_of(state["replica"])) is None:
            return 1
        sandbox, _ = self._sandbox(state["stack"], workload, state["port"])
        done = await run(sandbox, command, timeout=timeout_s, max_output=0, host=self._place(), inside=inside)
        return _TIMED_OUT if done.timed_out else done.code

    def usage(self, id: str) -> Usage | None:
        state = self._state(id)
        if state is None or state["code"] is not None or not _process(state).alive():
            return None
        return usage.measure(state["replica"])

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
        return frozenset(state["port"] for state in states if state and state["port"] and state["code"] is None)

    def _state(self, id: str) -> dict[str, Any] | None:
        try:
            state: dict[str, Any] = json.loads((self._folder(id) / "state.json").read_text())
        except (OSError, ValueError):
            return None
        return state

    def _sandbox(self, stack: str, workload: Workload, port: int | None) -> tuple[Sandbox, Sequence[str]]:
        artifact = read_artifact(self._builds, workload.artifact)
        command = workload.command or artifact.command
        if not command:
            raise InvalidService(
                "nothing says which command to run", hint="set `command` of the container in its Score file"
            )
        if workload.files and self._place().bwrap is None:
            raise InvalidService(
                "files at absolute paths need a sandbox, which this machine's kernel forbids",
                hint="`roadbed doctor` says how to allow it",
            )
        uid = DEFAULT_UID + zlib.crc32(stack.encode()) % _USERS
        own = {"HOME": "/tmp", **({} if port is None else {"PORT": str(port)})}  # noqa: S108 - inside the sandbox
        sandbox = Sandbox(
            mounts=artifact.mounts,
            files={path: File(content, 0o644) for path, content in workload.files.items()},
            environment={**own, **artifact.environment, **workload.variables, **own},
            workdir=artifact.workdir,
            uid=uid,
            gid=uid,
            limits=Limits(open_files=_OPEN_FILES),
        )
        return sandbox, command

    def _orders(
        self, instance: Instance, workload: Workload, sandbox: Sandbox, command: Sequence[str]
    ) -> dict[str, Any]:
        """What the shim reads from its standard input."""
        host = self._place()
        numbers = range(_FIRST_DESCRIPTOR, _FIRST_DESCRIPTOR + descriptors_needed(sandbox, host))
        ready = launch(sandbox, command, host, numbers)
        groups = cgroup("memory")
        return {
            "folder": str(self._folder(instance.id)),
            "attempt": instance.attempt,
            "stack": instance.stack,
            "argv": list(ready.argv),
            "files": [list(file) for file in ready.files],
            "sandboxed": host.bwrap is not None,
            "forms": list(Masker(workload.secrets).forms),
            "grace_s": self._settings.grace_s,
            "log_bytes": self._settings.log_bytes,
            "log_files": self._settings.log_files,
            "memory_bytes": None if workload.memory_mb is None else workload.memory_mb * 1024 * 1024,
            "cgroup": str(groups / f"roadbed-{instance.id}-{instance.attempt}") if groups else None,
        }


def _endpoint(port: int | None) -> Endpoint | None:
    return None if port is None else Endpoint("127.0.0.1", port)


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
