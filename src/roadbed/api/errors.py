"""Every error that leaves the API, as `application/problem+json` (RFC 9457). The only place that renders one."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from roadbed.api.browser import wants_page
from roadbed.api.refusals import Refusals
from roadbed.identity.errors import TooManyAttempts
from roadbed.kit.errors import (
    InvalidInput,
    NotFound,
    Problem,
    RoadbedError,
    TooLarge,
    Unauthenticated,
)
from roadbed.kit.ids import new_id
from roadbed.storage.away import database_is_away, unreachable

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
ErrorPage: TypeAlias = Callable[[Scope, RoadbedError], Response]
"""What a browser is shown for an error that no page could answer by itself."""


class MethodNotAllowed(RoadbedError):
    """The path is there, but not for this method."""

    code = "method_not_allowed"
    status = 405
    exit_code = 2


class Problems:
    """The middleware in which every error ends that a route, or a middleware further in, raises.

    A browser that wants a page gets one. A page that answers its own errors leaves a refusal in
    `request.state.refused`, so that it is audited all the same.
    """

    def __init__(self, app: ASGIApp, refusals: Refusals, error_page: ErrorPage | None = None) -> None:
        self.app = app
        self._refusals = refusals
        self._error_page = error_page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception as error:  # whatever it was: the boundary answers
            if started:  # half an answer is out: only cutting the connection tells the client
                raise
            await self._refusals.note(scope, error)
            await self._answer(error, scope)(scope, receive, send)
        else:
            await self._refusals.note(scope, scope.get("state", {}).get("refused"))

    def _answer(self, error: Exception, scope: Scope) -> Response:
        """A page only for the database that is away: everything else a page says by itself, or is for a program."""
        if self._error_page is not None and database_is_away(error) and wants_page(scope):
            return self._error_page(scope, unreachable())
        return render(error, scope)


async def handle(request: Request, error: Exception) -> JSONResponse:
    """For the errors that the framework would otherwise answer by itself."""
    return render(error, request.scope)


def render(error: Exception, scope: Scope) -> JSONResponse:
    """The answer to an error. One that we didn't foresee is logged whole, and shown as nothing but its number."""
    known = _known(error, scope)
    body = {**known.to_dict(), "instance": scope["path"]}
    if isinstance(error, RequestValidationError):
        body["problems"] = [_field_problem(found) for found in error.errors()]
    if known.code == RoadbedError.code:
        body["id"] = new_id("err")
        body["hint"] = f"the server's log has the details under {body['id']}"
        log.error("%s: %s %s failed", body["id"], scope["method"], scope["path"], exc_info=error)
    return JSONResponse(body, known.status, headers=_headers(known, error), media_type=MEDIA_TYPE)


def _known(error: Exception, scope: Scope) -> RoadbedError:
    match error:
        case RoadbedError():
            return error
        case RequestValidationError():
            problems = [Problem(_sentence(found), _hint(found)) for found in error.errors()]
            hint = next((each.hint for each in problems if each.hint), None)
            return InvalidInput("the request can't be read: " + problems[0].message, hint=hint, problems=problems)
        case HTTPException():
            return _http_error(error, scope)
    if database_is_away(error):
        return unreachable()
    return RoadbedError("the platform met an error that it did not expect")


def _http_error(error: HTTPException, scope: Scope) -> RoadbedError:
    match error.status_code:
        case 404:
            return NotFound(f"there is nothing at {scope['path']}", hint="GET /api/v1/openapi.json lists what there is")
        case 405:
            return MethodNotAllowed(f"{scope['path']} takes no {scope['method']}")
        case 413:
            return TooLarge(str(error.detail))
        case status if status < 500:
            return InvalidInput(str(error.detail))
    return RoadbedError("the platform met an error that it did not expect")


def _headers(known: RoadbedError, error: Exception) -> dict[str, str]:
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    if isinstance(known, Unauthenticated):
        headers["WWW-Authenticate"] = 'Bearer realm="roadbed"'
    if isinstance(known, TooManyAttempts):
        headers["Retry-After"] = str(known.retry_after)
    return headers


def _field_problem(found: Mapping[str, Any]) -> dict[str, str]:
    return {"detail": _sentence(found), "field": _place(found)}


def _sentence(found: Mapping[str, Any]) -> str:
    """Never with the input itself, which may be a password."""
    return f"{_place(found)}: {found['msg']}"


def _hint(found: Mapping[str, Any]) -> str | None:
    """A field that is not known here may be known to the newer program that sent it."""
    return "`roadbed version` tells whether the command is newer" if found["type"] == "extra_forbidden" else None


def _place(found: Mapping[str, Any]) -> str:
    """`body.username`, `query.limit`."""
    return ".".join(str(part) for part in found["loc"])
