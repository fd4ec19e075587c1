"""What goes wrong in a program that declares. The host adds the user's file and line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ProgramError(Exception):
    """A rule of the SDK was broken by the program, or a provisioner refuses what it is asked for.

    `hint` says what to write instead, `param` names the param of a request that is wrong. `place` is set by the host
    where the one to mend is not the program but the file that asked: `{"file", "line", "column"}`.
    """

    def __init__(self, message: str, hint: str | None = None, *, param: str | None = None) -> None:
        self.message, self.hint, self.param = message, hint, param
        self.place: Mapping[str, Any] | None = None
        super().__init__(message)
