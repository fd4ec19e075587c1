"""An audit log in memory, for tests of services."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from roadbed.kit.access import Target
from roadbed.storage.call import Call


@dataclass(frozen=True)
class Entry:
    principal: str
    action: str
    target: str
    outcome: str
    detail: Mapping[str, Any]


@dataclass
class FakeAudit:
    """Stands in for `audit.service.Audit` where a service only records."""

    entries: list[Entry] = field(default_factory=list)

    async def record(
        self, call: Call, action: str, target: Target, *, outcome: str = "done", detail: Mapping[str, Any] | None = None
    ) -> None:
        self.entries.append(Entry(str(call.principal), action, str(target), outcome, dict(detail or {})))

    @property
    def actions(self) -> list[str]:
        return [entry.action for entry in self.entries]
