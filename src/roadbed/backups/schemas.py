"""Backups on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from roadbed.delivery.schemas import Label


class BackupBody(BaseModel):
    """Without `keep_days` the backup stays until somebody removes it."""

    model_config = ConfigDict(extra="forbid")

    environment: Label
    keep_days: Annotated[float, Field(gt=0, le=3660)] | None = None


class RestoreBody(BaseModel):
    """`confirm` is the name of the resource, which is overwritten."""

    model_config = ConfigDict(extra="forbid")

    environment: Label
    backup: Annotated[str, Field(max_length=60)]
    confirm: Annotated[str, Field(max_length=200)]


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class ContentsOut(_Out):
    """`counts` of `unit`, as `{"public.orders": 1200}` of `rows`; `held` are the bytes that it takes in its place."""

    unit: str
    total: int
    counts: dict[str, int]
    held: int


class BackupOut(_Out):
    """`state`: verified, unverified, or damaged, with what differed in `mismatch`. `size` in bytes, encrypted."""

    id: str
    stack: str
    resource: str
    type: str
    reason: str
    state: str
    created_at: datetime
    created_by: str
    operation: str | None
    size: int
    checksum: str
    contents: ContentsOut
    verified_at: datetime | None
    mismatch: str | None
    expires_at: datetime | None


class RetentionOut(_Out):
    keep: int
    days: float


class BackupScheduleOut(_Out):
    urn: str
    schedule: str
    timezone: str
    retention: RetentionOut
    next_at: datetime | None
    last_at: datetime | None
