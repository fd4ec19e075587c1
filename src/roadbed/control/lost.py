"""Telling a database that went away from one that says no."""

from __future__ import annotations

import psycopg
from sqlalchemy.exc import DBAPIError

_GONE = ("08", "57P")  # SQLSTATE: connection exception; operator intervention (shutdown, crash, starting up)


def is_lost(error: BaseException) -> bool:
    """Whether the platform's own database could not be reached, or was lost on the way. Not of any other database."""
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    original = error.orig
    if not isinstance(original, psycopg.OperationalError):
        return False
    return original.sqlstate is None or original.sqlstate.startswith(_GONE)
