"""What guards a server on this machine from web pages of others: which hosts it answers to, who may send forms to it,
and what its own pages may do."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from roadbed.api.refusals import SAFE_METHODS
from roadbed.kit.errors import Refused, RoadbedError

LOCAL_HOSTS = ("localhost", "*.localhost", "127.0.0.1", "[::1]")

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    # Not `no-referrer`: with that, browsers send `Origin: null` with our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""What an answer has unless its route says otherwise. Pages bring the policy that they need, without inline scripts."""


def wants_page(scope: Scope) -> bool:
    """Whether it is a browser that will show the answer; a script of a page of ours reads it instead."""
    headers = Headers(scope=scope)
    return "text/html" in headers.get("accept", "") and "hx-request" not in headers


class UnknownHost(RoadbedError):
    """The request names a host that this server isn't."""

    code = "unknown_host"
    status = 421
    exit_code = 2


class SecurityHeaders:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, with_headers)


class KnownHosts:
    """Refuses what comes under another host's name.

    A page of `evil.example` whose name is made to resolve to 127.0.0.1 (DNS rebinding) would be of the same origin as
    the server, so the browser would let it read every answer; the name is what gives it away.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str]) -> None:
        names = {*LOCAL_HOSTS, *(host.lower() for host in hosts)}
        self.app = app
        self._names = frozenset(name for name in names if not name.startswith("*."))
        self._suffixes = tuple(name[1:] for name in names if name.startswith("*."))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            given = Headers(scope=scope).getlist("host")
            if len(given) != 1 or not self._knows(_without_port(given[0].lower())):
                raise UnknownHost(
                    "this server does not answer to that host name",
                    hint="use localhost, or add the name to ROADBED_API__HOSTS",
                )
        await self.app(scope, receive, send)

    def _knows(self, name: str) -> bool:
        return name in self._names or (name.endswith(self._suffixes) and not name.startswith("."))


class SameOrigin:
    """Refuses a change that a page of another origin asks for. Browsers name the origin with each; programs don't."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in SAFE_METHODS:
            headers = Headers(scope=scope)
            origin = headers.get("origin")
            if origin is not None and urlsplit(origin).netloc.lower() != headers.get("host", "").lower():
                raise Refused("this request comes from a page of another site")
        await self.app(scope, receive, send)


def _without_port(host: str) -> str:
    """`localhost:8080` → `localhost`, `[::1]:8080` → `[::1]`."""
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdecimal() else host
