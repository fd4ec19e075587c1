"""The files of a source tree that say what an application is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TypeAlias

ReadFiles: TypeAlias = Callable[[Collection[str]], Mapping[str, bytes]]
"""Gives the contents of the named files that exist; paths are relative to the source tree."""

APPLICATION_FILES = ("roadbed.yaml", "roadbed.yml")
SCORE_FILES = ("score.yaml", "score.yml")
CATALOG_FILES = ("catalog-info.yaml", "catalog-info.yml")
PROGRAM = "roadbed.py"
API_VERSION, KIND = "roadbed.dev/v1", "Application"
"""What `roadbed.yaml` says that it is."""


def from_mapping(files: Mapping[str, str]) -> ReadFiles:
    """A ReadFiles over texts in memory."""
    return lambda names: {name: files[name].encode() for name in names if name in files}
