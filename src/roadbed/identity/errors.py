"""What identity refuses with."""

from __future__ import annotations

from typing import ClassVar

from roadbed.kit.access import Principal, Target
from roadbed.kit.errors import Refused, RoadbedError


class NotAllowed(Refused):
    """No policy permits this principal this action on this target. Says which role would do."""

    def __init__(self, message: str, *, hint: str | None, principal: Principal, action: str, target: Target) -> None:
        super().__init__(message, hint=hint)
        self.principal = principal
        self.action = action
        self.target = target


class TooManyAttempts(RoadbedError):
    """Too many wrong passwords for this account from this address. `retry_after` is in whole seconds."""

    code: ClassVar[str] = "too_many_attempts"
    status: ClassVar[int] = 429
    exit_code: ClassVar[int] = 5

    def __init__(self, retry_after: int) -> None:
        super().__init__(
            "too many wrong passwords for this account from here",
            hint=f"wait {retry_after} s, then try again",
        )
        self.retry_after = retry_after
