"""One HTTP request, its answer, and what can go wrong on the way. The only user of `http.client`."""

from __future__ import annotations

import http.client
import json
import os
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import IO, Any
from urllib.parse import quote, urlencode, urlsplit

from roadbed import __version__
from roadbed.client.credentials import Credentials
from roadbed.client.problems import error_of
from roadbed.kit.errors import InvalidInput, OperationFailed, RoadbedError, Unauthenticated, Unavailable

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_MISUNDERSTOOD = "the platform gave an answer that this client can't read"
_CHUNK = 1 << 16

Query = Mapping[str, str | int | bool | None]


def path_of(*segments: str) -> str:
    """`/applications/orders/logs` of its parts; each is quoted, so that none of them can climb."""
    return "".join("/" + quote(segment, safe="") for segment in segments)


class Transport:
    """Speaks to `{url}/api/v1`. A connection a request: on loopback that costs nothing and never meets a stale one."""

    def __init__(self, credentials: Credentials, *, timeout: float = 30.0) -> None:
        parts = urlsplit(credentials.url)
        if parts.scheme not in ("http", "https") or not parts.hostname or not credentials.url.isprintable():
            raise InvalidInput(
                f"{credentials.url!r} is not the address of a platform", hint="write http://HOST:PORT or https://HOST"
            )
        token = credentials.token or ""
        if not token.isascii() or not token.isprintable():  # no header can carry it
            raise Unauthenticated(
                "the token holds characters that no token has", hint="see ROADBED_TOKEN, or run `roadbed login`"
            )
        self.credentials = credentials
        self._parts = parts
        self._timeout = timeout

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        send: Any = None,
        body: IO[bytes] | None = None,
        content_type: str = "application/octet-stream",
    ) -> Any:
        """The answer's JSON, None when it has no body. `send` goes as JSON, `body` as it is."""
        payload: bytes | IO[bytes] | None = body
        headers = {"Content-Type": content_type} if body is not None else {}
        if body is not None:
            headers["Content-Length"] = str(os.fstat(body.fileno()).st_size)
        elif send is not None:
            payload, headers = json.dumps(send).encode(), {"Content-Type": "application/json"}
        with self._answer(method, path, query, payload, headers) as answer:
            return _decode(answer.read())

    def lines(self, path: str, *, query: Query | None = None, accept: str) -> Iterator[bytes]:
        """The answer's lines as they come, for as long as the server sends any."""
        with self._answer("GET", path, query, None, {"Accept": accept}) as answer:
            yield from _lines(iter(lambda: answer.read1(_CHUNK), b""))

    def download(self, path: str, *, query: Query | None, into: IO[bytes]) -> None:
        with self._answer("GET", path, query, None, {"Accept": "*/*"}) as answer:
            while chunk := answer.read(_CHUNK):
                _write(into, chunk)

    @contextmanager
    def _answer(
        self, method: str, path: str, query: Query | None, body: bytes | IO[bytes] | None, headers: Mapping[str, str]
    ) -> Iterator[http.client.HTTPResponse]:
        """The answer, to be read inside. One that tells of a problem is raised as the error it is."""
        connection = self._connection()
        try:
            with suppress(BrokenPipeError):  # it may refuse a long body before it has heard all of it: see what it says
                connection.request(method, self._target(path, query), body, {**self._headers(), **headers})
            with connection.getresponse() as answer:
                if not 200 <= answer.status < 300:
                    raise self._problem(answer, signing_in=path.startswith("/login"))
                yield answer
        except (OSError, http.client.HTTPException) as error:
            raise self._unreachable(error) from error
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        host, port = self._parts.hostname or "", self._parts.port
        if self._parts.scheme == "https":
            return http.client.HTTPSConnection(host, port, timeout=self._timeout, context=ssl.create_default_context())
        return http.client.HTTPConnection(host, port, timeout=self._timeout)

    def _target(self, path: str, query: Query | None) -> str:
        given = {name: _text(value) for name, value in (query or {}).items() if value is not None}
        return f"{self._parts.path}/api/v1{path}" + (f"?{urlencode(given)}" if given else "")

    def _headers(self) -> dict[str, str]:
        headers = {"Accept": "application/json", "User-Agent": f"roadbed/{__version__}", "Connection": "close"}
        if self.credentials.token:
            headers["Authorization"] = f"Bearer {self.credentials.token}"
        return headers

    def _problem(self, answer: http.client.HTTPResponse, *, signing_in: bool) -> RoadbedError:
        document = _decode(answer.read(), strict=False)
        error = error_of(document if isinstance(document, dict) else {}, status=answer.status)
        if not isinstance(error, Unauthenticated) or signing_in:
            return error
        if self.credentials.token is None:
            return Unauthenticated("you are not logged in", hint="run `roadbed login`")
        return Unauthenticated(error.message, hint="run `roadbed login` to get a new token")

    def _unreachable(self, error: Exception) -> Unavailable:
        if self._parts.hostname in _LOOPBACK:
            hint = "start it with `roadbed up`"
        else:
            hint = f"check ROADBED_URL and the network ({error})"
        reason = ": it did not answer in time" if isinstance(error, TimeoutError) else ""
        return Unavailable(f"can't reach the platform at {self.credentials.url}{reason}", hint=hint)


def _lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Whole lines as soon as they are there; `readline` of a chunked answer is ten times slower. The rest ends it."""
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield line + b"\n"
    if rest:
        yield rest


def _write(into: IO[bytes], chunk: bytes) -> None:
    """Keeps a full disk apart from a lost connection: both are an OSError."""
    try:
        into.write(chunk)
    except OSError as error:
        raise OperationFailed(f"can't keep what was downloaded: {error.strerror}") from error


def _text(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _decode(body: bytes, *, strict: bool = True) -> Any:
    if not body:
        return None
    try:
        return json.loads(body)
    except ValueError as error:
        if not strict:
            return None
        raise Unavailable(_MISUNDERSTOOD, hint="is ROADBED_URL a Roadbed platform?") from error
