"""What one may do to an application from its page: each is accepted as an operation, which is then shown."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from roadbed.control.domain import Operation
from roadbed.kit.errors import InvalidInput
from roadbed.portal.visit import CurrentVisit, Visit, environment_or_default, whole_number

MOST_REPLICAS = 100
_SCALE = "replicas."


def add_routes(routes: APIRouter) -> None:
    for action in (restart, scale, rollback, destroy):
        routes.add_api_route(f"/applications/{{name}}/{action.__name__}", action, methods=["POST"])


async def restart(visit: CurrentVisit, name: str) -> Response:
    workload = visit.form.get("workload") or None
    return _follow(visit, await visit.services.applications.restart(visit.call, name, _environment(visit), workload))


async def scale(visit: CurrentVisit, name: str) -> Response:
    replicas = {
        field.removeprefix(_SCALE): whole_number(
            text, f"the replicas of {field.removeprefix(_SCALE)}", most=MOST_REPLICAS
        )
        for field, text in visit.form.items()
        if field.startswith(_SCALE)
    }
    return _follow(visit, await visit.services.applications.scale(visit.call, name, _environment(visit), replicas))


async def rollback(visit: CurrentVisit, name: str) -> Response:
    release = visit.form.get("release") or None
    return _follow(visit, await visit.services.applications.rollback(visit.call, name, _environment(visit), release))


async def destroy(visit: CurrentVisit, name: str) -> Response:
    if visit.form.get("confirm") != name:
        raise InvalidInput("the name that you typed is not the application's", hint=f"type {name} to destroy it")
    return _follow(visit, await visit.services.applications.destroy(visit.call, name, _environment(visit)))


def _environment(visit: Visit) -> str:
    return environment_or_default(visit.form.get("environment"))


def _follow(visit: Visit, operation: Operation) -> Response:
    return visit.go(f"/operations/{operation.id}")
