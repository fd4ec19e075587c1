"""What can go wrong with sealed values and their key. None of these carries a value."""

from __future__ import annotations

from typing import ClassVar

from roadbed.kit.errors import RoadbedError


class KeyUnusable(RoadbedError):
    """The key file is unreadable, damaged, or readable by others."""

    code: ClassVar[str] = "key_unusable"
    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 5


class CannotOpen(RoadbedError):
    """A sealed text was changed, belongs to another context, or was sealed with another key."""

    code: ClassVar[str] = "cannot_open"
    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1
