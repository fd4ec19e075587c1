"""The application, put together. What it does is in app/api/."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from app import database, health
from app.api import ${{ values.collection }}
from app.observe import Observe
from app.settings import Settings

NAME = "${{ values.name }}"
log = logging.getLogger("app")


def create_app(settings: Settings) -> FastAPI:
    app = FastAPI(
        title=NAME,
        description=${{ values.description | dump }},
        version=settings.release,
        lifespan=_lifespan,
    )
    app.state.settings = settings
    app.state.pool = database.create_pool(settings.database_url)
    app.include_router(health.router)
    app.include_router(${{ values.collection }}.router)
    app.add_exception_handler(database.Unreachable, database.unreachable)
    app.add_exception_handler(database.OperationalError, database.unreachable)
    app.add_middleware(Observe)

    @app.get("/", tags=["about"])
    async def about() -> dict[str, str]:
        """Says hello, and which copy of the service answered."""
        return {
            "message": f"Hello from {NAME}.",
            "name": NAME,
            "release": settings.release,
            "environment": settings.environment,
            "instance": settings.instance,
            "${{ values.collection }}": "/${{ values.collection }}",
            "documentation": "/docs",
        }

    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    await app.state.pool.open(wait=False)  # `/readyz` says when it has a connection
    log.info("started", extra={"release": settings.release, "port": settings.port})
    yield
    await app.state.pool.close()
    log.info("stopped")
