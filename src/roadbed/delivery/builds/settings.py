"""`ROADBED_BUILDS__…`"""

from __future__ import annotations

from pydantic import BaseModel, Field

from roadbed.delivery.builds.watching import DISK_MB, MEMORY_MB, PROCESSES, Ceiling


class BuildSettings(BaseModel):
    """How builds are made and for how long they are kept.

    `at_once`: commands of builds that run at the same time. `memory_mb`, `processes`: what one and all that it starts
    may have; `disk_mb`: what it may write. `git_files`: whether git URLs may name folders of this
    machine (`file://`). A build that no release needs is pruned when it was last used `older_than_days` ago and
    `keep` others were used since; `prune_every_hours` 0 prunes only when asked.
    """

    at_once: int = Field(default=2, ge=1, le=64)
    memory_mb: int = Field(default=MEMORY_MB, ge=64)
    processes: int = Field(default=PROCESSES, ge=16)
    disk_mb: int = Field(default=DISK_MB, ge=16)
    git_files: bool = False
    keep: int = Field(default=10, ge=0)
    older_than_days: float = Field(default=30, ge=0)
    prune_every_hours: float = Field(default=24, ge=0)

    @property
    def ceiling(self) -> Ceiling:
        return Ceiling(self.memory_mb, self.processes, self.disk_mb)
