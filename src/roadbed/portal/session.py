"""Logging in and out, and the theme.

The one-time link asks for a click, so that whatever previews links can't use it up.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from roadbed.identity.sessions import SESSION_COOKIE
from roadbed.kit.errors import Refused, RoadbedError
from roadbed.portal.layout import THEME_COOKIE, THEMES, Head
from roadbed.portal.rendering import SECURITY_HEADERS
from roadbed.portal.visit import (
    CurrentVisit,
    find_session,
    html,
    local_path,
    read_form,
    services_of,
    shell_of,
)

LOGIN_COOKIE = "roadbed_login"
"""Ties the login form to the browser that loaded it, before there is a session: nobody logs another in unawares."""

_YEAR = 365 * 24 * 3600

Text = Annotated[str, Query(max_length=2000)]


def add_routes(routes: APIRouter) -> None:
    routes.add_api_route("/login", login_page, methods=["GET"])
    routes.add_api_route("/login", log_in, methods=["POST"])
    routes.add_api_route("/login/once", once_page, methods=["GET"])
    routes.add_api_route("/login/once", redeem, methods=["POST"])
    routes.add_api_route("/logout", log_out, methods=["POST"])
    routes.add_api_route("/theme", choose_theme, methods=["POST"])


async def login_page(request: Request, next: Text = "/") -> Response:
    if await find_session(request) is not None:
        return RedirectResponse(local_path(next), status_code=303, headers=SECURITY_HEADERS)
    return _door(request, {"next": local_path(next), "code": None, "username": "", "problem": None})


async def once_page(request: Request, code: Text = "") -> Response:
    return _door(request, {"next": "/", "code": code, "username": "", "problem": None})


async def log_in(request: Request) -> Response:
    form = await _checked_form(request)
    services, _ = services_of(request)
    username, target = form.get("username", ""), local_path(form.get("next"))
    try:
        async with services.database.call(None) as call:
            secret = await services.sessions.log_in(call, username, form.get("password", ""), address=_address(request))
    except RoadbedError as error:
        page = {"next": target, "code": None, "username": username, "problem": error.problem}
        return _door(request, page, status=error.status)
    return _entered(request, secret, target)


async def redeem(request: Request) -> Response:
    form = await _checked_form(request)
    services, _ = services_of(request)
    try:
        async with services.database.call(None) as call:
            secret = await services.sessions.redeem(call, form.get("code", ""), address=_address(request))
    except RoadbedError as error:
        return _door(
            request, {"next": "/", "code": None, "username": "", "problem": error.problem}, status=error.status
        )
    return _entered(request, secret, "/")


async def log_out(visit: CurrentVisit) -> Response:
    await visit.services.sessions.log_out(visit.call, visit.request.cookies[SESSION_COOKIE])
    answer = visit.go("/login")
    answer.delete_cookie(SESSION_COOKIE, httponly=True, samesite="lax")
    return answer


async def choose_theme(request: Request, theme: Annotated[str, Form()], next: Annotated[str, Form()] = "/") -> Response:
    """For browsers without scripts; the others do it by themselves. Changes nothing but the asker's own page."""
    answer = RedirectResponse(local_path(next), status_code=303, headers=SECURITY_HEADERS)
    answer.set_cookie(THEME_COOKIE, THEMES.get(theme, "system"), max_age=_YEAR, samesite="lax")
    return answer


def _door(request: Request, page: Mapping[str, object], status: int = 200) -> Response:
    _, templates = services_of(request)
    token = request.cookies.get(LOGIN_COOKIE) or secrets.token_urlsafe(24)
    shell = shell_of(request, Head("Log in"), None)
    answer = html(templates.page("pages/login.html", shell=shell, page={**page, "token": token}), status)
    answer.set_cookie(LOGIN_COOKIE, token, httponly=True, samesite="strict", secure=_is_secure(request))
    return answer


async def _checked_form(request: Request) -> dict[str, str]:
    form = await read_form(request)
    expected = request.cookies.get(LOGIN_COOKIE, "")
    if not expected or not hmac.compare_digest(form.get("token", "").encode(), expected.encode()):
        raise Refused("this form did not come from a page of this portal", hint="load the page again and repeat it")
    return dict(form)


def _entered(request: Request, secret: str, path: str) -> Response:
    """`lax`, so that a link to the portal from a chat or an issue finds one logged in; forms carry the CSRF token."""
    answer = RedirectResponse(path, status_code=303, headers=SECURITY_HEADERS)
    answer.set_cookie(SESSION_COOKIE, secret, httponly=True, samesite="lax", secure=_is_secure(request))
    answer.delete_cookie(LOGIN_COOKIE, httponly=True, samesite="strict")
    return answer


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _is_secure(request: Request) -> bool:
    return request.url.scheme == "https"
