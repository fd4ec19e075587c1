"""Every route of an application, also those of nested routers and those that its OpenAPI document leaves out."""

from __future__ import annotations

import re

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts


def routes_of(app: FastAPI) -> list[tuple[str, str]]:
    """Each method and path: `("GET", "/api/v1/whoami")`."""
    found = iter_route_contexts(app.routes)
    return sorted({(method, route.path) for route in found for method in route.methods or () if route.path})


def filled_in(path: str) -> str:
    """The path with an `x` for each of its parameters."""
    return re.sub(r"\{\w+(:\w+)?\}", "x", path)
