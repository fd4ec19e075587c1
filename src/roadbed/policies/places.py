"""Where environment variables stand, of whatever runs programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from roadbed.policies.clouds import inner
from roadbed.policies.pods import containers, kind
from roadbed.policies.values import at, maps
from roadbed.sdk.policies import PlannedResource

HOLDERS = frozenset({"variables", "environment", "env", "appsettings"})
"""The properties that hold variables, in lower case."""


def variables(resource: PlannedResource) -> Iterator[tuple[str, Any]]:
    """Name and value of each."""
    for place in _places(resource):
        for one in maps(place):
            told = {str(key).lower(): value for key, value in one.items()}
            if "name" in told and "value" in told:
                yield str(told["name"]), told["value"]
            elif isinstance(place, Mapping):
                yield from ((str(key), value) for key, value in one.items())


def _places(resource: PlannedResource) -> Iterator[Any]:
    properties = resource.properties
    yield from (properties.get(name) for name in ("variables", "environment", "env"))
    if isinstance(others := properties.get("containers"), Mapping):
        yield from (at(one, "variables") for one in others.values())
    yield at(properties, "Environment.Variables")  # Lambda
    for one in (*maps(properties.get("ContainerDefinitions")), *maps(properties.get("ContainerProperties"))):
        yield one.get("Environment")
    for container in containers(resource):
        yield container.properties.get("env")
    if kind(resource) == "configmap":
        yield properties.get("data")
    yield from _azure(inner(properties))


def _azure(properties: Mapping[str, Any]) -> Iterator[Any]:
    yield at(properties, "siteConfig.appSettings")
    for one in (*maps(at(properties, "template.containers")), *maps(properties.get("containers"))):
        yield one.get("env")
        yield at(inner(one), "environmentVariables")
