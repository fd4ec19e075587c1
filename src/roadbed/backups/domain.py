"""Backups, and which of them stay. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, Self, TypeAlias

from roadbed.sdk.backups import Contents

Reason: TypeAlias = Literal["asked", "scheduled", "before restore", "before deletion"]
"""Why one was made: somebody asked, its time had come, or what it holds was about to be overwritten or deleted."""


@dataclass(frozen=True, slots=True)
class Backup:
    """`origin` is the provider's id of what it was made of, whose owner was `owner`, in an environment of a `kind`.

    `size` is that of the file, in bytes. `mismatch` says what a restore into a scratch resource found to be other than
    was counted; None with a `verified_at`: it was as counted. `expires_at` None: it stays until somebody removes it.
    """

    id: str
    stack: str
    urn: str
    resource: str
    type: str
    origin: str
    owner: str | None
    kind: str
    reason: Reason
    created_at: datetime
    created_by: str
    size: int
    checksum: str
    contents: Contents
    operation: str | None = None
    verified_at: datetime | None = None
    mismatch: str | None = None
    expires_at: datetime | None = None

    @property
    def state(self) -> Literal["verified", "unverified", "damaged"]:
        if self.mismatch is not None:
            return "damaged"
        return "unverified" if self.verified_at is None else "verified"


@dataclass(frozen=True, slots=True)
class About:
    """What is known of a backup before it is made."""

    stack: str
    resource: str
    owner: str | None
    kind: str
    reason: Reason
    by: str
    operation: str | None = None
    keep_for: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Retention:
    """Of the scheduled backups of a resource the newest `keep` stay, and those that are younger than `days`."""

    keep: int = 7
    days: float = 0


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a resource is backed up, and which of those backups stay."""

    stack: str
    urn: str
    schedule: str
    timezone: str
    retention: Retention = field(default_factory=Retention)
    owner: str | None = None
    next_at: datetime | None = None
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class BackupInput:
    """What a backup operation is asked to do. `retention` is that of the schedule that asked, if one did."""

    stack: str
    owner: str | None
    kind: str
    resource: str
    urns: Sequence[str]
    reason: Reason
    keep_days: float | None = None
    retention: Retention | None = None

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        retention = document["retention"]
        return cls(**{**document, "retention": Retention(**retention) if retention else None})


@dataclass(frozen=True, slots=True)
class RestoreInput:
    """What a restore operation is asked to do: `urn` becomes what `backup` holds."""

    stack: str
    owner: str | None
    kind: str
    resource: str
    urn: str
    backup: str


def superfluous(backups: Sequence[Backup], retention: Retention, now: datetime) -> list[Backup]:
    """Which scheduled backups of one resource go. The newest that was found whole stays, however many came since."""
    newest = sorted(backups, key=lambda each: (each.created_at, each.id), reverse=True)
    whole = next((each for each in newest if each.state == "verified"), None)
    before = now - timedelta(days=retention.days)
    return [each for each in newest[max(retention.keep, 1) :] if each.created_at < before and each is not whole]


def mismatch(wanted: Contents, found: Contents) -> str | None:
    """What of a restored backup is other than was counted when it was made, in a sentence; None when nothing is."""
    wrong = [
        f"{name} has {found.counts.get(name, 0)} {wanted.unit} and not {wanted.counts.get(name, 0)}"
        for name in sorted(wanted.counts.keys() | found.counts.keys())
        if wanted.counts.get(name, 0) != found.counts.get(name, 0)
    ]
    if not wrong:
        return None
    return "; ".join(wrong[:5]) + (f"; and {len(wrong) - 5} more" if len(wrong) > 5 else "")
