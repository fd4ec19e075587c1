"""What publishing a building block would change, told of all the stacks that ask for it."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.figures import Figure
from bench.platform import Platform

STACKS, AT_ONCE, RUNS = 200, 4, 5
NAME = "license-key"

IMPACT = Figure(f"the impact of a building block that {STACKS} stacks use, each of which it changes", None, "s", 5)

_APPLICATION = """\
apiVersion: roadbed.dev/v1
kind: Application
metadata: {{name: {name}, owner: group:default/platform}}
resources:
  key: {{type: {block}}}
"""


def publishing(platform: Platform) -> Iterator[Figure]:
    """Each stack is an application of its own, deployed as its team would."""
    platform.cli("platform", "new", "block", NAME)
    platform.cli("platform", "publish", NAME, "--yes")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda number: _deploy(platform, f"team-{number}"), range(STACKS)))
    _change(platform.home / "platform" / "provisioners" / NAME / "block.py")
    yield IMPACT.measured(statistics.median(_impact(platform) for _ in range(RUNS)))


def _deploy(platform: Platform, name: str) -> None:
    """It runs nothing: what is measured is how much is looked at."""
    folder = platform.work / name
    folder.mkdir()
    (folder / "roadbed.yaml").write_text(_APPLICATION.format(name=name, block=NAME))
    (folder / "roadbed.py").write_text("")
    platform.cli("deploy", folder)


def _change(program: Path) -> None:
    text = program.read_text().replace('version="0.1.0"', 'version="0.2.0"')
    program.write_text(text.replace("special=False", "special=True"))


def _impact(platform: Platform) -> float:
    """Seconds of the command, from its start to its end."""
    began = time.perf_counter()
    found = platform.cli("platform", "diff", NAME)["items"][0]
    took = time.perf_counter() - began
    if found["using"] != STACKS or len(found["stacks"]) != STACKS:
        raise RuntimeError(f"{found['using']} stacks ask for it, and {len(found['stacks'])} would change")
    return took
