"""Where a command's time goes: what each process spent on it, and between which moments."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import psutil

from bench.engine.commands import Done
from bench.platform import Platform


@dataclass(frozen=True, slots=True)
class Told:
    """`cpu`: seconds by party. What the program takes in its sandbox is in nobody's: the spans have it."""

    done: Done
    cpu: Mapping[str, float]

    @property
    def seconds(self) -> float:
        return self.done.seconds

    def describe(self) -> str:
        spent = ", ".join(f"{party} {seconds:.2f}" for party, seconds in self.cpu.items())
        return f"{self.seconds:.2f} s; CPU: {spent}"


class Accounts:
    """Of one platform. Asks the kernel, so that measuring costs those who are measured nothing."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        parts = {part["name"]: part.get("pid") for part in platform.api("/status")["components"]}
        self.postgres = psutil.Process(parts["platform database"])

    @property
    def server(self) -> psutil.Process:
        return psutil.Process(self._platform.server_pid())

    def of(self, command: Callable[[], Done]) -> Told:
        before = self._spent()
        done = command()
        after = self._spent()
        spent = {party: round(after[party] - before[party], 3) for party in after}
        return Told(done, {"command": round(done.cpu, 3), **spent})

    def _spent(self) -> dict[str, float]:
        server = self.server.cpu_times()
        return {
            "server": server.user + server.system,
            "postgres": _family_seconds(self.postgres),
        }


def _family_seconds(root: psutil.Process) -> float:
    """Its children's that live, and what it has inherited of those that ended."""
    own = root.cpu_times()
    total = float(sum(own[:4]))
    for child in root.children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            total += sum(child.cpu_times()[:2])
    return total


@dataclass(frozen=True, slots=True)
class Spans:
    """Seconds between the moments that the platform remembers of an apply, in their order."""

    parts: Mapping[str, float]

    def describe(self) -> str:
        return ", ".join(f"{name} {seconds:.2f}" for name, seconds in self.parts.items())


def spans(platform: Platform, stack: str, done: Done) -> Spans:
    """Of the newest apply of a stack, which `done` asked for."""
    operation = platform.api(f"/operations?target={stack}&limit=1")["items"][0]
    number = int(operation["title"].split()[2]) if operation["title"].startswith("Apply plan") else None
    moments: list[tuple[str, float]] = [("", done.began)]
    if number is not None:
        made = platform.api(f"/stacks/{stack}/plans/{number}?all=false")["created_at"]
        moments.append(("start, program, plan", _epoch(made)))
    moments += [
        ("plan stored, sent and shown", _epoch(operation["created_at"])),
        ("queued", _epoch(operation["started_at"])),
        ("applied", _epoch(operation["ended_at"])),
        ("told", done.began + done.seconds),
    ]
    return Spans(dict(_differences(moments)))


def _differences(moments: Iterable[tuple[str, float]]) -> Iterable[tuple[str, float]]:
    before: float | None = None
    for name, at in moments:
        if before is not None:
            yield name, at - before
        before = at


def _epoch(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
