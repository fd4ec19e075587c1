"""Which needs of a source tree its application has resources for already: they hold data, and are not left out."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from roadbed.cli.output import say
from roadbed.client.client import Client
from roadbed.kit.errors import NotFound, RoadbedError, Unavailable

if TYPE_CHECKING:
    from roadbed.client.models import ProposedNeed

_TIMEOUT_S = 5.0


def standing_in(client: Client, application: str, needs: Collection[ProposedNeed], environment: str) -> tuple[str, ...]:
    """The names of those that were accepted before."""
    from roadbed.detection.needs import standing

    if all(need["stated"] for need in needs):
        return ()
    try:
        resources = client.applications.get(application, environment).get("resources") or ()
    except NotFound:
        return ()
    named = [(need["name"], need["type"]) for need in needs]
    return standing(named, [(item["name"], item["type"]) for item in resources])


def standing_anywhere(application: str, needs: Collection[ProposedNeed]) -> tuple[str, ...]:
    """Of all environments. Where no platform is known, nothing stands; one that doesn't answer is said."""
    if all(need["stated"] for need in needs):
        return ()
    try:
        client = Client.found(timeout=_TIMEOUT_S)
    except Unavailable:
        return ()
    try:
        return _standing_anywhere(client, application, needs)
    except RoadbedError as error:
        say(f"whether {application} is deployed, with what it needs, can't be asked: {error.message}")
        return ()


def _standing_anywhere(client: Client, application: str, needs: Collection[ProposedNeed]) -> tuple[str, ...]:
    deployed = client.applications.list()["items"]
    environments = [one["environment"] for one in deployed if one["application"] == application]
    return tuple(dict.fromkeys(name for one in environments for name in standing_in(client, application, needs, one)))
