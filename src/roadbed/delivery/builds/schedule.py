"""Has builds pruned by themselves, as often as the settings say.

Every server's worker runs this; who asks first claims it, in the transaction in which the operation is accepted.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

from roadbed.control.lost import is_lost
from roadbed.delivery.builds import repository
from roadbed.delivery.builds.pruning import Pruning
from roadbed.delivery.builds.settings import BuildSettings
from roadbed.kit.access import system
from roadbed.kit.clock import Clock
from roadbed.storage.database import Database

log = logging.getLogger(__name__)

PRINCIPAL = system("builds")
_LOOK_EVERY = 600.0


class PruneSchedule:
    def __init__(self, database: Database, pruning: Pruning, settings: BuildSettings, clock: Clock) -> None:
        self._database, self._pruning, self._settings, self._clock = database, pruning, settings, clock

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            try:
                await self.ask()
            except Exception as error:
                if not is_lost(error):
                    log.exception("can't ask for builds to be pruned")

    async def ask(self) -> bool:
        """Asks for a pruning if it is time: whether it was."""
        if not self._settings.prune_every_hours:
            return False
        async with self._database.call(PRINCIPAL) as call:
            every = timedelta(hours=self._settings.prune_every_hours)
            if not await repository.claim_pruning(call.session, self._clock.now(), every):
                return False
            await self._pruning.request(call)
            return True
