"""Kubernetes' objects: their kind, and the pods that they make."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from roadbed.policies.clouds import declared
from roadbed.policies.values import at, maps, spelled, unknown
from roadbed.sdk.policies import PlannedResource

KUBERNETES = (
    "[Kk]ubernetes:*",
    "k8s:*",
    "apps/*",
    "batch/*",
    "v1/*",
    "networking.k8s.io/*",
    "autoscaling/*",
)
"""Patterns of its types: `kubernetes:apps/v1/Deployment`, `k8s:Pod`, `v1/Pod`."""
_WHERE = {"pod": "spec", "cronjob": "spec.jobTemplate.spec.template.spec"}
_TEMPLATED = ("deployment", "statefulset", "daemonset", "replicaset", "replicationcontroller", "job")
_LISTS = ("containers", "initContainers", "ephemeralContainers")


@dataclass(frozen=True, slots=True)
class Container:
    """`properties` as Kubernetes has them. `main`: it runs as long as the pod, not before it or to look into it."""

    name: str
    properties: Mapping[str, Any]
    main: bool


def kind(resource: PlannedResource) -> str:
    """In lower case: of the manifest, or as the type ends."""
    said = declared(resource).get("kind")
    ending = resource.type.replace("/", ":").rpartition(":")[2]
    return (said if isinstance(said, str) else ending).lower()


def pod(resource: PlannedResource) -> Mapping[str, Any]:
    """The specification of the pods that it makes, empty if it makes none."""
    called = kind(resource)
    where = _WHERE.get(called) or ("spec.template.spec" if called in _TEMPLATED else "")
    found = at(declared(resource), where) if where else None
    return spelled(found) if isinstance(found, Mapping) and not unknown(found) else {}


def containers(resource: PlannedResource) -> Iterator[Container]:
    spec = pod(resource)
    for place in _LISTS:
        for number, one in enumerate(maps(spec.get(place))):
            name = one.get("name")
            yield Container(name if isinstance(name, str) else f"{place}[{number}]", one, place == "containers")
