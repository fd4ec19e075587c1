"""What is shown of builds."""

from __future__ import annotations

from dataclasses import dataclass

from roadbed.delivery.builds.domain import Build


@dataclass(frozen=True, slots=True)
class BuildView:
    """A build, and the releases that need it: `orders@dev v3`, the newest first."""

    build: Build
    used_by: tuple[str, ...]
