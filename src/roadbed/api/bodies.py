"""How much a client may send.

The framework has a limit of its own, which answers in plain text from outside every middleware; this one ends as a
problem document with the headers of any other answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MEGABYTE = 1024 * 1024


class BodyLimit:
    """Refuses by the announced length before anything is read, and counts what comes where none was announced.

    `limits` maps a path, or a shell pattern of paths, to a limit of its own, in bytes.
    """

    def __init__(self, app: ASGIApp, *, default: int, limits: Mapping[str, int]) -> None:
        self.app = app
        self._default = default
        self._limits = dict(limits)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit, size = self._limit(scope["path"]), 0
        announced = Headers(scope=scope).get("content-length", "0")
        if not announced.isascii() or not announced.isdigit() or int(announced) > limit:
            raise _too_large(limit)

        async def counted() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > limit:
                raise _too_large(limit)
            return message

        await self.app(scope, counted, send)

    def _limit(self, path: str) -> int:
        return next((limit for known, limit in self._limits.items() if fnmatchcase(path, known)), self._default)


def _too_large(limit: int) -> HTTPException:
    """An HTTPException, since the framework turns any other error while it reads a body into "can't be parsed"."""
    return HTTPException(413, f"the request is larger than the {limit / MEGABYTE:g} MB that may be sent here")
