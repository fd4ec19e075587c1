"""How the types of clouds are called, and where their properties stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from roadbed.policies.values import maps, spelled, unknown
from roadbed.sdk.policies import PlannedResource


def aws(*names: str) -> tuple[str, ...]:
    """Patterns of CloudFormation's types: `aws("S3::Bucket")`."""
    return tuple(f"*AWS::{name}" for name in names)


def azure(*names: str) -> tuple[str, ...]:
    """Patterns of Azure's types, with the version of their API or without: `azure("Storage/storageAccounts")`."""
    return tuple(f"*[Mm]icrosoft.{name}{version}" for name in names for version in ("", "@*"))


def is_aws(resource: PlannedResource, *names: str) -> bool:
    return any(resource.type.endswith(f"AWS::{name}") for name in names)


def is_azure(resource: PlannedResource, *names: str) -> bool:
    called = resource.type.partition("@")[0].lower()
    return any(called.endswith(f"microsoft.{name.lower()}") for name in names)


def inner(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    """Azure's properties: those below `properties`, as its templates have them, or where that is left out, all."""
    found = properties.get("properties")
    return spelled(found if isinstance(found, Mapping) and not unknown(found) else properties)


def declared(resource: PlannedResource) -> Mapping[str, Any]:
    """Its properties, whose names may be spelled as they like."""
    return spelled(resource.properties)


def tags(resource: PlannedResource) -> Iterator[tuple[str, Any]]:
    """Names and values: AWS has a list of `{Key, Value}` or a map, Azure and Google a map, Kubernetes labels."""
    properties = declared(resource)
    metadata = properties.get("metadata")
    places = [properties.get(name) for name in ("Tags", "tags", "labels")]
    if isinstance(metadata, Mapping):
        places += [metadata.get("labels"), metadata.get("annotations")]
    for place in places:
        for one in maps(place):
            if "Key" in one and "Value" in one:
                yield str(one["Key"]), one["Value"]
            else:
                yield from ((str(name), value) for name, value in one.items())


def tags_unknown(resource: PlannedResource) -> bool:
    return any(unknown(declared(resource).get(name)) for name in ("Tags", "tags", "labels", "metadata"))


def belongs_elsewhere(resource: PlannedResource) -> bool:
    """A member of a cluster is backed up and doubled by it, and a replica is the double of another."""
    return any(declared(resource).get(name) for name in ("DBClusterIdentifier", "SourceDBInstanceIdentifier"))
