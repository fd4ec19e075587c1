"""Whether it is the database that can't be reached, whichever layer says so."""

from __future__ import annotations

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from roadbed.kit.errors import Unavailable

_UNREACHABLE = ("08", "53", "57P")
"""PostgreSQL's classes for a lost connection, for too many of them, and for a server that goes down or comes up."""


def database_is_away(error: Exception) -> bool:
    if isinstance(error, PoolTimeout):
        return True
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    if not isinstance(cause, psycopg.OperationalError):
        return False
    return cause.sqlstate is None or cause.sqlstate.startswith(_UNREACHABLE)


def unreachable() -> Unavailable:
    return Unavailable(
        "the platform's database can't be reached", hint="see `roadbed status`; try again when it is back"
    )
