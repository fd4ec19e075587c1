"""Building blocks on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from roadbed.blocks.domain import BlockView, Case, Impact, StackImpact

Files = Annotated[dict[str, Annotated[str, Field(max_length=4_000_000)]], Field(max_length=3_000)]
"""Texts by their paths."""
Label = Annotated[str, Field(max_length=63)]
Version = Annotated[str, Field(max_length=32)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class BlockBody(_Body):
    """A block as it lies in `provisioners/NAME/`. `environments` are those that are asked about."""

    files: Files
    environments: Annotated[list[Label], Field(max_length=100)] = []


class PublishBody(_Body):
    """Without `delete_data` a version by which a stack would lose data is refused; without `break_stacks`, one by which
    a stack could not be planned any more.
    """

    files: Files
    message: Annotated[str, Field(max_length=2_000)] = ""
    delete_data: bool = False
    break_stacks: bool = False


class PromoteBody(_Body):
    """`version` null: the newest."""

    version: Version | None = None
    delete_data: bool = False
    break_stacks: bool = False


class CheckBody(_Body):
    files: Files


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class CaseOut(_Out):
    """`state`: same, changed, new or failed. `planned` is what comes of the example, `kept` what `file` has of it."""

    block: str
    example: str
    state: str
    file: str
    planned: str
    kept: str
    message: str
    hint: str
    place: str


class CasesOut(BaseModel):
    items: list[CaseOut]


class DifferenceOut(_Out):
    """`level`: what it asks of the version's number: patch, minor, or major for what breaks."""

    level: str
    message: str


class StepOut(_Out):
    urn: str
    type: str
    action: str
    loses_data: bool


class ProblemOut(_Out):
    message: str
    hint: str | None
    file: str | None
    line: int | None
    column: int | None


class StackImpactOut(_Out):
    """`problems`: why the stack couldn't be planned any more."""

    stack: str
    environment: str
    owner: str | None
    loses_data: bool
    steps: list[StepOut]
    problems: list[ProblemOut]


class ImpactOut(_Out):
    """`before`: which version each environment uses now. `using` counts the stacks there that ask for the block.

    `refused`: why it can't be published, or brought there.
    """

    name: str
    version: str
    owner: str | None
    before: dict[str, str | None]
    differences: list[DifferenceOut]
    breaks: bool
    loses_data: bool
    using: int
    stacks: list[StackImpactOut]
    refused: ProblemOut | None


class PublishedOut(BaseModel):
    name: str
    version: str
    environments: list[str]
    impact: ImpactOut


class VersionOut(_Out):
    version: str
    digest: str
    message: str
    published_at: datetime
    published_by: str


class UseOut(_Out):
    environment: str
    version: str
    since: datetime
    by: str


class PublishedBlockOut(BaseModel):
    """`offers` are what the newest version says of itself. Of one alone, `used_by` are the stacks that ask for it, and
    `docs_text` is what the file `docs` says.
    """

    name: str
    title: str
    description: str
    owner: str | None
    maturity: str | None
    successor: str | None
    docs: str | None
    version: str
    versions: list[VersionOut]
    uses: list[UseOut]
    offers: list[dict[str, Any]]
    used_by: list[str]
    docs_text: str


class PublishedBlocksOut(BaseModel):
    items: list[PublishedBlockOut]


class RepoCheckOut(BaseModel):
    problems: list[ProblemOut]
    files: int


def cases_out(cases: list[Case]) -> CasesOut:
    return CasesOut(items=[CaseOut.model_validate(one) for one in cases])


def impact_out(impact: Impact) -> ImpactOut:
    """Steps without their properties: those are the plan's to show."""
    told = ImpactOut.model_validate(impact)
    return told.model_copy(update={"stacks": [_stack(one) for one in impact.stacks]})


def _stack(one: StackImpact) -> StackImpactOut:
    return StackImpactOut.model_validate(one)


def block_out(view: BlockView) -> PublishedBlockOut:
    about = view.about
    return PublishedBlockOut(
        name=view.name,
        title=view.title,
        description=about["notes"],
        **{key: about[key] for key in ("owner", "maturity", "successor", "docs")},
        version=view.newest.version,
        versions=[VersionOut.model_validate(one) for one in view.versions],
        uses=[UseOut.model_validate(one) for one in view.uses],
        offers=[dict(one) for one in view.offers],
        used_by=list(view.used_by),
        docs_text=view.docs,
    )
