"""No text that comes in holds a NUL: no table, no environment variable and no file name can take one."""

from __future__ import annotations

import re
from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from roadbed.kit.errors import InvalidInput

_REFUSAL = "the request holds a NUL character, which no text here can"
_FORM = "application/x-www-form-urlencoded"
_JSON = re.compile(rb"\0|(?<!\\)(?:\\\\)*\\u0000")
"""A NUL as it is, or escaped. After an even number of backslashes `u0000` is five letters."""


class NoNul:
    """Refuses it in path and query, and in the body of JSON and of forms. `binary` are the paths that take files."""

    def __init__(self, app: ASGIApp, *, binary: Collection[str]) -> None:
        self.app = app
        self._binary = frozenset(binary)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            query = scope["query_string"]
            if "\0" in scope["path"] or b"%00" in query or b"\0" in query:
                raise InvalidInput(_REFUSAL)
            if scope["path"] not in self._binary:
                receive = _watched(receive, form=Headers(scope=scope).get("content-type", "").startswith(_FORM))
        await self.app(scope, receive, send)


def _watched(receive: Receive, *, form: bool) -> Receive:
    """The body as it comes, looked at once it is whole: an escape may lie across two of its parts."""
    body = bytearray()

    async def watched() -> Message:
        message = await receive()
        if message["type"] == "http.request":
            body.extend(message.get("body", b""))
            if not message.get("more_body") and (b"%00" in body or b"\0" in body if form else _JSON.search(body)):
                raise HTTPException(422, _REFUSAL)  # the framework turns any other error here into "can't be parsed"
        return message

    return watched
