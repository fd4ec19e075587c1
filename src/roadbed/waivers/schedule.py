"""Announces waivers that end soon, once each, so that what they let pass is mended or asked for again in time.

Every server's worker runs this; who looks first claims them, in the transaction in which they are announced.
"""

from __future__ import annotations

import logging

from roadbed.audit.service import Audit
from roadbed.control.events import Events
from roadbed.control.repeating import repeat
from roadbed.kit.access import system
from roadbed.kit.clock import Clock
from roadbed.storage.database import Database
from roadbed.waivers import repository
from roadbed.waivers.service import emit
from roadbed.waivers.settings import WaiverSettings

log = logging.getLogger(__name__)

PRINCIPAL = system("waivers")
_LOOK_EVERY = 60.0


class WaiverSchedule:
    def __init__(
        self, database: Database, audit: Audit, events: Events, settings: WaiverSettings, clock: Clock
    ) -> None:
        self._database, self._audit, self._events = database, audit, events
        self._settings, self._clock = settings, clock

    async def run(self) -> None:
        """Until it is cancelled."""
        await repeat(self.announce, _LOOK_EVERY, "can't see which waivers end soon", log)

    async def announce(self) -> list[str]:
        """An event and a line of the audit log for each that ends soon: their ids."""
        async with self._database.call(PRINCIPAL) as call:
            now = self._clock.now()
            found = await repository.claim_announcements(call.session, now, now + self._settings.soon)
            for one in found:
                detail = {"policy": one.policy, "for": one.subject.name, "until": one.until.isoformat()}
                await self._audit.record(call, "waiver.announce", one.target, detail=detail)
                await emit(self._events, call, "waiver.expiring", one)
        return [one.id for one in found]
