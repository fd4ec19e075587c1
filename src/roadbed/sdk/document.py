"""The shape of a graph document: the one source of its JSON Schema, and of the check of what a program hands back."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict


class Place(TypedDict):
    """Where it was declared. The file is as the user calls it, relative to the source tree or the platform repo."""

    file: str
    line: int | None


class OptionsDocument(TypedDict, total=False):
    """How a resource is treated. An option that isn't there has its default: false, none, empty."""

    protect: bool
    retain_on_delete: bool
    ignore_changes: list[str]
    replace_on_changes: list[str]
    delete_before_replace: bool
    aliases: list[str]
    provider: str
    timeouts: dict[Literal["create", "read", "update", "delete"], float]


Import = TypedDict("Import", {"import": NotRequired[str]})
"""`import` is a word of Python's, and needs a declaration of its own."""


class ResourceOptions(OptionsDocument, Import):
    pass


class ResourceDocument(TypedDict):
    """A node of the graph. Without `kind` it is managed; `id` names what a `read` one looks at.

    A component has the properties `inputs` and `outputs`, and depends on all that it holds. `declared_by` is the line
    of the provisioner, where `source` is the place of the request.
    """

    urn: str
    type: str
    name: str
    properties: dict[str, Any]
    depends_on: NotRequired[list[str]]
    source: NotRequired[Place | None]
    declared_by: NotRequired[Place | None]
    kind: NotRequired[Literal["managed", "component", "read"]]
    id: NotRequired[Any]
    options: NotRequired[ResourceOptions]


class GraphDocument(TypedDict):
    """All resources of one stack, and what other stacks may use of it. `export_sources` says where each is exported."""

    version: Literal[1]
    stack: str
    resources: list[ResourceDocument]
    exports: NotRequired[dict[str, Any]]
    export_sources: NotRequired[dict[str, Place | None]]
