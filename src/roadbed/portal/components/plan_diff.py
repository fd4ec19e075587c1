"""One property's difference as a person reads it: long texts and lists are cut to what changed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Any, Literal, TypeAlias

from roadbed.engine.domain import Change
from roadbed.portal.formatting import SECRET, recorded, shown, spoken

Mark: TypeAlias = Literal["same", "old", "new", "cut"]

_CONTEXT = 2
_MOST_COMPARED = 1_500
"""Lines. Of two longer texts with little in common only the counts are told: comparing them takes too long."""
_MOST_LINES = 400
_LONG, _AROUND = 280, 90
_CUT_BEFORE = "…\u2060"
"""With a joiner, or a long word after it would begin on the next line."""


@dataclass(frozen=True, slots=True)
class Line:
    """`cut` stands for lines that are left out, and says how many."""

    mark: Mark
    text: str


@dataclass(frozen=True, slots=True)
class Value:
    """`whole` is None where `text` is all of it."""

    text: str
    whole: str | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """One property: either `before` and `after` (None where there is nothing on that side), or `lines`."""

    path: str
    before: Value | None = None
    after: Value | None = None
    lines: tuple[Line, ...] = ()
    secret: bool = False
    unknown: bool = False
    replaces: bool = False


def difference(change: Change) -> Difference:
    change = replace(change, before=recorded(change.before))
    blank = Difference(change.path, secret=change.secret, unknown=change.unknown, replaces=change.replaces)
    if change.secret and change.before == change.after:
        return replace(blank, after=Value(f"{SECRET} (changed)"))
    if lines := tuple(_lines(change.before, change.after)):
        return replace(blank, lines=lines)
    before, after = _values(*_texts(change))
    return replace(blank, before=before, after=after)


def recorded_difference(change: Change) -> Difference:
    """Between two values of the state: neither is one that an apply is to tell."""
    return difference(replace(change, after=recorded(change.after)))


def _texts(change: Change) -> tuple[str | None, str | None]:
    """Both sides; text that looks like the other side's number gets its quotation marks."""
    old, new = (None if side is None else shown(spoken(side)) for side in (change.before, change.after))
    return (json.dumps(change.before), json.dumps(change.after)) if old == new else (old, new)


def _values(before: str | None, after: str | None) -> tuple[Value | None, Value | None]:
    """Long ones are cut round the place where they part."""
    same = _common(before or "", after or "") if before is not None and after is not None else 0
    return _value(before, same), _value(after, same)


def _value(text: str | None, at: int) -> Value | None:
    if text is None or len(text) <= _LONG:
        return None if text is None else Value(text)
    start = max(0, min(at - _AROUND, len(text) - _LONG))
    end = start + _LONG
    return Value(f"{_CUT_BEFORE if start else ''}{text[start:end]}{'…' if end < len(text) else ''}", text)


def _lines(before: Any, after: Any) -> Iterator[Line]:
    """Nothing unless the value is text of several lines, or a list on both sides."""
    if isinstance(before, list) and isinstance(after, list):
        old, new = [shown(spoken(item)) for item in before], [shown(spoken(item)) for item in after]
        return _cut(_compared(old, new, "item"))
    texts = [text for text in (before, after) if isinstance(text, str)]
    others = [value for value in (before, after) if value is not None and not isinstance(value, str)]
    if others or not any("\n" in text for text in texts):
        return iter(())
    return _cut(_compared((before or "").splitlines(), (after or "").splitlines(), "line"))


def _compared(before: Sequence[str], after: Sequence[str], noun: str) -> Iterator[Line]:
    head = _common(before, after)
    tail = _common(before[head:][::-1], after[head:][::-1])
    old, new = before[head : len(before) - tail], after[head : len(after) - tail]
    if max(len(old), len(new)) > _MOST_COMPARED and old and new:
        yield Line("cut", f"{len(old):,} {noun}s replaced by {len(new):,}")
        return
    yield from _kept(before[:head], noun, last=_CONTEXT)
    for kind, start, end, new_start, new_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            yield from _kept(old[start:end], noun, first=_CONTEXT, last=_CONTEXT)
            continue
        yield from (Line("old", text) for text in old[start:end])
        yield from (Line("new", text) for text in new[new_start:new_end])
    yield from _kept(before[len(before) - tail :], noun, first=_CONTEXT)


def _kept(same: Sequence[str], noun: str, *, first: int = 0, last: int = 0) -> Iterator[Line]:
    """Unchanged ones next to what changed; those further away are counted."""
    left_out = len(same) - first - last
    if left_out <= 1:
        yield from (Line("same", text) for text in same)
        return
    yield from (Line("same", text) for text in same[:first])
    yield Line("cut", f"{left_out:,} {noun}s unchanged")
    yield from (Line("same", text) for text in same[len(same) - last :] if last)


def _cut(lines: Iterator[Line]) -> Iterator[Line]:
    every = list(lines)
    yield from (_shortened(line) for line in every[:_MOST_LINES])
    if len(every) > _MOST_LINES:
        yield Line("cut", f"{len(every) - _MOST_LINES:,} more")


def _shortened(line: Line) -> Line:
    return line if len(line.text) <= 4 * _LONG else Line(line.mark, line.text[: 4 * _LONG] + "…")


def _common(before: Sequence[str], after: Sequence[str]) -> int:
    """How many both begin with."""
    most = min(len(before), len(after))
    return next((index for index in range(most) if before[index] != after[index]), most)
