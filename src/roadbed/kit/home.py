"""Where the platform keeps its state, and where a client finds it. No third-party import: the CLI starts here."""

from __future__ import annotations

import os
from pathlib import Path


def roadbed_home() -> Path:
    """`ROADBED_HOME`; else for root `/var/lib/roadbed`, which other users can pass through; else XDG's data folder."""
    if configured := os.environ.get("ROADBED_HOME"):
        return Path(configured).expanduser().absolute()
    if os.geteuid() == 0:
        return Path("/var/lib/roadbed")
    data = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(data).expanduser() / "roadbed"
