"""How far an apply is, by its journal: what runs, what is done, what failed. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from roadbed.cli.apply_states import Branch, Leaf, grown, left_out
from roadbed.cli.plan_tree import path_of
from roadbed.cli.style import PLAIN, Style
from roadbed.cli.text import clean, duration, number

if TYPE_CHECKING:
    from roadbed.client.models import OperationState, Plan, ProgressEntry

_FEW = 60
"""So many steps are told one by one; of more, only those that fail."""
_UNCOUNTED = frozenset({"settle", "barrier"})
WORDS = {
    "create": ("creating", "created"),
    "update": ("updating", "updated"),
    "delete": ("deleting", "deleted"),
    "read": ("reading", "read"),
    "import": ("importing", "imported"),
    "adopt": ("adopting", "adopted"),
    "forget": ("letting go", "let go"),
    "settle": ("waiting until it is up", "settled"),
}
"""What is being done, and what was done."""
_RECORDED = {"move": "moved", "rewrite": "recorded anew", "forget": "found gone and left out of the state"}


@dataclass(frozen=True, slots=True)
class Ended:
    """Something that was done to a resource, or failed."""

    leaf: Leaf
    do: str
    seconds: float
    error: str


@dataclass(slots=True)
class Taken:
    """What entries of the journal told: what ended, and how many rows of the state alone were written, by what."""

    ended: list[Ended] = field(default_factory=list)
    recorded: Counter[str] = field(default_factory=Counter)


class ApplyProgress:
    """Fed with the journal's entries. `total` counts effects: a replacement is two of them."""

    def __init__(self, plan: Plan) -> None:
        self._steps = [step for step in plan["steps"] if step["action"] != "none"]
        self.root: Branch = grown(self._steps)
        self._leaves = {(leaf.step["urn"], leaf.step.get("deposed") or ""): leaf for leaf in self.root.everything()}
        self._heard = {f"{leaf.step['type']} {'/'.join(path_of(leaf.step['urn']))}": leaf for leaf in self.leaves}
        self.total = sum(leaf.parts for leaf in self.leaves)
        self.done = self.failed = self.recorded = 0

    @property
    def leaves(self) -> Iterable[Leaf]:
        return self._leaves.values()

    @property
    def few(self) -> bool:
        return self.total <= _FEW

    @property
    def begun(self) -> bool:
        return bool(self.done or self.failed or self.recorded or self.running)

    @property
    def running(self) -> int:
        return self.root.counts["running"]

    def take(self, entries: Iterable[ProgressEntry], now: float) -> Taken:
        taken = Taken()
        for entry in entries:
            leaf = self._leaves.get((entry["urn"], entry.get("deposed") or ""))
            if leaf is None or entry["do"] in ("move", "rewrite"):
                taken.recorded[entry["do"]] += entry["event"] == "succeeded"
            elif entry["event"] == "began":
                self._begin(leaf, entry, now)
            else:
                taken.ended += self._end(leaf, entry, now)
        self.recorded += taken.recorded.total()
        if any(ended.error for ended in taken.ended):
            self._leave_out()
        return taken

    def hear(self, line: str) -> None:
        """A line of the operation's log: `command:Command web/job: still waiting` is what that one says."""
        about, _, said = line.partition(": ")
        leaf = self._heard.get(about)
        if leaf is not None and leaf.state == "running":
            leaf.said = clean(said)

    def end(self, state: OperationState) -> None:
        """Nothing more comes: what waits was left out after a failure, or not begun since somebody cancelled."""
        broken = state == "failed" and self.failed
        for leaf in self.leaves:
            if leaf.state in ("waiting", "running"):
                leaf.become("left out" if broken and leaf.state == "waiting" else "not done")

    def counted(self) -> str:
        failed = f", {number(self.failed)} failed" if self.failed else ""
        return f"{number(min(self.done, self.total))}/{number(self.total)}{failed}"

    def told(self) -> str:
        """How far it came in the end: `36 done, 2 failed, 2 not begun`."""
        left = max(self.total - self.done - self.failed, 0)
        behind = f", {number(left)} not begun" if left else ""
        return f"{number(self.done)} done, {number(self.failed)} failed{behind}"

    def lines(self, taken: Taken, style: Style = PLAIN) -> Iterator[str]:
        """A line for each that ended; of many, for those that failed."""
        yield from recorded_lines(taken, style)
        for ended in taken.ended:
            if ended.error or (self.few and ended.do not in _UNCOUNTED):
                yield _ended_line(ended, style)

    def _begin(self, leaf: Leaf, entry: ProgressEntry, now: float) -> None:
        """One that begins twice was taken up again after a crash: what it took before that counts no more."""
        leaf.began, leaf.said = now, ""
        leaf.doing = entry["do"]
        leaf.become("running")

    def _end(self, leaf: Leaf, entry: ProgressEntry, now: float) -> list[Ended]:
        seconds = now - leaf.began if leaf.state == "running" else 0.0
        counts, failed = entry["do"] not in _UNCOUNTED, entry["event"] == "failed"
        if counts:
            self.done += not failed
            self.failed += failed
            leaf.parts -= not failed
            leaf.did, leaf.took = entry["do"], seconds
        if failed:
            leaf.doing, leaf.took = entry["do"], seconds
            leaf.error = clean(str((entry.get("error") or {}).get("detail") or "")) or "it failed"
        leaf.become("failed" if failed else "done" if leaf.parts <= 0 else "waiting")
        return [Ended(leaf, entry["do"], seconds, leaf.error if failed else "")] if counts or failed else []

    def _leave_out(self) -> None:
        failed = [leaf.step["urn"] for leaf in self.leaves if leaf.state == "failed"]
        lost = left_out(self._steps, failed)
        for leaf in self.leaves:
            if leaf.state == "waiting" and leaf.step["urn"] in lost:
                leaf.become("left out")


def recorded_lines(taken: Taken, style: Style = PLAIN) -> Iterator[str]:
    """What only the state was told, on one line: `✓ 2 moved, 10 recorded anew`."""
    counts = [f"{number(taken.recorded[do])} {done}" for do, done in _RECORDED.items() if taken.recorded[do]]
    if counts:
        yield f"{style.paint('✓', 'green')} {', '.join(counts)}"


def _ended_line(ended: Ended, style: Style) -> str:
    doing, done = WORDS.get(ended.do, (ended.do, ended.do))
    step, took = ended.leaf.step, style.paint(duration(ended.seconds), "dim")
    named = f"{clean('/'.join(path_of(step['urn'])))}  {style.paint(clean(step['type']), 'dim')}"
    if not ended.error:
        return f"{style.paint('✓', 'green')} {named}  {done}  {took}"
    return f"{style.paint('✗', 'red')} {named}  {doing} failed  {took}\n  {ended.error}"
