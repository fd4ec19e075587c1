"""How a route gets its call: one transaction a request, in the name of whoever the API authenticated."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request

from roadbed.storage.call import Call
from roadbed.storage.database import Database


async def current_call(request: Request) -> AsyncIterator[Call]:
    """Commits before the answer is sent, so that who reads the answer can rely on it."""
    database: Database = request.app.state.database
    async with database.call(request.state.principal) as call:
        yield call


CurrentCall = Annotated[Call, Depends(current_call, scope="function")]
