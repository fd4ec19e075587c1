"""What a sandbox is made of: what a command may see and use, and what this machine gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Literal

from roadbed.kit.errors import InvalidInput

DEFAULT_UID = 64001
"""No distribution gives this number to anybody. A caller may choose another to keep two sandboxes apart."""


@dataclass(frozen=True, slots=True)
class Mount:
    """A folder or file of this machine (`source`) at a place in the sandbox (`target`), both absolute.

    `within` is a folder below `source`, where programs may have put links to anywhere: none is followed on the way.
    What is written to a `layered` one lies in memory, over the folder, and goes with the sandbox: where the kernel
    allows no such layer it is read-only.
    """

    source: str
    target: str
    writable: bool = False
    within: str = ""
    layered: bool = False


@dataclass(frozen=True, slots=True)
class File:
    """A file that is made of its content: the sandbox's own copy, which belongs to its user and lies in memory."""

    content: bytes
    mode: int = 0o444


@dataclass(frozen=True, slots=True)
class Limits:
    """What each process may use; None means no limit. `processes` counts all processes of the sandbox's user.

    `memory_mb` limits a process's private data (RLIMIT_DATA), not the address space, which some runtimes reserve
    far beyond what they use.
    """

    memory_mb: int | None = None
    cpu_seconds: int | None = None
    processes: int | None = None
    file_size_mb: int | None = None
    open_files: int | None = None
    nice: int = 0


@dataclass(frozen=True, slots=True)
class Sandbox:
    """What a command sees. `files` stand at absolute paths, also below what is mounted read-only.

    `/tmp` is private and empty, `tmp_mb` large at most. As root, a writable mount must belong to `uid` already.
    """

    mounts: tuple[Mount, ...] = ()
    files: Mapping[str, File] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    workdir: str = "/"
    network: bool = True
    uid: int = DEFAULT_UID
    gid: int = DEFAULT_UID
    tmp_mb: int = 512
    limits: Limits = Limits()

    def __post_init__(self) -> None:
        places = [self.workdir, *self.files, *(path for mount in self.mounts for path in (mount.source, mount.target))]
        for place in places:
            if not place.startswith("/") or ".." in PurePosixPath(place).parts or "\0" in place:
                raise InvalidInput(f"{place!r} is not an absolute path", hint="write it from the root, without '..'")


@dataclass(frozen=True, slots=True)
class Host:
    """What of this machine every sandbox is made from. `bwrap` is None where the kernel forbids sandboxes; `layers`: it
    allows layers over folders.
    """

    bwrap: str | None
    python: str
    python_prefix: str
    root: bool
    folders: tuple[str, ...] = ("/usr",)
    links: tuple[tuple[str, str], ...] = ()
    etc: tuple[str, ...] = ()
    layers: bool = True


@dataclass(frozen=True, slots=True)
class Launch:
    """How to start a command: the arguments, and what they name by descriptors.

    `files` are memory files and their contents, `folders` the source of a mount and the folder within it to open.
    """

    argv: tuple[str, ...]
    files: tuple[tuple[int, bytes], ...]
    folders: tuple[tuple[int, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Isolation:
    """What holds on this machine, for `doctor` and `status`. `reason` says why there is no sandbox, if so.

    `user` is who replicas run as. `memory`: a limit is kept by the kernel (`cgroup`) or by looking every 2 s (`watch`).
    `cpu`: a limit is kept by the kernel (`cgroup`), or not enforced here (`none`).
    """

    sandbox: bool
    reason: str | None
    user: str
    memory: Literal["cgroup", "watch"]
    cpu: Literal["cgroup", "none"] = "none"
