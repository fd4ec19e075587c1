"""In which order things are measured: what needs no platform, what fills the cache of packages, what needs it full."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from bench.declaring import compiling, deploying, together
from bench.declaring.projects import FASTAPI, KINDS, Folder
from bench.figures import Measurement
from bench.platform import fresh_platform

PLANNED = (
    compiling.COMPILE,
    compiling.PLAN,
    *(figure for kind in KINDS for figure in (deploying.FIRST[kind], *deploying.parts(kind).values())),
    *deploying.SECOND.values(),
    deploying.UNCHANGED,
    together.WALL,
    together.IDEAL,
    together.SECONDS,
)


def measurements() -> Iterator[Measurement]:
    """One platform fills the cache and measures all but first deploys; those get fresh ones."""
    yield Measurement("reading and compiling", compiling.read_and_compile)
    with tempfile.TemporaryDirectory(prefix="roadbed-bench-cache-") as kept:
        cache = Path(kept) / "cache"
        with fresh_platform() as platform:
            folders = {kind: Folder(kind, platform.work / kind.name) for kind in KINDS}
            for folder in folders.values():
                deploying.deploy(platform, folder)
            deploying.keep_cache(platform, cache)
            for folder in folders.values():
                title = f"second deploys of {folder.kind.title}"
                yield Measurement(title, partial(deploying.second_deploys, platform, folder))
            yield Measurement("deploys of nothing new", partial(deploying.unchanged, platform, folders[FASTAPI]))
            yield Measurement("deploys at once", partial(together.at_once, platform))
            yield Measurement("a plan of a large application", partial(compiling.plan, platform))
        yield Measurement("first deploys", partial(deploying.first_deploys, cache))
