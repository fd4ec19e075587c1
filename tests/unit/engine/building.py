"""Short ways to write graphs and states in tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from roadbed.engine.domain import Graph, Recorded
from roadbed.engine.expressions.values import UNKNOWN, Secret
from roadbed.engine.planning.graph import read
from roadbed.providers.driver import Property, ResourceType

STACK = "shop@dev"
ANY: dict[str, Any] = {}


def urn(name: str, type: str = "test:Thing") -> str:
    return f"{STACK}/{name}#{type}"


def resource(
    name: str, properties: Mapping[str, Any] | None = None, *, type: str = "test:Thing", after: tuple[str, ...] = ()
) -> dict[str, Any]:
    return {
        "urn": urn(name, type),
        "type": type,
        "name": name,
        "properties": dict(properties or {}),
        "depends_on": [urn(other) if "#" not in other else other for other in after],
        "source": {"file": "thing.py", "line": 7},
    }


def document(*resources: Mapping[str, Any]) -> dict[str, Any]:
    return {"version": 1, "stack": STACK, "resources": list(resources)}


def graph(*resources: Mapping[str, Any]) -> Graph:
    return read(document(*resources))


def ref(name: str, output: str = "id") -> dict[str, Any]:
    return {"$ref": [urn(name), output]}


def recorded(name: str, properties: Mapping[str, Any] | None = None, *, after: tuple[str, ...] = ()) -> Recorded:
    return Recorded(
        urn=urn(name),
        type="test:Thing",
        name=name,
        id=f"id-{name}",
        properties=dict(properties or {}),
        depends_on=frozenset(urn(other) for other in after),
        outputs={"id": f"id-{name}"},
    )


def state(*resources: Recorded) -> dict[str, Recorded]:
    return {item.urn: item for item in resources}


TYPES = {
    "test:Thing": ResourceType(
        name="test:Thing",
        description="A thing.",
        properties={
            "value": Property(ANY, description="Anything."),
            "size": Property({"type": "integer"}, description="How large."),
            "place": Property({"type": "string"}, replace=True, description="Where: a change makes a new one."),
        },
        outputs={"id": "Its identity."},
        secret_outputs={"key": "Its key."},
    ),
    "test:Rollout": ResourceType(
        name="test:Rollout", description="Runs.", properties={"value": Property(ANY)}, phase="rollout"
    ),
}


class Known:
    """Outputs of a state; one secret named `token`."""

    def __init__(self, resources: Mapping[str, Recorded] | None = None) -> None:
        self._resources = resources or {}

    def output(self, urn: str, output: str) -> Any:
        found = self._resources.get(urn)
        if found is None:
            return UNKNOWN
        return Secret("s3cr3t") if output == "key" else found.outputs[output]

    def imported(self, stack: str, name: str) -> Any:
        return f"{name} of {stack}"

    def secret(self, name: str) -> Secret:
        return Secret(f"value of {name}")


def fingerprint(value: str) -> str:
    return f"fp:{len(value)}:{value[:0]}{hash(value) & 0xFFFF:x}"
