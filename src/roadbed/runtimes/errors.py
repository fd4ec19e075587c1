"""What can go wrong with services and jobs."""

from __future__ import annotations

from roadbed.kit.errors import Conflict, InvalidInput, NotFound, OperationFailed, Unavailable


class RolloutFailed(OperationFailed):
    """The new replicas never became ready. The old ones, if there were any, serve as before."""

    code = "rollout_failed"


class RolloutSuperseded(Conflict):
    """Another update of the same service came before this one was through."""

    code = "rollout_superseded"


class JobFailed(OperationFailed):
    """A job ended with another exit code than 0, or took too long."""

    code = "job_failed"


class WorkloadTaken(Conflict):
    """Another resource has the service or job of that name, also one that was moved and had this one's URN before.

    `key` is the stack and the workload's name: `orders@dev/web`.
    """

    code = "workload_taken"

    def __init__(self, key: str) -> None:
        hint = "give the workload another name, or move that resource back under this one's"
        super().__init__(f"{key} is another resource's already", hint=hint)


class InvalidService(InvalidInput):
    """The specification of a service or job can't be read."""

    code = "invalid_service"


class ServiceNotFound(NotFound):
    code = "service_not_found"


class CannotStart(Unavailable):
    """This machine could not start a replica."""

    code = "cannot_start"
