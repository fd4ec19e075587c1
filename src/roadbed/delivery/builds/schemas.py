"""Sources and builds on the wire."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_serializer

from roadbed.delivery.builds.domain import Origin, Source
from roadbed.delivery.builds.views import BuildView, Said
from roadbed.kit.clock import isoformat

Words = Annotated[str, Field(min_length=1, max_length=2000)]
Ref = Annotated[str, Field(min_length=1, max_length=200)]


class OriginOut(BaseModel):
    """Where a source tree came from; `dirty`: it differs from the revision."""

    model_config = ConfigDict(from_attributes=True)

    kind: str
    revision: str | None
    ref: str | None
    dirty: bool
    url: str | None


class OriginQuery(BaseModel):
    """What whoever sends a tree says of it. Nothing is decided by it."""

    kind: Literal["folder", "revision", "archive"] = "folder"
    revision: Annotated[str, Field(pattern=r"^[0-9a-f]{7,64}$")] | None = None
    ref: Ref | None = None
    dirty: bool = False

    def origin(self) -> Origin:
        return Origin(**self.model_dump())


class ProposedNeedOut(BaseModel):
    """`line` says it to a person, with its evidence. One that a file has `stated` is taken without a question."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    type: str
    stated: bool
    line: str


class UnderstoodOut(BaseModel):
    """What is understood of a source without a Score file: by which files, in lines for a person."""

    model_config = ConfigDict(from_attributes=True)

    sources: list[str]
    lines: list[str]
    needs: list[ProposedNeedOut]


class SourceOut(BaseModel):
    """`application` is what the files of a fetched source call it, null where they call it nothing; `understood` is
    null where they say themselves what runs.
    """

    digest: str
    size: int
    origin: OriginOut
    application: str | None = None
    understood: UnderstoodOut | None = None

    @classmethod
    def of(cls, source: Source, origin: Origin, said: Said | None = None) -> Self:
        """`said` is what a fetched source says."""
        out = cls(digest=source.digest, size=source.size, origin=OriginOut.model_validate(origin))
        if said is not None:
            out.application = said.application
            out.understood = UnderstoodOut.model_validate(said.understood) if said.understood else None
        return out


class FetchBody(BaseModel):
    """A git URL, as `https://host/owner/repository.git#revision`, or with the revision in `ref`."""

    url: Words
    ref: Ref | None = None


class BuildOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    digest: str
    source: str
    recipe: dict[str, Any]
    origin: OriginOut
    owner: str | None
    created_at: datetime
    created_by: str
    used_at: datetime
    duration_s: float
    size: int
    lock: str | None
    used_by: list[str] = []

    @field_serializer("created_at", "used_at")
    def _at(self, at: datetime) -> str:
        return isoformat(at)

    @classmethod
    def of(cls, view: BuildView) -> Self:
        out = cls.model_validate(view.build)
        out.used_by = list(view.used_by)
        return out


class BuildPage(BaseModel):
    items: list[BuildOut]
    next: str | None


class PruneBody(BaseModel):
    """What is kept of the builds that no release needs. What isn't said, the settings of the platform say."""

    keep: Annotated[int, Field(ge=0, le=100_000)] | None = None
    older_than_days: Annotated[float, Field(ge=0, le=36_500)] | None = None
    dry_run: bool = False
