"""Has builds pruned by themselves, as often as the settings say.

Every server's worker runs this; who asks first claims it, in the transaction in which the operation is accepted.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from roadbed.control.repeating import repeat
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
        await repeat(self.ask, _LOOK_EVERY, "can't ask for builds to be pruned", log)

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
