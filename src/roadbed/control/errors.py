"""What can go wrong with durable work."""

from __future__ import annotations

from roadbed.kit.errors import Conflict, NotFound


class OperationNotFound(NotFound):
    """There is no such operation."""

    code = "operation_not_found"


class OperationEnded(Conflict):
    """It can't be cancelled any more: it has ended."""

    code = "operation_ended"


class Cancelled(Exception):
    """Somebody asked to cancel the operation. A handler lets it pass, cleaning up on the way."""


class Parked(Exception):
    """The operation waits for somebody. A handler lets it pass; it is begun again when the operation is woken."""


class Superseded(Exception):
    """Another worker took the operation over: this run may write nothing more about it."""
