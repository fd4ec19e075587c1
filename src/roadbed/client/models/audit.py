"""The audit log."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict


class AuditRecord(TypedDict):
    id: Any
    at: str
    principal: str
    action: str
    target: str
    outcome: str
    detail: NotRequired[Any]
