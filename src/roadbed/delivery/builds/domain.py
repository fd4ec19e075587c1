"""Sources, builds, and the machine that makes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal, Self, TypeAlias


@dataclass(frozen=True, slots=True)
class Source:
    """An uploaded tree. `digest` names its content, `size` counts the bytes that came."""

    digest: str
    size: int


OriginKind: TypeAlias = Literal["folder", "revision", "archive", "git"]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a source tree came from. `revision` is a commit; a `dirty` tree differs from it. `url` has no credentials.

    `ref` is what was asked for, or what names the revision in its repository: a branch, a tag.
    """

    kind: OriginKind = "folder"
    revision: str | None = None
    ref: str | None = None
    dirty: bool = False
    url: str | None = None

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        return cls(**document)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def said(self) -> str | None:
        """`1a2b3c4 (main), changed`; None where it is of no revision."""
        if self.revision is None:
            return None
        named = f" ({self.ref})" if self.ref and not self.revision.startswith(self.ref) else ""
        return f"{self.revision[:7]}{named}{', changed' if self.dirty else ''}"


@dataclass(frozen=True, slots=True)
class Build:
    """An artifact and how it came to be. `lock` holds the versions that were installed where no lock file did.

    `digest` names the artifact. `size` counts bytes on disk without the layers. `used_at` is when it was last made or
    asked for. `origin` is the source's, as it was sent for this build.
    """

    digest: str
    source: str
    recipe: Mapping[str, Any]
    created_at: datetime
    created_by: str
    used_at: datetime
    duration_s: float
    size: int
    log: str
    owner: str | None = None
    lock: str | None = None
    origin: Origin = Origin()


@dataclass(frozen=True, slots=True)
class Tool:
    """A program of the machine, its version, and the folder that must be seen for it to run. Paths are absolute."""

    program: str
    version: str
    prefix: str


@dataclass(frozen=True, slots=True)
class Machine:
    """What builds are made with. Paths are absolute; `version` is the interpreter's, as in `3.11.7`.

    `environment` and `mounts` bring the machine's package index settings into the sandbox: mounts map a path of the
    machine to its place there, `files` are contents that only the platform may read where they lie. Where it isn't
    `sandboxed`, what is installed must bear being moved to another path. `tools` are what is there to build with beside
    Python, by the name that one calls it with. `lower` is put before commands to let others have the disk first. `base`
    says what an image would have to be made from.
    """

    python: str
    python_prefix: str
    version: str
    platform: str
    uv: str
    uv_version: str
    environment: Mapping[str, str] = field(default_factory=dict)
    mounts: Mapping[str, str] = field(default_factory=dict)
    sandboxed: bool = True
    files: Mapping[str, bytes] = field(default_factory=dict)
    tools: Mapping[str, Tool] = field(default_factory=dict)
    lower: tuple[str, ...] = ()
    base: Mapping[str, str] = field(default_factory=dict)
