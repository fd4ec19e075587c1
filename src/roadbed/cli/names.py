"""Names for shell completion, asked of the platform. A shell must not hang: one second, and no name is no error."""

from __future__ import annotations

from roadbed.client.client import Client
from roadbed.kit.errors import RoadbedError

_PATIENCE = 1.0


def applications(incomplete: str) -> list[str]:
    try:
        found = Client.found(timeout=_PATIENCE).applications.list()["items"]
    except RoadbedError:
        return []
    return sorted({item["application"] for item in found if item["application"].startswith(incomplete)})


def environments(incomplete: str) -> list[str]:
    try:
        found = Client.found(timeout=_PATIENCE).platform.environments()["items"]
    except RoadbedError:
        return []
    return [item["name"] for item in found if item["name"].startswith(incomplete)]


def templates(incomplete: str) -> list[str]:
    try:
        found = Client.found(timeout=_PATIENCE).platform.templates()["items"]
    except RoadbedError:
        return []
    return [item["name"] for item in found if item["name"].startswith(incomplete)]
