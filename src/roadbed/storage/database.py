"""The connection pool and its transactions."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from roadbed.kit.access import Principal
from roadbed.storage.call import Call


class Database:
    """One pool over one PostgreSQL. `url` is a libpq URL: `postgresql://…`."""

    def __init__(self, url: str, *, pool_size: int = 8) -> None:
        self.url = url
        sqlalchemy_url = url.replace("postgresql://", "postgresql+psycopg://", 1)
        self.engine: AsyncEngine = create_async_engine(
            sqlalchemy_url,
            pool_size=pool_size,
            max_overflow=8,
            pool_pre_ping=True,
            hide_parameters=True,  # an error that is logged would show what it was about, a password's hash included
        )
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        """One transaction: commits at the end, rolls back when the block raises."""
        async with self._sessions() as session, session.begin():
            yield session

    @asynccontextmanager
    async def call(self, principal: Principal | None) -> AsyncIterator[Call]:
        """One call at a boundary (a request, a job, a controller's turn): who asks, in which transaction."""
        async with self.session() as session:
            yield Call(session, principal)

    async def close(self) -> None:
        await self.engine.dispose()
