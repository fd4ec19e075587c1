"""What keeps a plan from being applied where others must want it, too."""

from __future__ import annotations

from roadbed.kit.errors import Refused


class ApprovalRefused(Refused):
    """Somebody whose approval was asked for refused."""

    code = "approval_refused"
