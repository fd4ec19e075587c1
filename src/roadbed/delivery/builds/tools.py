"""The languages' tools on this machine: looked for when a recipe first asks, and then remembered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from roadbed.delivery.builds.domain import Tool
from roadbed.detection.languages import PYTHONS
from roadbed.kit.programs import installed

_NAMES = ("node", "npm", "go", "ruby", "bundle", *PYTHONS)


class MachineTools(Mapping[str, Tool]):
    """By the names that one calls them with; only those that are on the PATH and say their version."""

    def __getitem__(self, name: str) -> Tool:
        tool = find(name) if name in _NAMES else None
        if tool is None:
            raise KeyError(name)
        return tool

    def __iter__(self) -> Iterator[str]:
        return (name for name in _NAMES if find(name) is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def find(name: str) -> Tool | None:
    """A tool that is there and says what it is. Its prefix is the folder above its own `bin`."""
    if (found := installed(name)) is None:
        return None
    program = Path(found.path).resolve()
    path = str(program) if name.startswith("python") else found.path
    return Tool(path, found.version, str(program.parent.parent))
