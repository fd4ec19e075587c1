"""`ROADBED_RUNTIMES__…`"""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, Field, model_validator


class RuntimeSettings(BaseModel):
    """Times are in seconds.

    `drain_s`: between the gateway's last request to a replica and its SIGTERM. `grace_s`: between SIGTERM and SIGKILL.
    `settle_s`: for which a replica must stay up that has neither a port nor a readiness probe, to be ready.
    `deadline_s`: in which new replicas must become ready. `log_bytes`: size at which a replica's log file is rotated,
    `log_files`: how many it has. `kept_replicas`: how many ended replicas of each service keep their logs.
    """

    drain_s: float = Field(default=1.0, ge=0)
    grace_s: float = Field(default=10.0, gt=0)
    settle_s: float = Field(default=3.0, ge=0)
    deadline_s: float = Field(default=60.0, gt=0)
    log_bytes: int = Field(default=10 * 1024 * 1024, ge=4096)
    log_files: int = Field(default=3, ge=1, le=100)
    kept_replicas: int = Field(default=10, ge=1)

    @model_validator(mode="after")
    def _settles_in_time(self) -> Self:
        if self.settle_s >= self.deadline_s:
            raise ValueError("settle_s must be less than deadline_s, or nothing without a port is ever ready")
        return self
