"""Backups of resources."""

from __future__ import annotations

from typing import TypedDict


class BackupContents(TypedDict):
    """`counts` of `unit`, as `{"public.orders": 1200}` of `rows`; `held` are the bytes that it takes in its place."""

    unit: str
    total: int
    counts: dict[str, int]
    held: int


class Backup(TypedDict):
    """`state`: verified, unverified, or damaged, with what differed in `mismatch`. `size` in bytes."""

    id: str
    stack: str
    resource: str
    type: str
    reason: str
    state: str
    created_at: str
    created_by: str
    operation: str | None
    size: int
    checksum: str
    contents: BackupContents
    verified_at: str | None
    mismatch: str | None
    expires_at: str | None


class BackupRetention(TypedDict):
    keep: int
    days: float


class BackupSchedule(TypedDict):
    """When a resource is backed up by itself."""

    urn: str
    schedule: str
    timezone: str
    retention: BackupRetention
    next_at: str | None
    last_at: str | None
