"""Backups for the portal's pages, as a fake platform has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

from roadbed.backups.domain import Backup, Retention, Schedule
from roadbed.control.domain import Operation
from roadbed.kit.errors import InvalidInput
from roadbed.sdk.backups import Contents
from roadbed.storage.call import Call

_AT = datetime(2026, 1, 2, 3, 0, tzinfo=UTC)
_URN = "orders@dev/shared/db#postgres:Database"


def _backup(id: str, reason: Any, rows: int, mismatch: str | None = None) -> Backup:
    return Backup(
        id=id,
        stack="orders@dev",
        urn=_URN,
        resource="db",
        type="postgres:Database",
        origin="orders_dev_db",
        owner="group:default/payments",
        kind="development",
        reason=reason,
        created_at=_AT,
        created_by="user:ada",
        size=20_480,
        checksum="0" * 64,
        contents=Contents("rows", {"public.orders": rows}, 1 << 20),
        verified_at=_AT,
        mismatch=mismatch,
    )


BACKUPS = (
    _backup("bak_2", "scheduled", 1200),
    _backup("bak_1", "asked", 3, mismatch="public.orders has 2 rows and not 3"),
)
SCHEDULES = (Schedule("orders@dev", _URN, "0 3 * * *", "Europe/Madrid", Retention(14), next_at=_AT),)


@dataclass
class FakeBackups:
    """`world` keeps what was asked for."""

    world: Any
    kept: ClassVar[frozenset[str]] = frozenset({"postgres:Database"})

    async def backups(self, call: Call, name: str, environment: str) -> Sequence[Backup]:
        return BACKUPS

    async def schedules(self, call: Call, name: str, environment: str) -> Sequence[Schedule]:
        return SCHEDULES

    async def back_up(self, call: Call, name: str, environment: str, resource: str) -> Operation:
        return self._done(f"back up {resource}")

    async def restore(
        self, call: Call, name: str, environment: str, resource: str, backup: str, confirm: str
    ) -> Operation:
        if confirm != resource:
            raise InvalidInput(f"this overwrites {resource}", hint=f"say that you mean it: its name, {resource}")
        return self._done(f"restore {resource} from {backup}")

    def _done(self, what: str) -> Operation:
        self.world.done.append(("resource", what))
        operation: Operation = self.world.operations["op_queued"]
        return operation
