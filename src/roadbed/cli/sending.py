"""Has the platform take a source, wherever it lies: packed and sent, or fetched by the platform itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from roadbed.cli.source.given import Given
from roadbed.cli.text import plural, size
from roadbed.cli.ticker import Ticker
from roadbed.client.client import Client

if TYPE_CHECKING:
    from roadbed.client.models import Understood


@dataclass(frozen=True, slots=True)
class Sent:
    """`digest` is what the platform knows the source by. `application` is what one that it fetched is called, and
    `understood` what it understood of it, where no Score file says what runs.
    """

    digest: str
    application: str = ""
    understood: Understood | None = None


def send(client: Client, given: Given, *, progress: bool) -> Sent:
    """Raises InvalidInput for what can't be shipped."""
    ticker = Ticker(enabled=progress)
    try:
        return _fetched(client, given.url, given.ref, ticker) if given.url else _packed(client, given, ticker)
    finally:
        ticker.stop()


def _fetched(client: Client, url: str, ref: str | None, ticker: Ticker) -> Sent:
    ticker.begin("Fetching the source")
    answer = client.builds.fetch(url, ref)
    origin = answer.get("origin")
    ticker.done(detail=(origin["revision"] or "")[:7] if origin else "")
    return Sent(answer["digest"], answer.get("application") or given_name(url) or "", answer.get("understood"))


def given_name(url: str) -> str | None:
    """`orders` for `https://example.org/shop/orders.git#main`."""
    from roadbed.kit.names import as_name

    path = url.partition("#")[0].rstrip("/").removesuffix(".git")
    return as_name(re.split(r"[/:]", path)[-1])


def _packed(client: Client, given: Given, ticker: Ticker) -> Sent:
    from roadbed.cli.source.archive import packed

    ticker.begin("Packing the source")
    with packed(given.directory) as archive:
        facts = (plural(archive.files, "file"), size(archive.size), given.said)
        ticker.done(detail=", ".join(fact for fact in facts if fact))
        ticker.begin("Sending it")
        answer = client.builds.send(
            archive.file, kind=given.kind, revision=given.revision, ref=given.ref, dirty=given.dirty
        )
        ticker.done()
    return Sent(answer["digest"])
