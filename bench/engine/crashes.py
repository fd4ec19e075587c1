"""The server killed with -9 while it applies plans to a world outside the database, again and again.

What is killed is the server alone, at any moment; it is started again by the command that a person has (`roadbed up`),
and nobody asks for anything else: the apply must go on by itself. Program after program is applied in this way, each
with creations, updates, replacements of both orders and deletions. After each the world must be what the program says,
each thing there once, and the state must say the same.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bench.engine import eventful
from bench.engine.quick import say
from bench.engine.site import Site
from bench.engine.world import Line, World
from bench.figures import Figure
from bench.platform import wait_for

_NAME = "eventful"
_LONGEST_S = 0.3
"""Until the next kill, from the first effect after a start."""
_ENDED = ("succeeded", "failed", "cancelled")


def figures(kills: int) -> tuple[Figure, ...]:
    """As they will be called for so many kills."""
    return (
        Figure(f"states lost or unreadable, of {kills} kill -9 of the server", None, "", 0),
        Figure(f"applies that did not go on by themselves, of {kills} kills", None, "", 0),
        Figure("resources doubled, leaked, missing or wrong in the world afterwards", None, "", 0),
        Figure(f"kills that fell outside of intent and outcome, of {kills}", None, "", kills * 2 // 3),
    )


@dataclass
class Toll:
    """What has been counted. `killed` are the servers' process ids, in order."""

    killed: list[int] = field(default_factory=list)
    unreadable: int = 0
    stuck: int = 0
    astray: list[str] = field(default_factory=list)
    applies: int = 0


class Killing:
    """Applies versions of the eventful program until the server has died often enough."""

    def __init__(self, site: Site, kills: int, count: int, seed: int = 1) -> None:
        self.site, self.kills, self.count = site, kills, count
        self.world = World(site.world)
        self.toll = Toll()
        self._random = random.Random(seed)
        self._seen = 0

    def run(self) -> Toll:
        version = 0
        while len(self.toll.killed) < self.kills:
            version += 1
            self._apply(version)
        self._apply(None)
        return self.toll

    def _apply(self, version: int | None) -> None:
        """None: its end. Kills come as long as they are due."""
        stack = self.site.module(eventful.program(self.count, version or 0), _NAME)
        ending = () if version else ("--destroy",)
        asked = self.site.platform.cli("apply", stack, *ending, "--yes", "--detach")
        while not self._ended(asked["operation"]):
            if len(self.toll.killed) < self.kills:
                self._wait_and_kill(stack)
            self._wait_for_progress(asked["operation"])
        self.toll.applies += 1
        operation = self._operation(asked["operation"])
        if operation["state"] != "succeeded":
            self.toll.stuck += 1
            say(f"the apply of version {version} {operation['state']}: {operation['error']}")
        expected = eventful.expected(self.count, version) if version else {}
        self._compare(stack, version, expected, asked["summary"])

    # Killing.

    def _wait_and_kill(self, stack: str) -> None:
        time.sleep(self._random.uniform(0, _LONGEST_S))
        self._seen = self.world.length
        self.toll.killed.append(self.site.platform.server_pid())
        self.site.platform.kill_server()
        self.site.platform.up()
        try:
            self.site.platform.api(f"/stacks/{stack}/export")
        except Exception as unreadable:
            self.toll.unreadable += 1
            say(f"after kill {len(self.toll.killed)}: {unreadable!r}")
        if len(self.toll.killed) % 25 == 0:
            say(f"{len(self.toll.killed)} kills, {self.toll.applies} applies ended")

    def _wait_for_progress(self, operation: str) -> None:
        """A new effect, begun by the server that runs now; or the end."""
        try:
            wait_for(lambda: self.world.length > self._seen or self._ended(operation), "the apply to go on", 60)
        except TimeoutError:
            self.toll.stuck += 1
            raise

    def _operation(self, id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.site.platform.api(f"/operations/{id}")
        return found

    def _ended(self, id: str) -> bool:
        return self._operation(id)["state"] in _ENDED

    # Judging.

    def _compare(self, stack: str, version: int | None, expected: eventful.Things, planned: dict[str, int]) -> None:
        """World against program, state against world, and the engine's own opinion: a plan that finds nothing to do."""
        things = self.world.things()
        astray = list(eventful.differences(expected, things.values()))
        rows = self.site.platform.api(f"/stacks/{stack}/resources")["items"]
        astray += [f"{row['urn']} is {row['state']}" for row in rows if row["state"] != "created"]
        known = {row["id"] for row in rows}
        astray += [f"{one} is in the world only" for one in things.keys() - known]
        astray += [f"{one} is in the state only" for one in known - things.keys()]
        if version:
            summary = self.site.platform.cli("plan", stack, "--refresh")["summary"]
            if any(count for action, count in summary.items() if action != "none"):
                astray.append(f"a plan would do more: {summary}")
        for line in astray[:10]:
            say(f"version {version}: {line}")
        self.toll.astray += astray


def in_doubt(lines: list[Line], killed: list[int]) -> int:
    """How many of the kills cut an effect off: begun, so its intent was committed; not ended, so its outcome wasn't."""
    open_: dict[int, set[tuple[str, str, str]]] = {pid: set() for pid in killed}
    for line in lines:
        if line.pid in open_ and line.mark == "begin":
            open_[line.pid].add(line.effect)
        elif line.pid in open_:
            open_[line.pid].discard(line.effect)
    return sum(1 for effects in open_.values() if effects)


def repeated(lines: list[Line]) -> int:
    """How many effects were begun by more than one server: found without an outcome, and taken up again."""
    servers: dict[tuple[str, str, str], set[int]] = {}
    for line in lines:
        if line.mark == "begin":
            servers.setdefault(line.effect, set()).add(line.pid)
    return sum(1 for pids in servers.values() if len(pids) > 1)


def proof(site: Site, kills: int, count: int = 2_000) -> Iterator[Figure]:
    killing = Killing(site, kills, count)
    toll = killing.run()
    lines = list(killing.world.lines())
    cut = in_doubt(lines, toll.killed)
    unreadable, stuck, astray, outside = figures(kills)
    say(
        f"{len(toll.killed)} kills in {toll.applies} applies of {count:,} resources; {cut} fell between intent and "
        f"outcome; {repeated(lines)} effects were taken up again; {sum(line.mark == 'end' for line in lines)} in all"
    )
    yield unreadable.measured(toll.unreadable)
    yield stuck.measured(toll.stuck)
    yield astray.measured(len(toll.astray))
    yield outside.measured(len(toll.killed) - cut)
