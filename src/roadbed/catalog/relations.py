"""Relations: which fields make them, and how each is called from its other end (Backstage's well-known relations)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from roadbed.catalog.domain import Entity
from roadbed.catalog.references import EntityRef


@dataclass(frozen=True, slots=True)
class RelationField:
    """A field of `spec` that refers to other entities. `default_kind` None: a bare name is an error."""

    name: str
    forward: str
    backward: str
    default_kind: str | None
    many: bool = False
    required: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Relation:
    source: EntityRef
    type: str
    target: EntityRef


def _owner(*, required: bool = True) -> RelationField:
    return RelationField("owner", "ownedBy", "ownerOf", "group", required=required)


_SYSTEM = RelationField("system", "partOf", "hasPart", "system")
_DOMAIN = RelationField("domain", "partOf", "hasPart", "domain")
_DEPENDS_ON = RelationField("dependsOn", "dependsOn", "dependencyOf", None, many=True)
_DEPENDENCY_OF = RelationField("dependencyOf", "dependencyOf", "dependsOn", None, many=True)

FIELDS: dict[str, tuple[RelationField, ...]] = {
    "Component": (
        _owner(),
        _SYSTEM,
        RelationField("subcomponentOf", "partOf", "hasPart", "component"),
        RelationField("providesApis", "providesApi", "apiProvidedBy", "api", many=True),
        RelationField("consumesApis", "consumesApi", "apiConsumedBy", "api", many=True),
        _DEPENDS_ON,
        _DEPENDENCY_OF,
    ),
    "API": (_owner(), _SYSTEM),
    "Resource": (_owner(), _SYSTEM, _DEPENDS_ON, _DEPENDENCY_OF),
    "System": (_owner(), _DOMAIN),
    "Domain": (_owner(), RelationField("subdomainOf", "partOf", "hasPart", "domain")),
    "Group": (
        RelationField("parent", "childOf", "parentOf", "group"),
        RelationField("children", "parentOf", "childOf", "group", many=True, required=True),
        RelationField("members", "hasMember", "memberOf", "user", many=True),
    ),
    "User": (RelationField("memberOf", "memberOf", "hasMember", "group", many=True, required=True),),
    "Location": (),
    "Template": (_owner(required=False),),
}


def relations_of(entity: Entity) -> frozenset[Relation]:
    """Every relation that the entity declares, from both ends."""
    return frozenset(_both_ends(entity))


def _both_ends(entity: Entity) -> Iterator[Relation]:
    for field in FIELDS[entity.kind]:
        value = entity.spec.get(field.name)
        texts = (value or []) if field.many else ([value] if value else [])
        for text in texts:
            target = EntityRef.parse(text, default_kind=field.default_kind, default_namespace=entity.namespace)
            yield Relation(entity.ref, field.forward, target)
            yield Relation(target, field.backward, entity.ref)
