"""Shows an apply as it goes on, in the step of the operation that runs it."""

from __future__ import annotations

from typing import Final

from roadbed.control.run import StepRun
from roadbed.engine.domain import Action, Step
from roadbed.kit.errors import RoadbedError

MAX_TOLD_ONE_BY_ONE = 200
"""Of a larger plan the log tells failures only: the rest stands in the stack's journal."""

_DOING: Final[dict[Action, str]] = {
    "create": "creating",
    "update": "updating",
    "replace": "replacing",
    "delete": "deleting",
    "read": "reading",
    "adopt": "taking over",
    "import": "importing",
    "retain": "letting go of",
    "none": "looking at",
}
_DONE: Final[dict[Action, str]] = {
    "create": "created",
    "update": "updated",
    "replace": "replaced",
    "delete": "deleted",
    "read": "read",
    "adopt": "taken over",
    "import": "imported",
    "retain": "let go of",
    "none": "unchanged",
}


class StepWatcher:
    """Collects what it is told, and hands it on when it is flushed.

    One that is not `cancellable` cleans up after a cancelled apply: it goes on though somebody wished an end.
    """

    def __init__(self, run: StepRun, total: int, *, cancellable: bool = True) -> None:
        self._cancellable = cancellable
        self._run, self._total, self._done = run, total, 0
        self._lines: list[str] = []
        self._latest: Step | None = None
        self._changed = False

    def began(self, step: Step) -> None:
        self._latest, self._changed = step, True

    def ended(self, step: Step, error: RoadbedError | None) -> None:
        self._done += 1
        self._changed = True
        if error is not None or self._total <= MAX_TOLD_ONE_BY_ONE:
            self._lines.append(f"{_named(step)}: {error.message if error else _DONE[step.action]}")

    def said(self, step: Step, text: str) -> None:
        self._lines.append(f"{_named(step)}: {text}")

    async def flush(self) -> None:
        if self._lines:
            lines, self._lines = self._lines, []
            await self._run.log("\n".join(lines))
        if self._changed:
            self._changed = False
            await self._run.progress(self._done, self._total, self._doing())

    async def check_cancelled(self) -> None:
        if self._cancellable:
            await self._run.check_cancelled()

    def _doing(self) -> str | None:
        if self._latest is None or self._done >= self._total:
            return None
        return f"{_DOING[self._latest.action]} {_named(self._latest)}"


def _named(step: Step) -> str:
    """`postgres:Database web/db`: without the stack, which the reader knows."""
    path = step.urn.partition("/")[2].partition("#")[0]
    return f"{step.type} {path}"
