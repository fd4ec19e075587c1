"""Golden paths."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict


class TemplateSummary(TypedDict):
    name: str
    title: NotRequired[str | None]
    description: NotRequired[str | None]
    tags: NotRequired[list[str]]
    owner: NotRequired[str | None]


class TemplateDetail(TemplateSummary):
    """`parameters` is Backstage's: one JSON Schema, or a list of them, one for each page of the form."""

    parameters: NotRequired[Any]
    steps: NotRequired[list[Any]]
