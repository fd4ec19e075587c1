"""An approval as it is shown."""

from __future__ import annotations

from dataclasses import dataclass

from roadbed.approvals.domain import Approval
from roadbed.policy.domain import Need


@dataclass(frozen=True, slots=True)
class ApprovalView:
    """`left` is what is still missing by the roles of now. `stale`: the stack was changed, so that it can't be approved
    any more. `decides`: the caller may; `again`: what was asked for can be asked for again, by a new plan.
    """

    approval: Approval
    left: tuple[Need, ...] = ()
    stale: bool = False
    decides: bool = False
    again: bool = False

    @property
    def mine(self) -> bool:
        """It waits for the caller."""
        return self.decides and not self.stale
