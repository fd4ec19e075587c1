"""What waivers and approvals are said in: whose word it takes, and until when one counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from roadbed.cli.text import parse_time
from roadbed.kit.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from roadbed.client.models import AskedApprovals


def people(asked: AskedApprovals) -> str:
    """`1 approval by an operator`, `2 approvals by owners`."""
    role = asked["role"]
    if asked["count"] > 1:
        return f"{asked['count']} approvals by {role}s"
    return f"1 approval by {'a' if role == 'developer' else 'an'} {role}"


def day(text: str | None) -> str:
    """`2026-12-31 23:59Z`, as ends are read; empty for none."""
    at = parse_time(text)
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%MZ") if at else ""


def end(until: str | None, days: int | None, now: datetime) -> str | None:
    """When a waiver is to end, as RFC 3339: the end of the day that was named (in UTC), or so many days from now.

    Raises InvalidInput for what is no date, and for both at once; None for neither, which the platform refuses.
    """
    if until is not None and days is not None:
        raise InvalidInput("--until and --days say the same thing twice", hint="leave one of the two out")
    if days is not None:
        return (now + timedelta(days=days)).isoformat()
    return None if until is None else _end_of(until).isoformat()


def only(found: Sequence[str], what: str, see: str) -> str:
    """The one that there is. Raises NotFound for none, InvalidInput for several, with `see`, the command that lists."""
    if not found:
        raise NotFound(f"nothing {what}", hint=f"see: {see}")
    if len(found) > 1:
        raise InvalidInput(f"more than one {what}", hint=f"name one: {', '.join(found)}")
    return found[0]


def _end_of(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"{text!r} is no date", hint="write it like 2026-12-31") from None
    if len(text) == len("2026-12-31"):
        return at.replace(hour=23, minute=59, second=59, tzinfo=UTC)
    return at if at.tzinfo else at.replace(tzinfo=UTC)
