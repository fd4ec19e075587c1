"""Numbers, times and tables as a person reads them. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from roadbed.cli.style import HEALTH_COLOURS, PLAIN, Style

NOTHING = "–"
_CONTROL = {code: None for code in (*range(32), *range(127, 160)) if code != 9}


def clean(text: str) -> str:
    """Without control characters: what a program wrote must not drive the reader's terminal."""
    return text.translate(_CONTROL)


def width(text: str) -> int:
    """Columns that `text` takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def shorten(text: str, columns: int) -> str:
    """At most `columns` wide, ended by `…` where it was cut."""
    if width(text) <= columns:
        return text
    kept, used = [], 1
    for character in text:
        used += _columns(character)
        if used > columns:
            break
        kept.append(character)
    return "".join(kept) + "…" if columns > 0 else ""


def duration(seconds: float) -> str:
    """`0.4s`, `12s`, `3m 20s`, `2h 05m`."""
    if seconds < 10:
        return f"{max(seconds, 0):.1f}s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole}s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes}m {rest:02d}s"
    return f"{minutes // 60}h {minutes % 60:02d}m"


def size(count: int) -> str:
    """`812 B`, `3.4 kB`, `12 MB`: decimal, as disks and networks count."""
    amount, unit = float(count), "B"
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            break
        amount /= 1000
    return f"{amount:.0f} {unit}" if unit == "B" or amount >= 10 else f"{amount:.1f} {unit}"


def entity(reference: str | None) -> str | None:
    """`payments` for `group:default/payments`: kind and namespace are said only where they aren't the usual ones."""
    return reference.removeprefix("group:").removeprefix("default/") if reference else None


def number(count: int) -> str:
    """`4,990`: thousands apart."""
    return f"{count:,}"


def plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count:,} {noun}s"


def parse_time(text: str | None) -> datetime | None:
    """RFC 3339 as a time; None for what is missing or no time."""
    try:
        at = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at and at.tzinfo is None else at


def ago(text: str | None, now: datetime) -> str:
    """`just now`, `5 min ago`, `3 h ago`, `2 days ago`, then the date."""
    at = parse_time(text)
    if at is None:
        return NOTHING
    seconds = (now - at).total_seconds()
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{int(seconds // 60)} min ago"
    if seconds < 86400:
        return f"{int(seconds // 3600)} h ago"
    if seconds < 7 * 86400:
        return f"{plural(int(seconds // 86400), 'day')} ago"
    return at.date().isoformat()


def table(headers: Sequence[str], rows: Iterable[Sequence[object]], style: Style = PLAIN) -> str:
    """Columns as wide as what they hold. A cell that is a known state (`healthy`, `failed`) is shown in its colour."""
    cells = [[_cell(value) for value in row] for row in rows]
    widths = [max(map(width, column)) for column in zip(headers, *cells, strict=True)]
    lines = [_line(headers, widths, [("dim",)] * len(widths), style)]
    lines += [_line(row, widths, [(HEALTH_COLOURS.get(cell, ""),) for cell in row], style) for row in cells]
    return "\n".join(lines)


def pairs(rows: Iterable[tuple[str, object]], style: Style = PLAIN) -> str:
    """Labels and values, one pair a line; a pair without a value is left out."""
    given = [(label, _cell(value)) for label, value in rows if value not in (None, "")]
    longest = max((width(label) for label, _ in given), default=0)
    return "\n".join(
        f"{style.paint(label, 'dim')}{' ' * (longest - width(label))}  {style.state(value)}" for label, value in given
    )


def _cell(value: object) -> str:
    return NOTHING if value is None or value == "" else clean(str(value))


def _line(cells: Sequence[str], widths: Sequence[int], colours: Sequence[tuple[str, ...]], style: Style) -> str:
    parts = []
    for index, (cell, wide, colour) in enumerate(zip(cells, widths, colours, strict=True)):
        padding = "" if index == len(cells) - 1 else " " * (wide - width(cell))
        parts.append(style.paint(cell, *colour) + padding)
    return "   ".join(parts).rstrip()
