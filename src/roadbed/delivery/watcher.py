"""Shows an apply as it goes on, in the step of the operation that runs it."""

from __future__ import annotations

from roadbed.control.run import StepRun
from roadbed.engine.domain import Step
from roadbed.kit.errors import RoadbedError

_DOING = {"create": "creating", "update": "updating", "replace": "replacing", "delete": "deleting"}
_DONE = {"create": "created", "update": "updated", "replace": "replaced", "delete": "deleted"}


class StepWatcher:
    def __init__(self, run: StepRun, total: int) -> None:
        self._run, self._total, self._done = run, total, 0

    async def began(self, step: Step) -> None:
        await self._run.progress(self._done, self._total, f"{_DOING[step.action]} {_named(step)}")

    async def ended(self, step: Step, error: RoadbedError | None) -> None:
        self._done += 1
        await self._run.log(f"{_named(step)}: {error.message if error else _DONE[step.action]}")
        await self._run.progress(self._done, self._total)

    async def said(self, step: Step, text: str) -> None:
        await self._run.log(f"{_named(step)}: {text}")

    async def check_cancelled(self) -> None:
        await self._run.check_cancelled()


def _named(step: Step) -> str:
    """`postgres:Database web/db`: without the stack, which the reader knows."""
    path = step.urn.partition("/")[2].partition("#")[0]
    return f"{step.type} {path}"
