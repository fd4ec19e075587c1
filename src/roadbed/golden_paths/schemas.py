"""Golden paths on the wire."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field

from roadbed.control.schemas import OperationOut
from roadbed.golden_paths.domain import DryRun, Template


class TemplateOut(BaseModel):
    name: str
    title: str
    description: str | None
    tags: list[str]
    owner: str | None

    @classmethod
    def of(cls, template: Template) -> "TemplateOut":
        return cls(**_summary(template))


class TemplateStepOut(BaseModel):
    id: str
    name: str
    action: str


class TemplateDetailOut(TemplateOut):
    """`parameters` are the pages of the form, each a JSON Schema with Backstage's `ui:` hints."""

    parameters: list[dict[str, Any]]
    steps: list[TemplateStepOut]
    links: list[dict[str, Any]]

    @classmethod
    def of(cls, template: Template) -> "TemplateDetailOut":
        return cls(
            **_summary(template),
            parameters=[dict(page) for page in template.pages],
            steps=[TemplateStepOut(id=step.id, name=step.name, action=step.action) for step in template.steps],
            links=template.entity.metadata.get("links") or [],
        )


class TemplateList(BaseModel):
    items: list[TemplateOut]
    next: None = None


class RunIn(BaseModel):
    parameters: dict[str, Any] = Field(default_factory=dict)


class RunAccepted(BaseModel):
    operation: OperationOut


class PlannedStepOut(BaseModel):
    id: str
    name: str
    action: str
    skipped: bool
    input: Mapping[str, Any]


class DryRunOut(BaseModel):
    """`files` is the source that would be published; the content of what is no text, or is long, is null."""

    steps: list[PlannedStepOut]
    files: Mapping[str, str | None]
    log: list[str]
    output: Mapping[str, Any]

    @classmethod
    def of(cls, found: DryRun) -> "DryRunOut":
        return cls.model_validate(found, from_attributes=True)


def _summary(template: Template) -> dict[str, Any]:
    return {
        "name": template.name,
        "title": template.title,
        "description": template.description,
        "tags": template.tags,
        "owner": template.owner,
    }
