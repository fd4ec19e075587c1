"""One property's difference as lines: short ones beside each other, long ones cut to what changed. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from roadbed.cli.style import PLAIN, Style
from roadbed.cli.text import clean, shorten, width

if TYPE_CHECKING:
    from roadbed.client.models import PropertyChange

NONE = "(none)"
UNKNOWN = "(known after apply)"
NOT_KNOWN = "(not known since a change failed)"
HIDDEN = "(secret)"
HIDDEN_CHANGED = "(secret changed)"
HIDDEN_WITHIN_CHANGED = "(a secret in it changed)"
_ARROW = " → "
_CONTEXT = 2
_MOST_LINES = 16
_MOST_COMPARED = 1_500
_COLOURS = {"+": "green", "-": "red", "⋮": "dim"}

Edit = tuple[str, str]
"""A mark (`+`, `-`, a blank, `⋮` for lines left out) and its text."""


def difference(
    change: PropertyChange, action: str, room: int, style: Style = PLAIN, *, full: bool = False
) -> list[str]:
    """The first line stands beside the property's name, in `room` columns; the others below it. `full` cuts nothing."""
    change = {**change, "before": recorded(change.get("before"))}
    if action == "delete":
        return [_one(change, "before", room, full=full)]
    if action not in ("update", "replace", "import"):
        return [_one(change, "after", room, full=full)]
    before, after = text_of(change.get("before")), text_of(change.get("after"))
    if before == after:  # secrets are masked
        return [style.paint(HIDDEN_CHANGED if before == HIDDEN else HIDDEN_WITHIN_CHANGED, "yellow")]
    if not _multiline(change) and (full or width(before) + width(after) + len(_ARROW) <= room):
        return [f"{before}{style.paint(_ARROW, 'dim')}{after}"]
    return ["", *(_painted(edit, style) for edit in _edits(change, room, full=full))]


def text_of(value: Any) -> str:
    """A value as JSON on one line; an absent one, an unknown one and a secret are said in words."""
    if value is None:
        return NONE
    spoken = _spoken(value)
    return (
        str(spoken)
        if isinstance(value, dict) and isinstance(spoken, str)
        else clean(json.dumps(spoken, ensure_ascii=False))
    )


def recorded(value: Any) -> Any:
    """A value of the state. What is unknown there has been since a change of it failed, not until the next apply."""
    if isinstance(value, dict):
        return {name: NOT_KNOWN if name == "$unknown" else recorded(each) for name, each in value.items()}
    return [recorded(each) for each in value] if isinstance(value, list) else value


def holds_unknown(value: Any) -> bool:
    """Whether any part of it is not known."""
    if isinstance(value, dict):
        return "$unknown" in value or any(map(holds_unknown, value.values()))
    return isinstance(value, list) and any(map(holds_unknown, value))


def _spoken(value: Any) -> Any:
    if isinstance(value, dict):
        if "$secret" in value:
            return HIDDEN
        if "$unknown" in value:
            return NOT_KNOWN if value["$unknown"] == NOT_KNOWN else UNKNOWN
        return {key: _spoken(each) for key, each in value.items()}
    return [_spoken(each) for each in value] if isinstance(value, list) else value


def _one(change: PropertyChange, side: str, room: int, *, full: bool) -> str:
    value: Any = change.get(side)
    lines = value.splitlines() if isinstance(value, str) else []
    if full or len(lines) < 2:
        return text_of(value) if full else shorten(text_of(value), room)
    counted = f" ({len(lines):,} lines)"
    return shorten(text_of(lines[0]), room - len(counted)) + counted


def _multiline(change: PropertyChange) -> bool:
    before, after = change.get("before"), change.get("after")
    both = isinstance(before, str) and isinstance(after, str) and ("\n" in before or "\n" in after)
    return both and before.splitlines() != after.splitlines()


def _edits(change: PropertyChange, room: int, *, full: bool) -> list[Edit]:
    before, after = change.get("before"), change.get("after")
    if _multiline(change):
        found = list(edits(before.splitlines(), after.splitlines(), context=_CONTEXT, noun="line"))
    elif isinstance(before, list) and isinstance(after, list):
        found = list(edits([text_of(each) for each in before], [text_of(each) for each in after], noun="element"))
    else:
        found = [("-", text_of(before)), ("+", text_of(after))]
    return found if full else _shortened(found, room - 2)


def edits(before: Sequence[str], after: Sequence[str], *, noun: str, context: int = 0) -> Iterator[Edit]:
    """What makes `after` of `before`, with `context` unchanged ones on each side and a count of those left out.

    What both begin and end with is set aside first, so that one change in a long text costs little; of two that have
    little in common beyond a certain length only the counts are told.
    """
    head = _common(before, after, lambda index: index)
    tail = _common(before[head:], after[head:], lambda index: -1 - index)
    old, new = before[head : len(before) - tail], after[head : len(after) - tail]
    if max(len(old), len(new)) > _MOST_COMPARED:
        yield "⋮", f"{len(old):,} {noun}s replaced by {len(new):,}"
        return
    yield from _skipping(before[:head], noun, last=context)
    yield from _compared(old, new, noun, context)
    yield from _skipping(before[len(before) - tail :], noun, first=context)


def _common(before: Sequence[str], after: Sequence[str], at: Callable[[int], int]) -> int:
    """How many are the same from one end."""
    most = min(len(before), len(after))
    return next((index for index in range(most) if before[at(index)] != after[at(index)]), most)


def _compared(old: Sequence[str], new: Sequence[str], noun: str, context: int) -> Iterator[Edit]:
    import difflib

    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for kind, start, end, new_start, new_end in matcher.get_opcodes():
        if kind == "equal":
            yield from _skipping(old[start:end], noun, first=context, last=context)
            continue
        yield from (("-", line) for line in old[start:end])
        yield from (("+", line) for line in new[new_start:new_end])


def _skipping(same: Sequence[str], noun: str, *, first: int = 0, last: int = 0) -> Iterator[Edit]:
    """The unchanged ones at the edges; those between are counted."""
    if len(same) <= first + last + 1 and first + last:
        yield from ((" ", line) for line in same)
        return
    yield from ((" ", line) for line in same[:first])
    left_out = len(same) - first - last
    if left_out > 0:
        yield "⋮", f"{left_out:,} {noun}{'s' * (left_out != 1)} unchanged"
    yield from ((" ", line) for line in same[len(same) - last :])


def _shortened(found: Sequence[Edit], room: int) -> list[Edit]:
    """Each line to `room` columns, its change in sight; what goes beyond a screenful is counted."""
    cut = list(_in_sight(found, room))
    if len(cut) <= _MOST_LINES:
        return cut
    changed = sum(mark in "+-" for mark, _ in cut[_MOST_LINES:])
    return [*cut[:_MOST_LINES], ("⋮", f"{changed:,} more changed; --detail shows them")]


def _in_sight(found: Sequence[Edit], room: int) -> Iterator[Edit]:
    index = 0
    while index < len(found):
        mark, text = found[index]
        if mark == "-" and index + 1 < len(found) and found[index + 1][0] == "+":
            old, new = focus(text, found[index + 1][1], room)
            yield from (("-", old), ("+", new))
            index += 2
            continue
        yield mark, shorten(clean(text), room)
        index += 1


def focus(before: str, after: str, columns: int) -> tuple[str, str]:
    """Both in `columns`, with the place where they part in sight: `…/v1.2.3/…` and `…/v1.2.4/…`."""
    before, after = clean(before), clean(after)
    same = _common(before, after, lambda index: index)
    longest = max(width(before), width(after))
    start = max(0, same - columns // 3) if longest > columns else 0
    start = min(start, max(0, longest - columns + 1))
    dots = "…" if start else ""
    return shorten(dots + before[start:], columns), shorten(dots + after[start:], columns)


def _painted(edit: Edit, style: Style) -> str:
    mark, text = edit
    return style.paint(f"{mark} {text}".rstrip(), _COLOURS.get(mark, ""))
