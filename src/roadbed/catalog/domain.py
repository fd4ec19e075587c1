"""Entities as they were declared, and as the catalog shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

from roadbed.catalog.references import DEFAULT_NAMESPACE, EntityRef
from roadbed.kit.errors import InvalidInput

ORPHAN = "backstage.io/orphan"

Origin: TypeAlias = Literal["file", "graph"]
"""What claims an entity: a file that somebody wrote, or a resource of an application's graph."""


@dataclass(frozen=True, slots=True)
class Entity:
    """A checked descriptor. `line`, from 1, is where it begins in its file."""

    api_version: str
    kind: str
    metadata: Mapping[str, Any]
    spec: Mapping[str, Any]
    line: int | None = None

    @property
    def name(self) -> str:
        return str(self.metadata["name"])

    @property
    def namespace(self) -> str:
        return str(self.metadata.get("namespace") or DEFAULT_NAMESPACE)

    @property
    def ref(self) -> EntityRef:
        return EntityRef.of(self.kind, self.namespace, self.name)

    @property
    def owner(self) -> str | None:
        """The reference of the group or user that owns it; a group owns itself."""
        if self.kind == "Group":
            return str(self.ref)
        return owner_of(self.spec.get("owner"), self.namespace)

    def to_dict(self) -> dict[str, Any]:
        """The descriptor, with its namespace written out."""
        metadata = {"namespace": self.namespace, **self.metadata}
        return {"apiVersion": self.api_version, "kind": self.kind, "metadata": metadata, "spec": dict(self.spec)}


def owner_of(value: object, namespace: str = DEFAULT_NAMESPACE) -> str | None:
    """`payments` → `group:default/payments`; None for what is no reference."""
    if not isinstance(value, str) or not value:
        return None
    try:
        return str(EntityRef.parse(value, default_kind="group", default_namespace=namespace))
    except InvalidInput:
        return None


@dataclass(frozen=True, slots=True)
class RelationView:
    """`missing` says that nothing stands in the catalog under `target`: the relation dangles."""

    type: str
    target: str
    missing: bool = False

    def to_dict(self) -> dict[str, Any]:
        return {"type": self.type, "targetRef": self.target} | ({"missing": True} if self.missing else {})


@dataclass(frozen=True, slots=True)
class EntityView:
    """An entity as the catalog shows it. `deployments` are the URNs of the graph's resources that claim it."""

    ref: EntityRef
    document: Mapping[str, Any]
    source: str
    orphan: bool
    updated_at: datetime
    relations: tuple[RelationView, ...] = ()
    deployments: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Backstage's shape: what was declared, with `relations` and `status` added."""
        metadata = dict(self.document["metadata"])
        if self.orphan:
            metadata["annotations"] = {**metadata.get("annotations", {}), ORPHAN: "true"}
        return {
            **self.document,
            "metadata": metadata,
            "relations": [relation.to_dict() for relation in self.relations],
            "status": {"source": self.source, "deployments": [_deployment(urn) for urn in self.deployments]},
        }


def graph_source(urn: str, token: str) -> str:
    """What the claim of a resource of the graph is called: another creation by the same URN, later, is another."""
    return f"{urn}!{token}" if token else urn


def urn_of(source: str) -> str:
    """The URN that `graph_source` was given."""
    return source.partition("!")[0]


def _deployment(urn: str) -> dict[str, str]:
    stack = urn.partition("/")[0].partition("#")[0]
    return {"stack": stack, "environment": stack.partition("@")[2], "urn": urn}
