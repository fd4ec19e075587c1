"""Sources and builds on the wire."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, field_serializer

from roadbed.kit.clock import isoformat


class SourceOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    digest: str
    size: int


class BuildOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    digest: str
    source: str
    recipe: dict[str, Any]
    owner: str | None
    created_at: datetime
    created_by: str
    duration_s: float
    size: int
    lock: str | None

    @field_serializer("created_at")
    def _created_at(self, at: datetime) -> str:
        return isoformat(at)


class BuildPage(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    items: list[BuildOut]
    next: str | None
