"""The shape of a recipe's parts: one for each language, each with a layer of its own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from roadbed.workload.targets import WORKDIR

APP = WORKDIR
"""Where the application lies, in builds and in replicas."""
CACHE = "/cache"
"""Packages that were downloaded before, for whatever installs: a folder for each tool."""
UV = "/opt/roadbed/uv"

_FORMAT = "roadbed-build-2"
INSTALL_TIMEOUT_S = 900.0
COMMAND_TIMEOUT_S = 900.0


class Tree(Protocol):
    """A source tree as recipes see it."""

    @property
    def paths(self) -> Collection[str]:
        """Of all files, relative, with `/`."""
        ...

    def read(self, path: str) -> bytes | None:
        """None for a file that isn't there. Raises TooLarge beyond 10 MB."""
        ...


@dataclass(frozen=True, slots=True)
class Step:
    """One command of a build. `does` says to the person who waits what goes on; `good` are the codes of success.

    One that is `optional` was not asked for by anybody: when it fails, that is said, and the build goes on.
    """

    does: str
    arguments: tuple[str, ...]
    timeout_s: float = INSTALL_TIMEOUT_S
    good: frozenset[int] = frozenset({0})
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """What one language needs and gives.

    `inputs` decide the layer's digest. `files` lie in the layer before anything is installed, by their paths in it.
    `work` maps folders of the layer to where `steps` write them; `keep` maps what the artifact has of it to where it is
    mounted. `installing` is set while it is installed, `environment` for commands and for what runs. `needs_tree`:
    installing reads more of the source tree than its inputs; where `work` says that a folder of the layer is the
    application's, the tree is copied there first. `lock` is the file in the layer that lists what was
    installed, None where the source tree has it. `unlocked` names what asks for packages whose versions no lock file of
    the tree says. `caches` maps variables to the folders of `CACHE` that they name to
    commands. `tools` are folders of the machine that it needs at the same place.
    `notes` are said once, when it is built. `folder` is where in the tree its packages are listed, empty for the root:
    while they are installed, that is the application's folder.
    """

    language: str
    version: str
    inputs: Mapping[str, Any]
    steps: tuple[Step, ...]
    work: Mapping[str, str]
    keep: Mapping[str, str]
    files: Mapping[str, bytes] = field(default_factory=dict)
    needs_tree: bool = False
    lock: str | None = None
    unlocked: str | None = None
    path: tuple[str, ...] = ()
    installing: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    caches: Mapping[str, str] = field(default_factory=dict)
    tools: tuple[str, ...] = ()
    commands: tuple[Step, ...] = ()
    command: tuple[str, ...] | None = None
    notes: tuple[str, ...] = ()
    folder: str = ""

    def layer(self, source: str, owner: str | None) -> str:
        """The digest of the layer. `owner`: whose secrets are shown to what installs it, None without any."""
        return digest(
            {
                "language": self.language,
                "version": self.version,
                "inputs": self.inputs,
                "steps": [step.arguments for step in self.steps],
                "files": {name: hashlib.sha256(content).hexdigest() for name, content in self.files.items()},
                "tree": f"{source}/{self.folder}".rstrip("/") if self.needs_tree else None,
                "owner": owner,
            }
        )


def digest(value: Mapping[str, Any]) -> str:
    text = json.dumps({"format": _FORMAT, **value}, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def sha256(content: bytes | None) -> str | None:
    return None if content is None else hashlib.sha256(content).hexdigest()
