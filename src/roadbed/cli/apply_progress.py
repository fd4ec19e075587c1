"""How far an apply is, by its journal: what runs, what is done, what failed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from roadbed.cli.plan_tree import path_of
from roadbed.cli.style import PLAIN, Style
from roadbed.cli.text import clean, duration, number, shorten
from roadbed.client.models import Plan, PlanStep, ProgressEntry

_FEW = 60
"""So many steps are told one by one; of more, only those that fail."""
_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_FRAMES_A_SECOND = 10
_UNCOUNTED = frozenset({"settle", "barrier"})
_DOING = {
    "create": ("creating", "created"),
    "update": ("updating", "updated"),
    "delete": ("deleting", "deleted"),
    "read": ("reading", "read"),
    "import": ("importing", "imported"),
    "adopt": ("adopting", "adopted"),
    "forget": ("letting go", "let go"),
    "settle": ("waiting for what uses it", "settled"),
}


@dataclass(slots=True)
class Running:
    """Something that is being done since `began`, on whatever clock the caller has."""

    urn: str
    do: str
    began: float


@dataclass(slots=True)
class ApplyProgress:
    """Fed with the journal's entries. `total` counts effects: a replacement is two of them."""

    total: int
    types: dict[str, str]
    running: dict[tuple[str, str, str], Running] = field(default_factory=dict)
    done: int = 0
    failed: int = 0

    @classmethod
    def of(cls, plan: Plan) -> ApplyProgress:
        steps = [step for step in plan["steps"] if step["action"] != "none"]
        return cls(sum(map(_effects, steps)), {step["urn"]: step["type"] for step in steps})

    @property
    def few(self) -> bool:
        return self.total <= _FEW

    @property
    def begun(self) -> bool:
        return bool(self.done or self.failed or self.running)

    def take(self, entries: Iterable[ProgressEntry], now: float, style: Style = PLAIN) -> Iterator[str]:
        """Takes in what happened; yields the lines to be told for good."""
        for entry in entries:
            key = entry["urn"], entry["do"], entry.get("deposed", "")
            new = Running(entry["urn"], entry["do"], now)
            if entry["event"] == "intent":
                self.running.setdefault(key, new)
                continue
            began = self.running.pop(key, new).began
            failed = entry["event"] == "failed"
            if entry["do"] not in _UNCOUNTED:
                self.failed += failed
                self.done += not failed
            if failed or (self.few and entry["do"] not in _UNCOUNTED):
                yield self._ended(entry, now - began, style)

    def _ended(self, entry: ProgressEntry, seconds: float, style: Style) -> str:
        doing, done = _DOING.get(entry["do"], (entry["do"], entry["do"]))
        took = style.paint(duration(seconds), "dim")
        if entry["event"] == "succeeded":
            return f"{style.paint('✓', 'green')} {self._named(entry['urn'], style)}  {done}  {took}"
        why = clean(str((entry.get("error") or {}).get("detail") or "")) or "failed"
        return f"{style.paint('✗', 'red')} {self._named(entry['urn'], style)}  {doing} failed  {took}\n  {why}"

    def _named(self, urn: str, style: Style) -> str:
        kind = self.types.get(urn, urn.rpartition("#")[2])
        return f"{clean('/'.join(path_of(urn)))}  {style.paint(clean(kind), 'dim')}"

    def counted(self) -> str:
        failed = f", {number(self.failed)} failed" if self.failed else ""
        return f"{number(min(self.done, self.total))}/{number(self.total)}{failed}"

    def told(self) -> str:
        """How far it came in the end: `36 done, 2 failed, 2 not begun`."""
        left = max(self.total - self.done - self.failed, 0)
        behind = f", {number(left)} not begun" if left else ""
        return f"{number(self.done)} done, {number(self.failed)} failed{behind}"

    def block(self, title: str, now: float, began: float, columns: int, rows: int, style: Style = PLAIN) -> list[str]:
        """The living part on a terminal: how far it is, and a tree of what runs, in at most `rows` lines."""
        frame = _FRAMES[int(now * _FRAMES_A_SECOND) % len(_FRAMES)]
        head = shorten(f"{title}  {self.counted()}  {duration(now - began)}", columns - 2)
        lines = [f"{style.paint(frame, 'cyan')} {head}"]
        room, branch = max(rows - 2, 1), ""
        shown = 0
        for running in sorted(self.running.values(), key=lambda each: (path_of(each.urn)[:-1], each.urn)):
            *parents, name = path_of(running.urn) or [running.urn]
            needed = 1 + ("/".join(parents) != branch)
            if len(lines) - 1 + needed > room:
                break
            if needed > 1:
                branch = "/".join(parents)
                lines.append(shorten(f"  {clean(branch)}", columns))
            lines.append(
                self._running_line(running, name, now, columns, indent="    " if branch else "  ", style=style)
            )
            shown += 1
        hidden = len(self.running) - shown
        return lines + ([f"  … and {number(hidden)} more"] if hidden else [])

    def _running_line(self, running: Running, name: str, now: float, columns: int, *, indent: str, style: Style) -> str:
        doing = _DOING.get(running.do, (running.do, ""))[0]
        took = duration(now - running.began)
        kind = self.types.get(running.urn, running.urn.rpartition("#")[2])
        text = shorten(f"{indent}{clean(name)}  {clean(kind)}  {doing}", columns - len(took) - 2)
        return f"{text}  {style.paint(took, 'dim')}"


def _effects(step: PlanStep) -> int:
    return 2 if step["action"] == "replace" else 1
