"""Whether the server answers and reaches its database. Public: it says nothing else."""

from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy import select

from roadbed.storage.request import CurrentCall


class Health(BaseModel):
    status: str
    version: str


def router(version: str) -> APIRouter:
    routes = APIRouter(tags=["health"])

    @routes.get("/health")
    async def health(call: CurrentCall) -> Health:
        """200 when the server can work, 503 when it can't reach its database."""
        await call.session.execute(select(1))
        return Health(status="ok", version=version)

    return routes
