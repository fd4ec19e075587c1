"""Sources and builds."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, cast

from roadbed.client.transport import Query, Transport, path_of

if TYPE_CHECKING:
    from roadbed.client.models import Accepted, Build, Listing, SourceAnswer


class Builds:
    """`/sources` and `/builds`. `patient` waits for as long as the platform may take to fetch a repository."""

    def __init__(self, transport: Transport, patient: Transport) -> None:
        self._transport, self._patient = transport, patient

    def send(
        self,
        archive: IO[bytes],
        *,
        kind: str = "folder",
        revision: str | None = None,
        ref: str | None = None,
        dirty: bool = False,
    ) -> SourceAnswer:
        """Sends a source tree: a `tar.gz`, at most 100 MB. `archive` must be a real file, at its beginning.

        The digest that comes back names the content: the same files have the same, however they were packed. The rest
        says where the tree came from.
        """
        query: Query = {"kind": kind, "revision": revision, "ref": ref, "dirty": dirty}
        answer = self._transport.request("PUT", "/sources", query=query, body=archive, content_type="application/gzip")
        return cast("SourceAnswer", answer)

    def fetch(self, url: str, ref: str | None = None) -> SourceAnswer:
        """Has the platform fetch a revision of a git repository: `https://…#rev`, or with the revision in `ref`."""
        body = {"url": url, **({"ref": ref} if ref else {})}
        return cast("SourceAnswer", self._patient.request("POST", "/sources", send=body))

    def build(self, source: str, environment: str, application: str | None = None) -> Accepted:
        body = {"source": source, "environment": environment, "application": application}
        return cast("Accepted", self._transport.request("POST", "/builds", send=body))

    def list(self, limit: int | None = None) -> Listing[Build]:
        """The newest first."""
        return cast("Listing[Build]", self._transport.request("GET", "/builds", query={"limit": limit}))

    def get(self, digest: str) -> Build:
        """By its digest, or the first six of its digits or more."""
        return cast("Build", self._transport.request("GET", path_of("builds", digest)))

    def log(self, digest: str, into: IO[bytes]) -> None:
        self._transport.download(path_of("builds", digest, "log"), query=None, into=into)

    def prune(
        self, *, keep: int | None = None, older_than_days: float | None = None, dry_run: bool = False
    ) -> Accepted:
        """What isn't said, the settings of the platform say."""
        body = {"keep": keep, "older_than_days": older_than_days, "dry_run": dry_run}
        return cast("Accepted", self._transport.request("POST", "/builds/prune", send=body))
