"""A machine with languages, and source trees in memory, for tests of recipes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from roadbed.delivery.builds.domain import Machine, Tool

NODE = {"node": Tool("/usr/bin/node", "20.20.2", "/usr"), "npm": Tool("/usr/bin/npm", "11.0.0", "/usr")}
MACHINE = Machine("/usr/bin/python3.11", "/usr", "3.11.7", "linux-x86_64", "/opt/uv", "0.9.0", tools=NODE)


@dataclass(frozen=True)
class Files:
    contents: Mapping[str, bytes]

    @property
    def paths(self) -> frozenset[str]:
        return frozenset(self.contents)

    def read(self, path: str) -> bytes | None:
        return self.contents.get(path)
