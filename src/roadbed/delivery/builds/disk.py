"""What builds take of the disk, and the removal of what is no longer needed there."""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from roadbed.delivery.builds.folders import MAKING
from roadbed.delivery.builds.walking import files_below

_YOUNG_S = 3600.0
"""A layer that was used since may be part of a build that is being made."""
_OWN = frozenset({"layers", "logs", "locks", "cache"})


@dataclass(frozen=True, slots=True)
class Use:
    """Bytes on disk. What a source shares with the artifact that was made of it counts once, as the source's."""

    sources: int
    layers: int
    artifacts: int
    cache: int
    total: int


class Disk:
    """`ROADBED_HOME/builds` and `ROADBED_HOME/sources`."""

    def __init__(self, home: Path) -> None:
        self._builds, self._sources = home / "builds", home / "sources"

    def use(self, without: Collection[str] = ()) -> Use:
        """As it is, or as it would be without these artifacts and layers."""
        seen: set[tuple[int, int]] = set()
        sources = _taken([self._sources], seen)
        layers = _taken((path for path in _entries(self._builds / "layers") if path.name not in without), seen)
        artifacts = _taken((path for path in self._artifacts() if path.name not in without), seen)
        cache = _taken([self._builds / "cache"], seen)
        return Use(sources, layers, artifacts, cache, sources + layers + artifacts + cache)

    def unused_layers(self, without: Collection[str], now: datetime) -> list[str]:
        """Those that no artifact mounts, as artifacts themselves say, and that were not used of late."""
        used = {layer for path in self._artifacts() if path.name not in without for layer in _layers_of(path)}
        return [
            path.name
            for path in _entries(self._builds / "layers")
            if path.name not in used and not path.name.startswith(MAKING) and _age(path, now) > _YOUNG_S
        ]

    def remove_unused_layers(self, now: datetime) -> list[str]:
        gone = self.unused_layers((), now)
        for digest in gone:
            self.remove(_hidden(self._builds / "layers" / digest))
        return gone

    def remove_old_logs(self, before: datetime) -> None:
        """Of builds that failed, or are gone."""
        for log in _entries(self._builds / "logs"):
            if log.stat().st_mtime < before.timestamp() and not (self._builds / log.stem).exists():
                log.unlink(missing_ok=True)

    def hide(self, digest: str) -> Path:
        """Takes an artifact out of sight at once. Gives what to remove."""
        with suppress(FileNotFoundError):
            (self._builds / "logs" / f"{digest}.log").unlink()
        return _hidden(self._builds / digest)

    def remove(self, hidden: Path) -> None:
        shutil.rmtree(hidden, ignore_errors=True)

    def _artifacts(self) -> Iterator[Path]:
        return (path for path in _entries(self._builds) if path.name not in _OWN and not path.name.startswith("."))


def _hidden(path: Path) -> Path:
    hidden = path.with_name(f"{MAKING}{path.name}")
    with suppress(FileNotFoundError):
        path.rename(hidden)
    return hidden


def _layers_of(artifact: Path) -> Iterator[str]:
    """The digests in `…/layers/<digest>/…` of what it mounts."""
    with suppress(OSError, ValueError):
        for mount in json.loads((artifact / "artifact.json").read_text())["mounts"]:
            parts = Path(mount["source"]).parts
            if "layers" in parts[:-1]:
                yield parts[parts.index("layers") + 1]


def _age(path: Path, now: datetime) -> float:
    try:
        return now.timestamp() - path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _entries(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _taken(folders: Iterator[Path] | list[Path], seen: set[tuple[int, int]]) -> int:
    """The bytes that files below take, each file once however many names it has."""
    total = 0
    for status in files_below(folders):
        if (status.st_dev, status.st_ino) not in seen:
            seen.add((status.st_dev, status.st_ino))
            total += status.st_blocks * 512
    return total
