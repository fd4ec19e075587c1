"""Looks after what waits: reminds those whose approval is missing, and ends what has become stale meanwhile.

Every server's worker runs this; who looks first claims a reminder, in the transaction in which it is told.
"""

from __future__ import annotations

import logging

from roadbed.approvals import repository
from roadbed.approvals.domain import told
from roadbed.approvals.gate import PRINCIPAL
from roadbed.approvals.service import Approvals
from roadbed.approvals.telling import Telling
from roadbed.control.repeating import repeat
from roadbed.control.service import Operations
from roadbed.kit.clock import Clock
from roadbed.storage.database import Database

log = logging.getLogger(__name__)

_LOOK_EVERY = 10.0


class ApprovalSchedule:
    def __init__(
        self, database: Database, operations: Operations, approvals: Approvals, telling: Telling, clock: Clock
    ) -> None:
        self._database, self._operations, self._approvals = database, operations, approvals
        self._telling, self._clock = telling, clock

    async def run(self) -> None:
        """Until it is cancelled."""
        await repeat(self.look, _LOOK_EVERY, "can't see what waits for approval", log)

    async def look(self) -> None:
        await self.end_stale()
        await self.remind()

    async def remind(self) -> list[str]:
        """An event and a line of the audit log for each that has waited long enough: their ids."""
        async with self._database.call(PRINCIPAL) as call:
            found = await repository.claim_reminders(call.session, self._clock.now())
            for one in found:
                detail = {"needs": told(one.needs), "reminders": one.reminders}
                await self._telling.tell(call, one, "approval.remind", "approval.reminder", detail)
        return [one.id for one in found]

    async def end_stale(self) -> list[str]:
        """Has the operations looked at again whose plan can't be applied any more: they say so, and end."""
        async with self._database.call(PRINCIPAL) as call:
            waiting = await self._approvals.approvals(call, state="waiting")
            stale = [view.approval for view in waiting if view.stale]
            for one in stale:
                await self._operations.wake(call, one.operation)
        return [one.id for one in stale]
