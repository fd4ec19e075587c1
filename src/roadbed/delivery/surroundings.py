"""Where an application is compiled for: what the two halves of compiling share."""

from __future__ import annotations

from dataclasses import dataclass

from roadbed.delivery.domain import Settings
from roadbed.kit.names import StackName


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What compiling needs beside the source."""

    stack: StackName
    kind: str
    owner: str | None
    artifact: str
    settings: Settings
