"""What a user can meet while planning and applying."""

from __future__ import annotations

from roadbed.kit.errors import Conflict, OperationFailed, Refused


class StalePlan(Conflict):
    """The stack was changed after the plan was made."""

    code = "stale_plan"


class PlanChanged(Refused):
    """The plan is not what it was when it was made: somebody edited it where it is stored."""

    code = "plan_changed"


class StackBusy(Conflict):
    """Another apply of the stack goes on."""

    code = "stack_busy"


class ExportInUse(Conflict):
    """What another stack imports would be exported no more."""

    code = "export_in_use"


class PolicyRefused(Refused):
    """A mandatory policy forbids the plan."""

    code = "policy_refused"


class NotApproved(Refused):
    """The plan waits for an approval that it doesn't have, or not any more."""

    code = "not_approved"


class BadAnswer(OperationFailed):
    """A provider's answer breaks what its type declares."""

    code = "bad_answer"


class TimedOut(OperationFailed):
    """A provider did not answer in time; what it began may still come true."""

    code = "timed_out"


class LeftOut(OperationFailed):
    """A step did not begin, because one that it depends on failed."""

    code = "left_out"


class ApplyFailed(OperationFailed):
    """A step failed. `problems` holds each failure; the state says truly what stands."""

    code = "apply_failed"
