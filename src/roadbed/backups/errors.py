"""What can be wrong with a backup."""

from __future__ import annotations

from roadbed.kit.errors import Conflict


class DamagedBackup(Conflict):
    """The file of a backup isn't what was written: nothing was restored from it."""

    code = "damaged_backup"


class TooSmall(Conflict):
    """What is in a backup doesn't fit into the place where it is to go."""

    code = "restore_too_small"
