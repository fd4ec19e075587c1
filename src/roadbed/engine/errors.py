"""What a user can meet while planning and applying."""

from __future__ import annotations

from roadbed.kit.errors import Conflict, OperationFailed, Refused


class StalePlan(Conflict):
    """The stack was changed after the plan was made."""

    code = "stale_plan"


class PolicyRefused(Refused):
    """A mandatory policy forbids the plan."""

    code = "policy_refused"


class LeftOut(OperationFailed):
    """A step did not begin, because one that it depends on failed."""

    code = "left_out"


class ApplyFailed(OperationFailed):
    """A step failed. `problems` holds each failure; the state says truly what stands."""

    code = "apply_failed"
