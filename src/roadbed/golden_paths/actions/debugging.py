"""debug:*: what helps who writes a template."""

from __future__ import annotations

import asyncio
from pathlib import Path

from roadbed.golden_paths.driver import TEXT, Action, ActionContext, Values, schema
from roadbed.kit.errors import InvalidInput

_LONGEST_WAIT = 600.0
_NUMBER: Values = {"type": "number", "minimum": 0}


async def _log(context: ActionContext, values: Values) -> Values:
    if message := values.get("message"):
        await context.progress.log(message)
    listing = values.get("listWorkspace", False)
    if listing:
        for line in await asyncio.to_thread(_lines, context.files, contents=listing == "with-contents"):
            await context.progress.log(line)
    return {}


def _lines(root: Path, *, contents: bool) -> list[str]:
    lines = []
    for path in sorted(root.rglob("*")):
        if path.is_file() and not path.is_symlink():
            lines.append(path.relative_to(root).as_posix())
            if contents:
                lines.append(path.read_text(errors="replace"))
    return lines


async def _wait(context: ActionContext, values: Values) -> Values:
    seconds = values.get("minutes", 0) * 60 + values.get("seconds", 0) + values.get("milliseconds", 0) / 1000
    if seconds > _LONGEST_WAIT:
        raise InvalidInput(f"a step may wait for {_LONGEST_WAIT:.0f} seconds at most")
    await context.progress.unless_cancelled(asyncio.sleep(seconds))
    return {}


DEBUG_ACTIONS = (
    Action(
        "debug:log",
        "Write to the log",
        "Writes a message, or the workspace's files, to the log.",
        schema(message=TEXT, listWorkspace={"enum": [True, False, "with-filenames", "with-contents"]}),
        _log,
        rehearses=True,
    ),
    Action("debug:wait", "Wait", "Waits.", schema(minutes=_NUMBER, seconds=_NUMBER, milliseconds=_NUMBER), _wait),
)
