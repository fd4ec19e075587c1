"""Folders below one that programs write to: what they left there may be links to anywhere, and none is followed.

Standard library only: a shim opens them, too.
"""

from __future__ import annotations

import os


def open_within(root: str, path: str) -> int:
    """A descriptor of the folder `path` below `root`. Raises OSError where it isn't there or a step is no folder."""
    found = os.open(root, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    for part in path.split("/"):
        if part in ("", "."):
            continue
        before = found
        try:
            found = os.open(part, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=before)
        finally:
            os.close(before)
    return found
