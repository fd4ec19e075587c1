"""What waits for whoever looks: approvals, and waivers to decide on or about to end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from roadbed.approvals.views import ApprovalView
from roadbed.waivers.domain import Waiver


@dataclass(frozen=True, slots=True)
class Awaiting:
    """`ending` are waivers that end soon; all of them are the reader's to act on."""

    approvals: Sequence[ApprovalView] = ()
    waivers: Sequence[Waiver] = ()
    ending: Sequence[Waiver] = ()

    @property
    def number(self) -> int:
        return len(self.approvals) + len(self.waivers) + len(self.ending)
