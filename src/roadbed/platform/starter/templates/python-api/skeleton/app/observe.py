"""What is known of each request: an id, a line in the log, and the counters behind /metrics."""

import logging
import re
import time
import uuid

from prometheus_client import Counter, Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.logs import request_id

REQUESTS = Counter("http_requests_total", "Requests answered.", ["method", "route", "status"])
SECONDS = Histogram("http_request_duration_seconds", "Time to the end of the answer.", ["method", "route"])

_HEADER = "x-request-id"
_ACCEPTABLE = re.compile(r"[A-Za-z0-9._-]{1,64}")  # an id from outside ends up in the log
_PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
log = logging.getLogger("app.request")


class Observe:
    """ASGI middleware. The route's template (`/items/{id}`) is the label, so that labels stay few."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        identifier = _identifier(Headers(scope=scope).get(_HEADER))
        token = request_id.set(identifier)
        status, started = 500, time.perf_counter()

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[_HEADER] = identifier
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        finally:
            _record(scope, status, time.perf_counter() - started)
            request_id.reset(token)


def _identifier(given: str | None) -> str:
    return given if given and _ACCEPTABLE.fullmatch(given) else uuid.uuid4().hex


def _record(scope: Scope, status: int, seconds: float) -> None:
    method, path = scope["method"], scope["path"]
    route = getattr(scope.get("route"), "path", "unmatched")
    REQUESTS.labels(method, route, str(status)).inc()
    SECONDS.labels(method, route).observe(seconds)
    level = logging.DEBUG if path in _PROBES else logging.INFO
    fields = {"method": method, "path": path, "status": status, "duration_ms": round(seconds * 1000, 1)}
    log.log(level, "%s %s %s", method, path, status, extra=fields)
