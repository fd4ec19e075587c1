"""What is shown of builds."""

from __future__ import annotations

from dataclasses import dataclass

from roadbed.delivery.builds.domain import Build
from roadbed.detection.summary import Understood


@dataclass(frozen=True, slots=True)
class Said:
    """What the files of a source say: what they call its application, and what is understood of one without a Score
    file.
    """

    application: str | None = None
    understood: Understood | None = None


@dataclass(frozen=True, slots=True)
class BuildView:
    """A build, and the releases that need it: `orders@dev v3`, the newest first."""

    build: Build
    used_by: tuple[str, ...]
