"""Templates and what they are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from roadbed.catalog.domain import Entity
from roadbed.workload.document import Place


@dataclass(frozen=True, slots=True)
class TemplateStep:
    """`condition` and `each` are None where the template has none; both and `input` still hold their expressions."""

    id: str
    name: str
    action: str
    input: Mapping[str, Any]
    condition: Any
    each: Any
    place: Place


@dataclass(frozen=True, slots=True)
class Template:
    """`pages` are the form's steps, each a JSON Schema; `file` is its path in the platform repo."""

    entity: Entity
    pages: tuple[Mapping[str, Any], ...]
    steps: tuple[TemplateStep, ...]
    output: Mapping[str, Any]
    file: str

    @property
    def name(self) -> str:
        return self.entity.name

    @property
    def title(self) -> str:
        return str(self.entity.metadata.get("title") or self.name)

    @property
    def description(self) -> str | None:
        return self.entity.metadata.get("description")

    @property
    def tags(self) -> list[str]:
        return list(self.entity.metadata.get("tags") or [])

    @property
    def owner(self) -> str | None:
        return self.entity.owner


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """What a dry run says of one step: what it would have been given, and whether it was left out."""

    id: str
    name: str
    action: str
    skipped: bool
    input: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a run would do. `files` is the source that it would publish; a file that is no text is None."""

    steps: tuple[PlannedStep, ...]
    files: Mapping[str, str | None]
    log: tuple[str, ...]
    output: Mapping[str, Any]
