"""Who asks: a token in the `Authorization` header, or the portal's session in a cookie.

A path that isn't listed as public is answered to nobody but somebody; also one at which there is nothing, so that
strangers can't find out what there is.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection
from urllib.parse import parse_qs, quote

from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from roadbed.api.browser import wants_page
from roadbed.api.refusals import SAFE_METHODS
from roadbed.identity.domain import Session
from roadbed.identity.service import Identity
from roadbed.identity.sessions import SESSION_COOKIE
from roadbed.kit.access import Principal
from roadbed.kit.errors import Refused, TooLarge, Unauthenticated
from roadbed.storage.database import Database

CSRF_HEADER, CSRF_FIELD = "x-csrf-token", "csrf"
MAX_FORM = 256 * 1024
"""Bytes. A form whose token is among its fields is held in memory until that is checked."""


class Authentication:
    """Sets `request.state.principal`, None on public paths, and `request.state.session` for who came by cookie.

    Of `public`, an entry that ends in a slash stands for everything below it. A browser that asks for a page is sent
    to `login_page`; everybody else gets 401.
    """

    def __init__(
        self, app: ASGIApp, *, database: Database, identity: Identity, public: Collection[str], login_page: str | None
    ) -> None:
        self.app = app
        self._database = database
        self._identity = identity
        self._public = frozenset(public)
        self._below = tuple(path for path in public if path.endswith("/"))
        self._login_page = login_page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": "there are no web sockets here"})
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        state["principal"], state["session"] = None, None
        if not self.is_public(scope["path"]):
            try:
                receive = await self._identify(Request(scope, receive))
            except Unauthenticated:
                if self._login_page is None or scope["method"] != "GET" or not wants_page(scope):
                    raise
                await RedirectResponse(_with_return(self._login_page, scope), 303)(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def is_public(self, path: str) -> bool:
        return path in self._public or (bool(self._below) and path.startswith(self._below))

    async def _identify(self, request: Request) -> Receive:
        """Returns what the route reads the body from: this may have read it."""
        if authorization := request.headers.get("authorization"):
            request.state.principal = await self._by_token(authorization)
            return request.receive
        cookie = request.cookies.get(SESSION_COOKIE)
        if not cookie:
            raise Unauthenticated("you are not logged in", hint="log in with `roadbed login`")
        session = await self._by_cookie(cookie)
        request.state.principal, request.state.session = session.principal, session
        if request.method in SAFE_METHODS:
            return request.receive
        return await _check_csrf(request, session.csrf)

    async def _by_token(self, authorization: str) -> Principal:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthenticated("only bearer tokens are taken", hint="send `Authorization: Bearer rbt_…`")
        async with self._database.call(None) as call:
            return await self._identity.tokens.authenticate(call, token.strip())

    async def _by_cookie(self, cookie: str) -> Session:
        async with self._database.call(None) as call:
            session = await self._identity.sessions.session(call, cookie)
        if session is None:
            raise Unauthenticated("your session has ended", hint="log in again")
        return session


async def _check_csrf(request: Request, expected: str) -> Receive:
    """A page of ours proves by the token that it could read the session's page, in a header or in its form."""
    given, receive = request.headers.get(CSRF_HEADER), request.receive
    if given is None and request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        body = await _read_form(request)
        fields = parse_qs(body.decode("latin-1"), max_num_fields=1000)
        given, receive = fields.get(CSRF_FIELD, [""])[0], _replay(body, request.receive)
    if given is None or not hmac.compare_digest(given.encode(), expected.encode()):
        raise Refused("this form did not come from a page of this session", hint="load the page again and repeat it")
    return receive


async def _read_form(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM:
            raise TooLarge(f"a form has at most {MAX_FORM // 1024} KB")
    return bytes(body)


def _replay(body: bytes, receive: Receive) -> Receive:
    """The body again, for the route, and then whatever follows it (that the client went)."""
    sent = False

    async def again() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _with_return(login_page: str, scope: Scope) -> str:
    query = f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else ""
    return f"{login_page}?next={quote(scope['path'] + query, safe='')}"
