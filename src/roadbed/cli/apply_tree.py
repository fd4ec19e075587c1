"""An apply as a tree of components and their resources, each with how far it is, in the room there is. Pure.

Drawn whole where there is room. Otherwise what waits and what is done is folded into counts, first within each branch,
then branch by branch; what runs and what failed stays in sight as long as a line is left.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from roadbed.cli.apply_progress import WORDS, ApplyProgress
from roadbed.cli.apply_states import IN_SIGHT, Branch, Leaf, State
from roadbed.cli.plan_tree import path_of
from roadbed.cli.style import PLAIN, Style
from roadbed.cli.text import clean, duration, number, shorten, width

_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_FRAMES_A_SECOND = 10
_MARKS: dict[State, tuple[str, str]] = {
    "done": ("✓", "green"),
    "failed": ("✗", "red"),
    "waiting": ("·", "dim"),
    "left out": ("–", "yellow"),
    "not done": ("–", "dim"),
}
_COUNTED: tuple[State, ...] = ("failed", "running", "done", "waiting", "left out", "not done")
_NARROWEST = 20

Part = tuple[str, str]
"""Text and its colour, empty for none."""


@dataclass(frozen=True, slots=True)
class Size:
    """Of the room there is, in characters."""

    columns: int
    rows: int


def heading(progress: ApplyProgress, title: str, now: float, seconds: float, size: Size, style: Style = PLAIN) -> str:
    """`⠋ Applying plan 4 of network@dev  12/40, 1 failed  3.2s`"""
    parts = [(f"{_frame(now)} ", "cyan"), (title, "bold"), (f"  {progress.counted()}", ""), _time(seconds)]
    return _line(parts, size.columns, style)


def draw(progress: ApplyProgress, now: float, size: Size, style: Style = PLAIN) -> list[str]:
    """The tree in at most `size.rows` lines."""
    drawing = _Drawing(now, max(size.columns, _NARROWEST), style)
    kinds: tuple[Callable[[Branch], Iterator[str]], ...] = (drawing.whole, drawing.folded, drawing.gathered)
    for kind in kinds:
        lines = list(islice(kind(progress.root), size.rows + 1))
        if len(lines) <= size.rows:
            return lines
    return drawing.chosen(progress, size.rows)


@dataclass(frozen=True, slots=True)
class _Drawing:
    now: float
    columns: int
    style: Style

    def whole(self, branch: Branch, indent: str = "") -> Iterator[str]:
        for leaf in branch.leaves:
            yield from self._leaf(leaf, indent)
        for below in branch.branches:
            yield from self._branch(below, indent, counts=False)
            yield from self.whole(below, indent + "  ")

    def folded(self, branch: Branch, indent: str = "") -> Iterator[str]:
        """Of a branch in which nothing runs and nothing failed, a line of counts."""
        yield from self._in_sight(branch, indent)
        for below in branch.branches:
            yield from self._branch(below, indent, counts=True)
            if not below.quiet:
                yield from self.folded(below, indent + "  ")

    def gathered(self, branch: Branch, indent: str = "") -> Iterator[str]:
        """Of all branches beside each other that are quiet, one line together."""
        yield from self._in_sight(branch, indent)
        quiet = [below for below in branch.branches if below.quiet]
        for below in branch.branches:
            if not below.quiet:
                yield from self._branch(below, indent, counts=True)
                yield from self.gathered(below, indent + "  ")
        if quiet:
            counts = sum((below.counts for below in quiet), Counter[State]())
            many = number(len(quiet))
            text = f"all {many}" if len(quiet) == len(branch.branches) else f"{many} other{'s' * (len(quiet) > 1)}"
            yield self._line([(f"{indent}… ", "dim"), (text, ""), (f"  {_told(counts)}", "dim")])

    def chosen(self, progress: ApplyProgress, rows: int) -> list[str]:
        """Without branches: what failed, in no more than half of the room, then what runs; and how much isn't shown."""
        every = [leaf for leaf in progress.leaves if leaf.state in IN_SIGHT]
        failed = [leaf for leaf in every if leaf.state == "failed"]
        running = [leaf for leaf in every if leaf.state == "running"]
        room = max(rows - 1, 0)
        some = failed[: max(room // 2, room - len(running))]
        shown = [*some, *running[: room - len(some)]]
        lines = [next(self._leaf(leaf, "", alone=True)) for leaf in shown]
        return [*lines, self._rest(progress, shown)][:rows]

    def _rest(self, progress: ApplyProgress, shown: Sequence[Leaf]) -> str:
        counts = progress.root.counts.copy()
        counts.subtract(leaf.state for leaf in shown)
        more = [f"{number(counts[state])} more {state}" for state in ("failed", "running") if counts[state]]
        rest = _told(Counter({state: count for state, count in counts.items() if state not in IN_SIGHT}))
        return self._line([(f"… {', '.join([*more, *([rest] if rest else [])])}", "dim")])

    def _in_sight(self, branch: Branch, indent: str) -> Iterator[str]:
        for leaf in branch.leaves:
            if leaf.state in IN_SIGHT:
                yield from self._leaf(leaf, indent)
        hidden = Counter({state: count for state, count in branch.own.items() if state not in IN_SIGHT})
        if branch.above is None and +hidden:  # any other says it on its own line
            yield self._line([(f"{indent}… {_told(hidden)}", "dim")])

    def _branch(self, branch: Branch, indent: str, *, counts: bool) -> Iterator[str]:
        state = _state_of(branch)
        kind = [(f"  {clean(branch.leaf.step['type'])}", "dim")] if branch.leaf else []
        told = [(f"  {_told(branch.counts)}", "dim")] if counts else []
        yield self._line([(indent, ""), self._mark(state), (clean(branch.name), "bold"), *kind, *told])
        if branch.leaf is not None and branch.leaf.state == "failed":
            yield self._line([(f"{indent}    {branch.leaf.error}", "red")])

    def _leaf(self, leaf: Leaf, indent: str, *, alone: bool = False) -> Iterator[str]:
        """`✓ subnet  core:Data  created  1.5s`. One that stands `alone` has its whole path, and its error beside it."""
        name = "/".join(path_of(leaf.step["urn"])) if alone else leaf.name
        parts = [(indent, ""), self._mark(leaf.state), (clean(name), ""), (f"  {clean(leaf.step['type'])}", "dim")]
        parts.append((f"  {_word(leaf)}", "red" if leaf.state == "failed" else ""))
        if leaf.state == "running":
            parts += [_time(self.now - leaf.began), (f"  {leaf.said}" if leaf.said else "", "dim")]
        elif leaf.state in ("done", "failed"):
            parts.append(_time(leaf.took))
        if leaf.state != "failed":
            yield self._line(parts)
        elif alone:
            yield self._line([*parts, (f"  {leaf.error}", "")])
        else:
            yield self._line(parts)
            yield self._line([(f"{indent}    {leaf.error}", "red")])

    def _mark(self, state: State) -> Part:
        mark, colour = (_frame(self.now), "cyan") if state == "running" else _MARKS[state]
        return f"{mark} ", colour

    def _line(self, parts: Sequence[Part]) -> str:
        return _line(parts, self.columns, self.style)


def _state_of(branch: Branch) -> State:
    """What its mark says: the worst of what is in it, then what goes on."""
    counts = branch.counts
    if counts["failed"] or counts["running"]:
        return "failed" if counts["failed"] else "running"
    left: tuple[State, ...] = ("waiting", "left out", "not done")
    return next((state for state in left if counts[state]), "done")


def _word(leaf: Leaf) -> str:
    doing, _ = WORDS.get(leaf.doing, (leaf.doing, leaf.doing))
    _, done = WORDS.get(leaf.did, (leaf.did, leaf.did))
    match leaf.state:
        case "running":
            return doing
        case "failed":
            return f"{doing} failed"
        case "done":
            return done
        case _:  # of a replacement, the first half may be done
            return f"{done}, the rest {leaf.state}" if leaf.did else leaf.state


def _told(counts: Counter[State]) -> str:
    return ", ".join(f"{number(counts[state])} {state}" for state in _COUNTED if counts[state] > 0)


def _time(seconds: float) -> Part:
    return f"  {duration(seconds)}", "dim"


def _frame(now: float) -> str:
    return _FRAMES[int(now * _FRAMES_A_SECOND) % len(_FRAMES)]


def _line(parts: Sequence[Part], columns: int, style: Style) -> str:
    """Painted, and never wider than `columns`: a line that wraps can't be drawn over."""
    line, left = "", columns
    for text, colour in parts:
        shown = shorten(text, left)
        line += style.paint(shown, colour)
        left -= width(shown)
        if shown != text:
            break
    return line
