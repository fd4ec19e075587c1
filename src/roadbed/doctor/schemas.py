"""The platform's own state on the wire."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from roadbed.control.schemas import Instant


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class IsolationOut(_Out):
    """`memory` says how limits are enforced: by the kernel (`cgroup`) or by watching (`watch`)."""

    sandbox: bool
    reason: str | None
    user: str | None
    memory: str


class ComponentOut(_Out):
    name: str
    state: str
    detail: str
    pid: int | None
    memory_mb: float | None


class PlatformStatusOut(_Out):
    version: str
    home: str
    started_at: Instant
    url: str
    isolation: IsolationOut
    components: list[ComponentOut]
    counts: dict[str, int]


class CheckOut(_Out):
    check: str
    state: Literal["ok", "warning", "missing"]
    detail: str
    remedy: str | None


class CheckList(_Out):
    items: list[CheckOut]
    next: None = None
