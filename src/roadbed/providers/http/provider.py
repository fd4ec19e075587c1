"""`http:Health`: waits until a URL answers as expected. What depends on it starts after that."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Mapping
from typing import Any, ClassVar

import httpx

from roadbed.kit.errors import InvalidInput, OperationFailed
from roadbed.providers.driver import Actual, Desired, Property, Report, ResourceType
from roadbed.providers.http.client import Answer, Question, ask
from roadbed.providers.kept import Kept, identity

HEALTH = "http:Health"

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[!-~]([ \t!-~]*[!-~])?|")
"""RFC 9110, 5.1 and 5.5."""

_SECONDS: Mapping[str, Any] = {"type": "number", "exclusiveMinimum": 0, "maximum": 300}


class HttpProvider(Kept):
    """A gate that was passed stays passed: it is asked again when one of its properties changes."""

    name: ClassVar[str] = "http"
    parallel: ClassVar[int] = 50
    types: ClassVar[Mapping[str, ResourceType]] = {
        HEALTH: ResourceType(
            HEALTH,
            "A gate that opens when a URL answers as expected.",
            {
                "url": Property(
                    {
                        "type": "string",
                        "pattern": "^https?://",
                        "title": "a URL of the web",
                        "description": "it begins with http:// or https://",
                    },
                    required=True,
                    description="The http or https URL.",
                ),
                "method": Property(
                    {"enum": ["GET", "HEAD", "OPTIONS", "POST"], "default": "GET"},
                    description="GET, HEAD, OPTIONS or POST; GET.",
                ),
                "headers": Property(
                    {"type": "object", "additionalProperties": {"type": "string"}},
                    description="Headers to send; they may be secret. Another host gets none of them by a redirect.",
                ),
                "body": Property({"type": "string"}, description="What to send."),
                "expect_status": Property(
                    {"type": "array", "minItems": 1, "items": {"type": "integer", "minimum": 100, "maximum": 599}},
                    description="The statuses that are healthy; 200 to 299.",
                ),
                "expect_body": Property(
                    {"type": "string"}, description="Text that must be in the first MB of the answer."
                ),
                "timeout_s": Property(
                    {**_SECONDS, "default": 5}, description="The longest one request may take, in seconds; 5."
                ),
                "interval_s": Property(
                    {**_SECONDS, "default": 2}, description="The pause between requests, in seconds; 2."
                ),
                "attempts": Property(
                    {"type": "integer", "minimum": 1, "maximum": 1000, "default": 30},
                    description="How many requests at most; 30.",
                ),
                "max_redirects": Property(
                    {"type": "integer", "minimum": 0, "maximum": 10, "default": 5},
                    description="How many redirects are followed; 5.",
                ),
                "triggers": Property({}, description="Anything; a change of it asks again."),
            },
            outputs={"status": "The status that was answered."},
            follows={"status": ("url", "method", "headers", "body", "expect_status", "expect_body", "triggers")},
            replacement="create_first",
        )
    }

    async def create(self, desired: Desired, report: Report) -> Actual:
        status = await _wait(dict(desired.properties), report)
        return Actual(identity(desired), {"status": status})

    async def update(self, desired: Desired, id: str, report: Report) -> Actual:
        return Actual(id, {"status": await _wait(dict(desired.properties), report)})


async def _wait(given: dict[str, Any], report: Report) -> int:
    question, attempts = _question(given), given.get("attempts") or 30
    said = ""
    for attempt in range(1, attempts + 1):
        answer, complaint = await _try(question, given)
        if answer is not None and complaint is None:
            return answer.status
        if complaint != said:
            said = complaint or ""
            await report(f"not healthy yet: {said}")
        if attempt < attempts:
            await asyncio.sleep(given.get("interval_s") or 2)
    raise OperationFailed(
        f"it did not become healthy in {attempts} attempts: {said}",
        hint="look at what should answer there, or allow more attempts",
    )


async def _try(question: Question, given: Mapping[str, Any]) -> tuple[Answer | None, str | None]:
    """The answer, and what is wrong with it. An exception's own text is not used: it can hold the URL's password."""
    try:
        answer = await ask(question)
    except TimeoutError:
        return None, f"no answer within {question.timeout:g} s"
    except httpx.ConnectError as error:
        return None, _unreached(error)
    except httpx.HTTPError as error:
        return None, f"the request failed ({_words(type(error).__name__)})"
    healthy = given.get("expect_status") or range(200, 300)
    if answer.status not in healthy:
        return answer, f"it answered {answer.status}"
    expected = given.get("expect_body")
    if expected and expected.encode() not in answer.body:
        return answer, "its answer does not hold the expected text"
    return answer, None


def _question(given: Mapping[str, Any]) -> Question:
    body = given.get("body")
    _check_url(given["url"])
    for name, value in (given.get("headers") or {}).items():
        if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
            raise InvalidInput(
                f"the header {name!r} can't be sent so", hint="one line of ASCII, and no space around it"
            )
    return Question(
        given["url"],
        given.get("method") or "GET",
        given.get("headers") or {},
        body.encode() if body is not None else None,
        float(given.get("timeout_s") or 5),
        given["max_redirects"] if given.get("max_redirects") is not None else 5,
    )


def _check_url(url: str) -> None:
    """Raises InvalidInput, which shows nothing of it: it can hold a password."""
    try:
        parts = httpx.URL(url)
        sound = bool(parts.host) and (parts.port is None or 0 < parts.port < 65_536)
    except (httpx.InvalidURL, TypeError):
        sound = False
    if not sound:
        raise InvalidInput("'url' is no URL", hint="write it like http://orders.dev.localhost:8000/health")


def _unreached(error: BaseException) -> str:
    """Whether it was not there, or not who it says."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted ({cause.verify_message})"
        if isinstance(cause, ssl.SSLError):
            return "it doesn't speak TLS as expected; is it http:// rather than https://?"
        cause = cause.__cause__ or cause.__context__
    return "it can't be reached"


def _words(name: str) -> str:
    """`ReadTimeout` as `read timeout`."""
    return re.sub(r"(?<!^)(?=[A-Z])", " ", name).lower()
