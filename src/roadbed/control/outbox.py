"""How an event leaves with its transaction: written just before the commit, in the order of commits.

A sequence alone would number events in the order of inserts, and a reader that has seen 6 would never look for a 5
that commits later. So events wait in the session until the transaction commits; then they are inserted under a lock
that lasts until the commit is visible. It is taken after everything else that the transaction might wait for, so it is
held for about a millisecond and can't be part of a deadlock.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import event, insert, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from roadbed.control.tables import EventRow

CHANNEL = "roadbed_events"
_KEY = "roadbed.outbox"
_LOCK = 0x6576656E  # "even"


def put(session: AsyncSession, type_: str, subject: str, data: Mapping[str, Any]) -> None:
    """Sends the event when the session's transaction commits, once however often it was put; never if it doesn't."""
    waiting: list[dict[str, Any]] | None = session.info.get(_KEY)
    if waiting is None:
        waiting = session.info[_KEY] = []
        event.listen(session.sync_session, "before_commit", _write)
        event.listen(session.sync_session, "after_rollback", _forget)
    row = {"type": type_, "subject": subject, "data": dict(data)}
    if row not in waiting:
        waiting.append(row)


def _write(session: Session) -> None:
    waiting: list[dict[str, Any]] = session.info[_KEY]
    if not waiting or session.in_nested_transaction():
        return
    session.flush()  # may wait for rows: before the lock, not under it
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    session.execute(insert(EventRow), waiting)
    session.execute(text("SELECT pg_notify(:channel, '')"), {"channel": CHANNEL})
    waiting.clear()


def _forget(session: Session) -> None:
    session.info[_KEY].clear()
