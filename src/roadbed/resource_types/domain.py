"""A resource type, read for people from what its provider says of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from roadbed.providers.driver import Phase, Property, Replacement, ResourceType

Trouble: TypeAlias = Literal["unknown", "missing", "value"]


@dataclass(frozen=True, slots=True)
class PropertyView:
    """One input. `schema` is its JSON Schema, `shape` the same in a few words.

    `secret`: it takes a secret, and so never a value in the clear. `default` is what is taken when it is left out, None
    where the schema names nothing.
    """

    name: str
    shape: str
    required: bool
    secret: bool
    replaces: bool
    default: Any
    description: str
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OutputView:
    """`follows` are the properties whose change in place changes it, too."""

    name: str
    description: str
    secret: bool
    follows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TypeView:
    """`typed` is its class in the SDK, `roadbed.sdk.types.postgres.Database`; None where it has none.

    `example` is Python that declares one, with `...` for what must be given.
    """

    type: str
    provider: str
    description: str
    properties: tuple[PropertyView, ...]
    outputs: tuple[OutputView, ...]
    phase: Phase
    replacement: Replacement
    may_run_twice: bool
    holds_data: bool
    typed: str | None
    example: str


@dataclass(frozen=True, slots=True)
class DeclarationProblem:
    """Something that is wrong with a declaration. `property` is None for the resource's own name.

    `place` leads to the spot within the property, dotted. `missing`: it is needed, and wasn't given.
    """

    property: str | None
    place: str
    message: str
    hint: str | None = None
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Declaration:
    """`code` is Python for a program. What is missing stands in it as `...`, which no program accepts."""

    code: str
    problems: tuple[DeclarationProblem, ...] = ()


def type_view(declared: ResourceType, typed: str | None, example: str) -> TypeView:
    """Required properties come first."""
    properties = [_property(name, one) for name, one in declared.properties.items()]
    return TypeView(
        type=declared.name,
        provider=declared.name.partition(":")[0],
        description=declared.description,
        properties=tuple(sorted(properties, key=lambda one: not one.required)),
        outputs=tuple(_outputs(declared)),
        phase=declared.phase,
        replacement=declared.replacement,
        may_run_twice=declared.may_run_twice,
        holds_data=declared.holds_data is True,
        typed=typed,
        example=example,
    )


def _property(name: str, given: Property) -> PropertyView:
    default = given.schema.get("default")
    return PropertyView(
        name=name,
        shape=shape(given.schema),
        required=given.required,
        secret=given.schema.get("writeOnly") is True,
        replaces=given.replace,
        default=default,
        description=_without(given.description, default),
        schema=given.schema,
    )


def _without(description: str, default: Any) -> str:
    """A description that ends in the default (`The port; 5432.`), without it: it is said apart."""
    said = str(default).lower() if isinstance(default, bool) else str(default)
    short = description.removesuffix(f"; {said}.")
    return f"{short}." if short != description else description


def _outputs(declared: ResourceType) -> Iterator[OutputView]:
    for outputs, secret in ((declared.outputs, False), (declared.secret_outputs, True)):
        for name, description in outputs.items():
            yield OutputView(name, description, secret, tuple(declared.follows.get(name, ())))


def shape(schema: Mapping[str, Any]) -> str:
    """What a value must be, in a few words: `list of string`, `integer ≥ 1`, `GET, HEAD or POST`."""
    if "anyOf" in schema:
        return " or ".join(shape(one) for one in schema["anyOf"])
    if "enum" in schema:
        *most, last = [_word(one) for one in schema["enum"]]
        return f"{', '.join(most)} or {last}" if most else last
    kinds = schema.get("type", "anything")
    words = " or ".join(_KINDS.get(str(kind), str(kind)) for kind in (kinds if isinstance(kinds, list) else [kinds]))
    inner = schema.get("items") or schema.get("additionalProperties")
    if isinstance(inner, Mapping) and inner:
        words = f"{words} of {shape(inner)}"
    limits = [f"{sign} {schema[key]}" for key, sign in _LIMITS.items() if key in schema]
    return f"{words} {' and '.join(limits)}".strip()


def _word(value: Any) -> str:
    return value if isinstance(value, str) else str(value)


_KINDS = {"array": "list", "object": "map"}
_LIMITS = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤"}
