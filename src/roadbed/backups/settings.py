"""`ROADBED_BACKUPS__…`"""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, Field


class BackupSettings(BaseModel):
    """Where backups are kept and for how long.

    `folder`: default `backups` below ROADBED_HOME. `final_days`: for how long one of what was deleted or overwritten
    stays; 0 makes none. `largest_gb`: what one file may hold. `free_gb`: what must stay free on the disk.
    """

    folder: Path | None = None
    final_days: float = Field(default=7, ge=0)
    largest_gb: float = Field(default=100, gt=0)
    free_gb: float = Field(default=1, ge=0)
