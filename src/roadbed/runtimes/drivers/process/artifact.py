"""An artifact of kind directory, as the build wrote it: `builds/<digest>/artifact.json`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from roadbed.runtimes.errors import InvalidService
from roadbed.sandbox.domain import Mount

_DIGEST = re.compile(r"[A-Za-z0-9._-]{1,128}")


@dataclass(frozen=True, slots=True)
class Artifact:
    """`command` is what to run where the workload doesn't say, None if the build knows none. A program may write to its
    working directory, as on its developer's machine: each copy for itself, for as long as it runs.
    """

    mounts: tuple[Mount, ...]
    environment: Mapping[str, str]
    workdir: str
    command: tuple[str, ...] | None


def read_artifact(builds: Path, digest: str) -> Artifact:
    """Raises InvalidService when there is no such artifact."""
    if not _DIGEST.fullmatch(digest) or digest.startswith("."):
        raise InvalidService(f"{digest!r} is not the digest of an artifact")
    try:
        document = json.loads((builds / digest / "artifact.json").read_text())
    except FileNotFoundError as error:
        raise InvalidService(
            f"the artifact {digest[:12]} is gone from this machine", hint="deploy again: it is built anew"
        ) from error
    if document.get("kind") != "directory":
        raise InvalidService(f"the artifact {digest[:12]} is no directory, which is all that processes run from")
    command = document.get("command")
    return Artifact(
        mounts=tuple(
            Mount(mount["source"], mount["target"], layered=mount["target"] == document["workdir"])
            for mount in document["mounts"]
        ),
        environment=document["environment"],
        workdir=document["workdir"],
        command=tuple(command) if command else None,
    )
