"""Folders that a server's own user passes through, whatever the umask is."""

from __future__ import annotations

from pathlib import Path


def passable(folder: Path) -> None:
    """Makes it, and what is missing above it, so that others pass through and see nothing of what is in it."""
    for each in (*reversed(folder.parents), folder):
        if not each.exists():
            each.mkdir(mode=0o711, exist_ok=True)
            each.chmod(0o711)
