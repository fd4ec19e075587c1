"""Where an application can be reached, read off its resources."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from roadbed.engine.domain import Recorded


def public_url(resources: Mapping[str, Recorded]) -> str | None:
    """Of its routes, that with the shortest path. None when nothing routes to the application."""
    routes = [item for _, item in sorted(resources.items()) if item.type == "gateway:Route" and not item.broken]
    urls = [str(item.outputs["url"]) for item in routes]
    return min(urls, key=lambda url: len(urlsplit(url).path), default=None)
