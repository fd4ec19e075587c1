"""The packages of a Python tree, whatever file lists them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from roadbed.workload.document import Place

Manager: TypeAlias = Literal["uv", "poetry", "pipenv", "pip", "setuptools", "none"]


@dataclass(frozen=True, slots=True)
class Packages:
    """`names` are normalised; each is said at its place. Where nothing manages them, they are those that are imported.

    `python` is the range of versions that is asked for. `locked` names the lock file, None where there is none.
    `scripts` are the project's own commands: `module:function`, of Pipenv lines for a shell.
    """

    manager: Manager = "none"
    names: Mapping[str, Place] = field(default_factory=dict)
    python: str | None = None
    locked: str | None = None
    name: str | None = None
    scripts: Mapping[str, str] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return name in self.names

    def first(self, *names: str) -> str | None:
        return next((name for name in names if name in self.names), None)
