"""What goes wrong in a program that declares. The host adds the user's file and line."""

from __future__ import annotations


class ProgramError(Exception):
    """A rule of the SDK was broken by the program. `hint` says what to write instead."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        self.message, self.hint = message, hint
        super().__init__(message)
