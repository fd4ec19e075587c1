"""How times, lengths and sizes read. The browser keeps running ones true in the same words (`assets/src/times.ts`)."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

SECRET = "••••••"  # noqa: S105  (what is shown in place of one)
UNKNOWN = "(known after apply)"
NOT_KNOWN = "(not known since a change failed)"

_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60))
_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|[\x00-\x08\x0b-\x1f\x7f]")


def ago(at: datetime, now: datetime) -> str:
    """`3 min ago`."""
    seconds = (now - at).total_seconds()
    if seconds < 10:
        return "just now"
    for unit, size in _UNITS:
        if seconds >= size:
            return f"{int(seconds // size)} {unit} ago"
    return f"{int(seconds)} s ago"


def until(at: datetime, now: datetime) -> str:
    """`in 3 h`."""
    seconds = (at - now).total_seconds()
    for unit, size in _UNITS:
        if seconds >= size:
            return f"in {int(seconds // size)} {unit}"
    return f"in {int(seconds)} s" if seconds >= 1 else "now"


def lasting(length: timedelta) -> str:
    """`2 min 5 s`; below ten seconds with a decimal, since there it tells something."""
    seconds = max(0.0, length.total_seconds())
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{int(seconds)} s"
    minutes = int(seconds // 60)
    if minutes < 60:
        return f"{minutes} min {int(seconds % 60)} s"
    hours = minutes // 60
    return f"{hours // 24} d {hours % 24} h" if hours >= 48 else f"{hours} h {minutes % 60} min"


def megabytes(size: float | None) -> str:
    if size is None:
        return "–"
    return f"{size / 1024:.1f} GB" if size >= 1024 else f"{size:.0f} MB"


def plain(text: str) -> str:
    """A line of a log without the terminal's colours and control characters."""
    return _ESCAPES.sub("", text)


def digests(text: str) -> str:
    """With each long digest cut to its first twelve digits."""
    return re.sub(r"\b([0-9a-f]{12})[0-9a-f]{20,}\b", r"\1…", text)


def initials(name: str) -> str:
    """`payments` → `PA`, `ada lovelace` → `AL`."""
    words = [word for word in re.split(r"[\s._-]+", name) if word]
    if not words:
        return "?"
    return (words[0][0] + words[1][0] if len(words) > 1 else words[0][:2]).upper()


def short_reference(reference: str) -> str:
    """`group:default/payments` → `payments`; what isn't in the default namespace keeps it."""
    return re.sub(r"^[a-z]+:(default/)?", "", reference)


def shown(value: Any) -> str:
    """A property's value as a person reads it: text as it is, anything else as JSON."""
    if isinstance(value, str):
        return value
    return json.dumps(value, indent=2 if _is_deep(value) else None, ensure_ascii=False, sort_keys=True, default=str)


def _is_deep(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, Sequence) and len(value) > 4)


def recorded(value: Any) -> Any:
    """A value of the state. What is unknown there has been since a change of it failed, not until the next apply."""
    match value:
        case {"$unknown": _}:
            return {"$unknown": NOT_KNOWN}
        case dict():
            return {name: recorded(item) for name, item in value.items()}
        case list() | tuple():
            return [recorded(item) for item in value]
        case _:
            return value


def spoken(value: Any) -> Any:
    """A recorded value for a person: words in place of each secret's fingerprint and of what isn't known yet."""
    match value:
        case {"$secret": _}:
            return SECRET
        case {"$unknown": why}:
            return NOT_KNOWN if why == NOT_KNOWN else UNKNOWN
        case {"$literal": literal} if len(value) == 1:
            return spoken(literal)
        case dict():
            return {name: spoken(item) for name, item in value.items()}
        case list() | tuple():
            return [spoken(item) for item in value]
        case _:
            return value


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """`1 step`, `5,000 steps`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def path_of(urn: str) -> str:
    """`orders@dev/web/db#postgres:Database` → `web/db`."""
    return urn.partition("#")[0].partition("/")[2]


def sentence(text: str) -> str:
    """Errors begin in lower case, since they also stand inside sentences; alone they begin with a capital.

    What begins with a name (`orders@dev`, `web/db`, `roadbed.py:3`) stays as it is.
    """
    first = text.partition(" ")[0].rstrip(",:;.")
    return text[:1].upper() + text[1:] if re.fullmatch(r"[\w'’-]+", first) else text


def shell_word(text: str) -> str:
    """Quoted for a shell only where it must be."""
    return text if re.fullmatch(r"[\w@%+=:,./-]+", text) else "'" + text.replace("'", "'\"'\"'") + "'"
