"""Sources, builds, and the machine that makes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Source:
    """An uploaded tree. `digest` names its content, `size` counts the bytes that came."""

    digest: str
    size: int


@dataclass(frozen=True, slots=True)
class Build:
    """An artifact and how it came to be. `lock` holds the versions that were installed, in pip's format.

    `digest` names the artifact, `layer` its dependencies. `size` counts bytes on disk without the layer.
    """

    digest: str
    source: str
    layer: str
    recipe: Mapping[str, Any]
    created_at: datetime
    created_by: str
    duration_s: float
    size: int
    log: str
    owner: str | None = None
    lock: str | None = None


@dataclass(frozen=True, slots=True)
class Machine:
    """What builds are made with. Paths are absolute; `version` is the interpreter's, as in `3.11.7`.

    `environment` and `mounts` bring the machine's package index settings into the sandbox: mounts map a path of the
    machine to its place there. `max_processes` is how many a build may have, None where that can't be counted.
    Where it isn't `sandboxed`, what is installed must bear being moved to another path.
    """

    python: str
    python_prefix: str
    version: str
    platform: str
    uv: str
    uv_version: str
    environment: Mapping[str, str] = field(default_factory=dict)
    mounts: Mapping[str, str] = field(default_factory=dict)
    max_processes: int | None = None
    sandboxed: bool = True
