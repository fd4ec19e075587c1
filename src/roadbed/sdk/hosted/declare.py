"""A whole program, `roadbed.py`, declares the resources of its stack."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from roadbed.sdk.errors import ProgramError
from roadbed.sdk.hosted.places import Places
from roadbed.sdk.hosted.programs import run
from roadbed.sdk.hosted.source import importable
from roadbed.sdk.program import Context, Program, running

PROGRAM = "roadbed.py"


def declare(request: Mapping[str, Any], places: Places) -> dict[str, Any]:
    file = places.folder / PROGRAM
    if not file.is_file():
        raise ProgramError(f"there is no {PROGRAM} in {places.shown or 'the source tree'}", "add one that declares")
    sys.path.insert(0, importable(places.folder))
    if places.library is not None:
        sys.path.append(importable(places.library.parent))
    context = Context(request["stack"], request["environment"], request["environment_kind"], request.get("owner"))
    with running(Program(context.stack, context)) as program:
        run(file, "__roadbed__")
    for resource in program.resources.values():
        resource["source"] = places.shorten(resource["source"])
    for name, source in program.export_sources.items():
        program.export_sources[name] = places.shorten(source)
    return {"graph": program.document()}
