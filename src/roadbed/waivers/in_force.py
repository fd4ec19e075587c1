"""Which waivers act now: what the engine lays over the verdicts of a plan, each time that it looks at one."""

from __future__ import annotations

from collections.abc import Sequence

from roadbed.kit.access import require_somebody
from roadbed.kit.clock import Clock
from roadbed.policy.domain import Verdict
from roadbed.storage.call import Call
from roadbed.waivers import repository
from roadbed.waivers.domain import Waiver, waived


class WaiversInForce:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def over(self, call: Call, stack: str, verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
        """The verdicts on a stack, as they are by the waivers in force. Asks for no more permission than that somebody
        asks: who may see a verdict may see what it is waived by.
        """
        require_somebody(call.principal)
        if not verdicts:
            return ()
        now = self._clock.now()
        acting = await repository.acting(call.session, now, stack.partition("@")[0])
        return waived(stack, verdicts, acting, now)

    async def acting(self, call: Call) -> Sequence[Waiver]:
        """All that act now, for a look at many stacks."""
        require_somebody(call.principal)
        return await repository.acting(call.session, self._clock.now())

    def laid_over(self, stack: str, verdicts: Sequence[Verdict], acting: Sequence[Waiver]) -> tuple[Verdict, ...]:
        return waived(stack, verdicts, acting, self._clock.now())
