"""How long it takes from a folder to an answer: the first time, after a change of code, and when nothing changed."""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bench.declaring.projects import DJANGO, EXPRESS, FASTAPI, KINDS, ByItself, Folder, Kind
from bench.figures import Figure
from bench.platform import Platform, fresh_platform, wait_for

FIRST_DEPLOYS = 3
"""Each on a platform of its own."""
SECOND_DEPLOYS = 5

FIRST = {
    kind: Figure(f"first deploy of {kind.title}, folder to answering", None, "s", goal)
    for kind, goal in ((FASTAPI, 6), (EXPRESS, 6), (DJANGO, 10))
}
SECOND = {
    kind: Figure(f"second deploy of {kind.title}, beyond what it does by itself", None, "s", 1.5) for kind in KINDS
}
UNCHANGED = Figure("deploy of a folder that has not changed", None, "s", 0.7)
PARTS = ("packed and sent", "building", "applying", "the rest")


def parts(kind: Kind) -> dict[str, Figure]:
    """Where a first deploy's time goes."""
    return {part: Figure(f"  of it, {kind.title}: {part}", None, "s", None) for part in PARTS}


@dataclass(frozen=True, slots=True)
class Deployed:
    """`seconds` from the command's start to an answer of this code; `steps` as the operation timed them."""

    url: str
    seconds: float
    before: float
    steps: Mapping[str, float]

    def part(self, name: str) -> float:
        named = {"packed and sent": self.before, "building": self.steps["build"], "applying": self.steps["apply"]}
        return named.get(name, self.seconds - sum(named.values()))


def deploy(platform: Platform, folder: Folder) -> Deployed:
    """With all that is proposed for it. Raises CalledProcessError if the deploy fails."""
    asked, began = time.time(), time.perf_counter()
    url: str = platform.cli("deploy", folder.path, "--yes")["url"]
    wait_for(lambda: folder.answers(url), "an answer of this code")
    seconds = time.perf_counter() - began
    operation = platform.api("/operations?limit=1")["items"][0]
    return Deployed(url, seconds, _at(operation["created_at"]) - asked, _steps(operation))


def first_deploys(cache: Path) -> Iterator[Figure]:
    """Medians. `cache` holds the packages that an earlier platform has fetched, and nothing that it made of them."""
    runs = [_on_a_fresh_platform(cache) for _ in range(FIRST_DEPLOYS)]
    for kind in KINDS:
        deployed = [run[kind] for run in runs]
        yield FIRST[kind].measured(statistics.median(one.seconds for one in deployed))
        for name, figure in parts(kind).items():
            yield figure.measured(statistics.median(one.part(name) for one in deployed))


def _on_a_fresh_platform(cache: Path) -> dict[Kind, Deployed]:
    with fresh_platform() as platform:
        put_cache(cache, platform)
        return {kind: deploy(platform, Folder(kind, platform.work / kind.name)) for kind in KINDS}


def second_deploys(platform: Platform, folder: Folder) -> Iterator[Figure]:
    """The median of five deploys of changed code, less what the project takes without a platform."""
    own = ByItself(folder.kind, platform.work / f"{folder.kind.name}-by-itself").seconds
    yield SECOND[folder.kind].measured(
        statistics.median(_changed(platform, folder) for _ in range(SECOND_DEPLOYS)) - own
    )


def _changed(platform: Platform, folder: Folder) -> float:
    folder.change()
    return deploy(platform, folder).seconds


def unchanged(platform: Platform, folder: Folder) -> Iterator[Figure]:
    """The median of five, as whole processes."""
    yield UNCHANGED.measured(statistics.median(_nothing(platform, folder) for _ in range(SECOND_DEPLOYS)))


def _nothing(platform: Platform, folder: Folder) -> float:
    began = time.perf_counter()
    done = platform.cli("deploy", folder.path)
    seconds = time.perf_counter() - began
    if done["status"] != "unchanged":
        raise RuntimeError(f"the deploy found a change: {done}")
    return seconds


def keep_cache(platform: Platform, cache: Path) -> None:
    """With its owner: builds run as a user of their own."""
    subprocess.run(["cp", "-a", platform.home / "builds" / "cache", cache], check=True)


def put_cache(cache: Path, platform: Platform) -> None:
    builds = platform.home / "builds"
    builds.mkdir(mode=0o755, exist_ok=True)
    subprocess.run(["cp", "-a", cache, builds / "cache"], check=True)


def _steps(operation: Mapping[str, Any]) -> dict[str, float]:
    ended = [step for step in operation["steps"] if step["ended_at"]]
    return {step["name"]: _at(step["ended_at"]) - _at(step["started_at"]) for step in ended}


def _at(instant: str) -> float:
    return datetime.fromisoformat(instant).timestamp()
