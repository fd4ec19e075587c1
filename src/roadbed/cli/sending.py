"""Has the platform take a source, wherever it lies: packed and sent, or fetched by the platform itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from roadbed.cli.source.given import Given
from roadbed.cli.text import plural, size
from roadbed.cli.ticker import Ticker
from roadbed.client.client import Client
from roadbed.kit.errors import RoadbedError

if TYPE_CHECKING:
    from roadbed.detection.places import Where


@dataclass(frozen=True, slots=True)
class Sent:
    """`digest` is what the platform knows the source by, `application` what one that was fetched is called. `where`
    leads from places in files that were added to those of the directory.
    """

    digest: str
    application: str = ""
    where: Where | None = None

    @contextmanager
    def placed(self) -> Iterator[None]:
        """Errors that are raised inside speak of files that are there."""
        try:
            yield
        except RoadbedError as error:
            if self.where is not None:
                from roadbed.detection.places import relocate

                relocate(error, self.where)
            raise


def send(client: Client, given: Given, *, progress: bool, added: Mapping[str, bytes] | None = None) -> Sent:
    """`added` are files that go with those of a directory. Raises InvalidInput for what can't be shipped."""
    ticker = Ticker(enabled=progress)
    try:
        return _fetched(client, given.url, given.ref, ticker) if given.url else _packed(client, given, added, ticker)
    finally:
        ticker.stop()


def _fetched(client: Client, url: str, ref: str | None, ticker: Ticker) -> Sent:
    ticker.begin("Fetching the source")
    answer = client.builds.fetch(url, ref)
    origin = answer.get("origin")
    ticker.done(detail=(origin["revision"] or "")[:7] if origin else "")
    return Sent(answer["digest"], answer.get("application") or given_name(url) or "")


def given_name(url: str) -> str | None:
    """`orders` for `https://example.org/shop/orders.git#main`."""
    from roadbed.detection.foreign import as_name

    path = url.partition("#")[0].rstrip("/").removesuffix(".git")
    return as_name(re.split(r"[/:]", path)[-1])


def _packed(client: Client, given: Given, added: Mapping[str, bytes] | None, ticker: Ticker) -> Sent:
    from roadbed.cli.source.archive import packed

    ticker.begin("Packing the source")
    with packed(given.directory, added=added) as archive:
        facts = (plural(archive.files, "file"), size(archive.size), given.said)
        ticker.done(detail=", ".join(fact for fact in facts if fact))
        ticker.begin("Sending it")
        answer = client.builds.send(
            archive.file, kind=given.kind, revision=given.revision, ref=given.ref, dirty=given.dirty
        )
        ticker.done()
    return Sent(answer["digest"])
