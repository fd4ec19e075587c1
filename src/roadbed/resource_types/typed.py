"""The typed class that the SDK has for a type, and how it calls the type's properties."""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from roadbed.sdk import Resource, types


@dataclass(frozen=True, slots=True)
class TypedClass:
    """`module` is below `roadbed.sdk.types`; `parameters` are those of its constructor that are no options."""

    module: str
    name: str
    parameters: frozenset[str]

    @property
    def path(self) -> str:
        return f"{types.__name__}.{self.module}.{self.name}"

    def parameter(self, property: str) -> str | None:
        """What the property is called there: `name_` where `name` means something else. None: it isn't there."""
        return next((one for one in (property, f"{property}_") if one in self.parameters), None)


@cache
def typed_classes() -> Mapping[str, TypedClass]:
    """By type."""
    return dict(_found())


def _found() -> Iterator[tuple[str, TypedClass]]:
    for module in pkgutil.iter_modules(types.__path__):
        for name, value in vars(import_module(f"{types.__name__}.{module.name}")).items():
            if inspect.isclass(value) and issubclass(value, Resource) and value.TYPE:
                given = inspect.signature(value).parameters.values()
                named = frozenset(one.name for one in given if one.kind is one.KEYWORD_ONLY)
                yield value.TYPE, TypedClass(module.name, name, named)
