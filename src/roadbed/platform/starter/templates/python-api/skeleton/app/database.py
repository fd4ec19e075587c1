"""The connection pool, and how a request gets a connection: one transaction a request."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import JSONResponse
from psycopg import AsyncConnection, OperationalError
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout

Unreachable = PoolTimeout

__all__ = ["Connection", "OperationalError", "Unreachable", "create_pool", "is_ready", "unreachable"]


def create_pool(url: str) -> AsyncConnectionPool[AsyncConnection[Any]]:
    """A pool that is not open yet. It replaces broken connections, so the database may come and go."""
    return AsyncConnectionPool(
        url,
        min_size=1,
        max_size=8,
        timeout=5,  # seconds that a request waits for a connection before it is answered 503
        max_idle=300,
        check=AsyncConnectionPool.check_connection,
        kwargs={"connect_timeout": 5},
        open=False,
    )


async def is_ready(pool: AsyncConnectionPool[AsyncConnection[Any]]) -> bool:
    """Whether the database answers within a second."""
    try:
        async with pool.connection(timeout=1) as connection:
            await connection.execute("select 1")
    except (OperationalError, PoolClosed, PoolTimeout):
        return False
    return True


async def _connection(request: Request) -> AsyncIterator[AsyncConnection[Any]]:
    async with request.app.state.pool.connection() as connection:
        yield connection


# The scope makes the transaction commit before the answer is sent: who is told 201 can rely on it.
Connection = Annotated[AsyncConnection[Any], Depends(_connection, scope="function")]


async def unreachable(request: Request, error: Exception) -> JSONResponse:
    """503 rather than 500: the same request may well succeed in a moment."""
    return JSONResponse(
        {"detail": "the database cannot be reached"}, status_code=503, headers={"Retry-After": "1"}
    )
