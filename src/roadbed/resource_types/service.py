"""The door to resource types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from roadbed.kit.access import Authorise, Target
from roadbed.providers.driver import Provider, ResourceType
from roadbed.resource_types import checking, python
from roadbed.resource_types.domain import Declaration, TypeView, type_view
from roadbed.resource_types.typed import typed_classes
from roadbed.storage.call import Call


class ResourceTypes:
    """`providers` are those of the platform, by type; one that it lacks raises UnknownType (404), with the nearest."""

    def __init__(self, authorise: Authorise, providers: Mapping[str, Provider]) -> None:
        self._authorise, self._providers = authorise, providers

    async def types(self, call: Call) -> Sequence[TypeView]:
        """All that can be declared, by name."""
        self._authorise(call.principal, "type.view", Target("type"))
        return [self._view(self._type(name)) for name in sorted(self._providers)]

    async def type(self, call: Call, name: str) -> TypeView:
        self._authorise(call.principal, "type.view", Target("type", name))
        return self._view(self._type(name))

    async def declare(self, call: Call, type: str, name: str, properties: Mapping[str, Any]) -> Declaration:
        """Python that declares such a resource, and what is wrong with it; `python.py` says how values are given.

        What was given for a secret and can't be the name of one isn't written: it may be the secret itself.
        """
        self._authorise(call.principal, "type.view", Target("type", type))
        declared = self._type(type)
        found = tuple(checking.problems(declared, name, properties))
        secret = checking.secrets(declared)
        gaps = [one.property for one in found if one.property and (one.missing or one.property in secret)]
        known = {**properties, **dict.fromkeys(gaps, python.MISSING)}
        ordered = {key: known[key] for key in declared.properties if key in known}
        return Declaration(python.declaration(type, typed_classes().get(type), name or _name(type), ordered), found)

    def _type(self, name: str) -> ResourceType:
        return self._providers[name].types[name]

    def _view(self, declared: ResourceType) -> TypeView:
        typed = typed_classes().get(declared.name)
        needed = {name: python.MISSING for name, one in declared.properties.items() if one.required}
        example = python.declaration(declared.name, typed, _name(declared.name), needed)
        return type_view(declared, typed.path if typed else None, example)


def _name(type: str) -> str:
    """A name for a resource of a type that was given none."""
    return type.partition(":")[2].casefold()
