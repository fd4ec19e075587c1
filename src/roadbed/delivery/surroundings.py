"""Where an application is compiled for: what the two halves of compiling share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from roadbed.delivery.domain import Settings
from roadbed.kit.names import StackName


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What compiling needs beside the source. `variables` are the environment's own."""

    stack: StackName
    kind: str
    owner: str | None
    artifact: str
    settings: Settings
    variables: Mapping[str, str] = field(default_factory=dict)
