"""Whether what a source is called by a guess is the name of an application that came from somewhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from roadbed.cli.origins import origin_line
from roadbed.client.client import Client
from roadbed.kit.errors import NotFound

if TYPE_CHECKING:
    from roadbed.client.models import Release

_LOCAL = ("folder", "revision")
"""A team's own checkout, as it is or at a revision."""


def namesake(client: Client, application: str, environment: str, kind: str, url: str | None) -> str | None:
    """The sentence about it; None where there is none."""
    try:
        releases = client.applications.releases(application, environment)["items"]
    except NotFound:
        return None
    return from_elsewhere(releases[0], application, environment, kind, url) if releases else None


def from_elsewhere(release: Release, application: str, environment: str, kind: str, url: str | None) -> str | None:
    """`kind` and `url` are those of the source that is to be its next release."""
    origin = release.get("origin")
    if origin is None or _place(origin["kind"], origin["url"]) == _place(kind, url):
        return None
    came = origin["kind"] if origin["revision"] is None else f"{origin['kind']}, {origin_line(origin)}"
    return (
        f"{application} is in {environment} already: {release['release']}, of another source ({came}); "
        "this becomes its next release (-a NAME for an application of its own)"
    )


def _place(kind: str, url: str | None) -> str:
    if url is None:
        return "here" if kind in _LOCAL else kind
    return url.partition("#")[0].rpartition("@")[2].rpartition("://")[2].removesuffix("/").removesuffix(".git")
