"""Routes of one application must not be for the same requests."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from roadbed.sdk.errors import ProgramError

_ROUTE = "gateway:Route"


def check_routes(resources: Iterable[Mapping[str, Any]]) -> None:
    """Raises ProgramError, with the later one's place, for two of the same host and path.

    Longer paths win over shorter ones, so `/` and `/api` go together. Hosts that are known only after an apply are the
    same if they are the same reference.
    """
    seen: dict[tuple[str, str], Mapping[str, Any]] = {}
    for resource in resources:
        if resource["type"] != _ROUTE:
            continue
        key = _requests(resource["properties"])
        if (first := seen.setdefault(key, resource)) is resource:
            continue
        shown = resource["properties"].get("path", "/")
        error = ProgramError(
            f"two routes are for the same host and the path {shown}: {_named(first)} and {_named(resource)}",
            "give one of them another path or host; of two paths the longer one wins",
        )
        error.place = resource["source"]
        raise error


def _requests(properties: Mapping[str, Any]) -> tuple[str, str]:
    host, path = properties.get("host"), properties.get("path", "/")
    host = host.lower() if isinstance(host, str) else json.dumps(host, sort_keys=True)
    return host, path.rstrip("/") if isinstance(path, str) else json.dumps(path, sort_keys=True)


def _named(resource: Mapping[str, Any]) -> str:
    place = resource["source"]
    return f"{resource['name']} ({place['file']}:{place['line']})" if place else str(resource["name"])
