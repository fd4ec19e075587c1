"""What one may do to a resource from its application's page: each is accepted as an operation, which is then shown."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from roadbed.control.domain import Operation
from roadbed.portal.visit import CurrentVisit, Visit, environment_or_default

_BASE = "/applications/{name}/resources/{resource}"


def add_routes(routes: APIRouter) -> None:
    routes.add_api_route(f"{_BASE}/backup", backup, methods=["POST"])
    routes.add_api_route(f"{_BASE}/rotate", rotate, methods=["POST"])
    routes.add_api_route("/applications/{name}/restore", restore, methods=["POST"])


async def backup(visit: CurrentVisit, name: str, resource: str) -> Response:
    return _follow(visit, await visit.services.backups.back_up(visit.call, name, _environment(visit), resource))


async def rotate(visit: CurrentVisit, name: str, resource: str) -> Response:
    return _follow(visit, await visit.services.resources.rotate(visit.call, name, _environment(visit), resource))


async def restore(visit: CurrentVisit, name: str) -> Response:
    """Into the resource that was chosen, whose name must have been typed, too."""
    form, environment = visit.form, _environment(visit)
    into, chosen, typed = (form.get(field) or "" for field in ("into", "backup", "confirm"))
    operation = await visit.services.backups.restore(visit.call, name, environment, into, chosen, typed)
    return _follow(visit, operation)


def _environment(visit: Visit) -> str:
    return environment_or_default(visit.form.get("environment"))


def _follow(visit: Visit, operation: Operation) -> Response:
    return visit.go(f"/operations/{operation.id}")
