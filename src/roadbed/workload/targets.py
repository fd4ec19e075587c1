"""Where files and volumes can be put in a container. Pure."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import PurePosixPath

WORKDIR = "/app"
"""Where the artifact lies, and commands start: what relative targets are relative to."""

_LONGEST = 4000
"""Characters; what kernels take for a path, nearly."""
_KERNELS = ("/proc", "/sys", "/dev", "/run/roadbed")
_SHARED_MEMORY = "/dev/shm"  # noqa: S108 - of the sandbox


def absolute(target: str) -> str | None:
    """The absolute path in its shortest spelling; None where that is no path within the container."""
    place = PurePosixPath(target)
    if not place.name or ".." in place.parts or "\0" in target or len(target) > _LONGEST:
        return None
    return "/" + "/".join((PurePosixPath(WORKDIR) / place).parts[1:])


def is_the_kernels(target: str) -> bool:
    """`target` is absolute."""
    kernels = any(PurePosixPath(target).is_relative_to(folder) for folder in _KERNELS)
    return kernels and not target.startswith(f"{_SHARED_MEMORY}/")


def parent_of(target: str) -> str:
    """The folder in which it stands; empty for the root."""
    return target.rpartition("/")[0]


def nearest_around(target: str, others: Collection[str]) -> str | None:
    """The one of `others` that `target` is, or would stand within, if any. Within a volume, links that programs keep
    there may lead elsewhere; within a file nothing stands.
    """
    place = target
    while place and place not in others:
        place = parent_of(place)
    return place or None
