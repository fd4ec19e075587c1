"""Audit records on the wire."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, field_serializer

from roadbed.kit.clock import isoformat


class RecordOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: str
    at: datetime
    principal: str
    action: str
    target: str
    environment: str | None
    outcome: str
    detail: dict[str, Any]

    @field_serializer("at")
    def _at(self, at: datetime) -> str:
        return isoformat(at)


class RecordPage(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    items: list[RecordOut]
    next: str | None
