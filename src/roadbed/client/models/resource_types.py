"""Types of resources, and declarations of them."""

from __future__ import annotations

from typing import Any, TypedDict


class ResourceTypeSummary(TypedDict):
    """`typed` is its class in the SDK, None where it has none."""

    type: str
    provider: str
    description: str
    typed: str | None


class ResourceProperty(TypedDict):
    """`schema` is JSON Schema, `shape` the same in words; `replaces`: a change of it makes a new resource."""

    name: str
    shape: str
    required: bool
    secret: bool
    replaces: bool
    default: Any
    description: str
    schema: dict[str, Any]


class ResourceOutput(TypedDict):
    name: str
    description: str
    secret: bool
    follows: list[str]


class ResourceType(ResourceTypeSummary):
    """`example` is Python that declares one, with `...` for what must be given."""

    properties: list[ResourceProperty]
    outputs: list[ResourceOutput]
    phase: str
    replacement: str
    may_run_twice: bool
    holds_data: bool
    example: str


class DeclarationProblem(TypedDict):
    """`property` is None for the resource's name; `missing`: it is needed, and stands in the code as `...`."""

    property: str | None
    place: str
    message: str
    hint: str | None
    missing: bool


class Declaration(TypedDict):
    code: str
    problems: list[DeclarationProblem]
