"""Gates that open when something answers over HTTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Unpack

from roadbed.sdk.options import Options
from roadbed.sdk.references import Deferred, Reference
from roadbed.sdk.resources import Resource


class Health(Resource):
    """A gate that opens when a URL answers as expected.

    - `url`: the http or https URL.
    - `method`: GET, HEAD, OPTIONS or POST; GET.
    - `headers`: headers to send; they may be secret. Another host gets none of them by a redirect.
    - `body`: what to send.
    - `expect_status`: the statuses that are healthy; 200 to 299.
    - `expect_body`: text that must be in the first MB of the answer.
    - `timeout_s`: the longest one request may take, in seconds; 5.
    - `interval_s`: the pause between requests, in seconds; 2.
    - `attempts`: how many requests at most; 30.
    - `max_redirects`: how many redirects are followed; 5.
    - `triggers`: anything; a change of it asks again.
    """

    TYPE = "http:Health"

    if TYPE_CHECKING:
        status: Reference
        """The status that was answered."""

    def __init__(
        self,
        name: str,
        /,
        *,
        url: str | Deferred,
        method: str | Deferred | None = None,
        headers: Mapping[str, str | Deferred] | None = None,
        body: str | Deferred | None = None,
        expect_status: Sequence[int | Deferred] | None = None,
        expect_body: str | Deferred | None = None,
        timeout_s: float | Deferred | None = None,
        interval_s: float | Deferred | None = None,
        attempts: int | Deferred | None = None,
        max_redirects: int | Deferred | None = None,
        triggers: Any = None,
        **options: Unpack[Options],
    ) -> None:
        given = {
            "url": url,
            "method": method,
            "headers": headers,
            "body": body,
            "expect_status": expect_status,
            "expect_body": expect_body,
            "timeout_s": timeout_s,
            "interval_s": interval_s,
            "attempts": attempts,
            "max_redirects": max_redirects,
            "triggers": triggers,
        }
        super().__init__(self.TYPE, name, given, **options)
