"""Resource types on the wire."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from roadbed.providers.driver import Phase, Replacement

MAX_PROPERTIES = 200


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class PropertyOut(_Out):
    """`schema` is JSON Schema, `shape` the same in words. `replaces`: a change of it makes a new resource.

    `secret`: it takes a secret. `default` is what is taken when it is left out, null where nothing is said of that.
    """

    name: str
    shape: str
    required: bool
    secret: bool
    replaces: bool
    default: Any
    description: str
    json_schema: Annotated[Mapping[str, Any], BeforeValidator(dict)] = Field(alias="schema")


class OutputOut(_Out):
    """`follows` are the properties whose change in place changes it, too."""

    name: str
    description: str
    secret: bool
    follows: list[str]


class TypeSummaryOut(_Out):
    """`typed` is its class in the SDK, null where it has none."""

    type: str
    provider: str
    description: str
    typed: str | None


class TypeOut(TypeSummaryOut):
    """`phase` is when it is made in a plan; `may_run_twice`: after a crash its creation may be done again.
    `holds_data`: what people have put into one is gone with it.

    `example` is Python that declares one, with `...` for what must be given.
    """

    properties: list[PropertyOut]
    outputs: list[OutputOut]
    phase: Phase
    replacement: Replacement
    may_run_twice: bool
    holds_data: bool
    example: str


class TypeList(BaseModel):
    items: list[TypeSummaryOut]
    next: None = None


class DeclarationBody(BaseModel):
    """In `properties`, `{"$secret": name}` stands for a secret, `{"$python": text}` for a Python expression."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(max_length=128)] = ""
    properties: Annotated[dict[str, Any], Field(max_length=MAX_PROPERTIES)] = {}


class DeclarationProblemOut(_Out):
    """`property` is null for the resource's name; `missing`: it is needed, and stands in the code as `...`."""

    property: str | None
    place: str
    message: str
    hint: str | None
    missing: bool


class DeclarationOut(_Out):
    code: str
    problems: list[DeclarationProblemOut]
