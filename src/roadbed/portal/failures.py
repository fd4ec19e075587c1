"""What a page answers when something is wrong: in the portal's design, never a traceback."""

from __future__ import annotations

import logging

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse, Response
from starlette.exceptions import HTTPException
from starlette.types import Scope

from roadbed.kit.errors import InvalidInput, NotFound, Refused, RoadbedError
from roadbed.portal.layout import Head, Shell
from roadbed.portal.rendering import SECURITY_HEADERS, Templates
from roadbed.portal.visit import html, services_of, shell_of
from roadbed.storage.away import database_is_away, unreachable

log = logging.getLogger(__name__)

NOT_BUILT = """\
The portal's assets have not been built.

Build them with:    make assets    (it needs Node 20)

The API and the command line work without them.
"""

_TITLES = {
    401: "Log in first",
    403: "You may see this, but not do it",
    404: "No road leads here",
    409: "The world moved on meanwhile",
    413: "That is too much at once",
    422: "That can't be right",
    503: "Something needed is out of reach",
}


_BROKEN = "Something broke on our side"


def not_built() -> Response:
    return PlainTextResponse(NOT_BUILT, 503, headers=SECURITY_HEADERS)


def page(templates: Templates, scope: Scope, error: RoadbedError) -> Response:
    """For an error before it is known who asks: the same sign, without the menu."""
    title = _TITLES.get(error.status, _BROKEN)
    shell = shell_of(Request(scope), Head(title), None)
    return _page(templates, shell, title, error)


async def answer(request: Request, error: Exception) -> Response:
    """The page for an error. A refusal is left where the API's guards look for what to audit."""
    known = _known(error)
    if isinstance(known, Refused):
        request.state.refused = known
    _, templates = services_of(request)
    title = _TITLES.get(known.status, _BROKEN)
    return _page(templates, shell_of(request, Head(title), request.state.session), title, known)


def _page(templates: Templates, shell: Shell, title: str, error: RoadbedError) -> Response:
    context = {"status": error.status, "title": title, "problem": error.problem, "problems": error.problems}
    return html(templates.page("pages/error.html", shell=shell, page=context), error.status)


def _known(error: Exception) -> RoadbedError:
    """What we didn't foresee is logged whole and shown as nothing but that it happened."""
    match error:
        case RoadbedError():
            return error
        case HTTPException(status_code=404):
            return NotFound("there is no such page")
        case RequestValidationError():
            return InvalidInput("this address has a part that can't be read", hint="go back and follow the link again")
        case _ if database_is_away(error):
            return unreachable()
        case _:
            log.error("a page failed", exc_info=error)
            return RoadbedError(
                "the portal met an error that it did not expect",
                hint="the server's log has the details; `roadbed doctor` may tell what is missing",
            )
