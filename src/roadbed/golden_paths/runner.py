"""Runs a template as a durable operation.

Each step of the template is a step of the operation, recorded with what it put out, so that after a crash the run goes
on where it was. A run that fails before something was deployed takes back, in reverse order, what its steps made.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from roadbed.control.errors import Cancelled, Superseded
from roadbed.control.lost import is_lost
from roadbed.control.run import Run, StepRun
from roadbed.golden_paths.domain import TemplateStep
from roadbed.golden_paths.driver import Action, ActionContext, Progress, Values
from roadbed.golden_paths.errors import StepFailed
from roadbed.golden_paths.evaluation import Evaluation, Occasion, check_input
from roadbed.golden_paths.reader import read_template
from roadbed.golden_paths.workspace import Workspace
from roadbed.kit.errors import RoadbedError
from roadbed.storage.call import Call

KIND = "template.run"

T = TypeVar("T")

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Attempt:
    """One attempt at a run. `made` is what was done so far and may have to be taken back."""

    run: Run
    evaluation: Evaluation
    workspace: Workspace
    folder: Path
    made: list[dict[str, Any]] = field(default_factory=list)

    def transaction(self) -> AbstractAsyncContextManager[Call]:
        return self.run.database.call(self.run.principal)


class Runner:
    """`root` is the platform repo; `workspaces` holds a folder for each run while it lasts."""

    def __init__(self, actions: Mapping[str, Action], *, root: Path, workspaces: Path) -> None:
        self._actions = actions
        self._titles = {action.id: action.title for action in actions.values()}
        self._root = root
        self._workspaces = workspaces

    async def handle(self, run: Run) -> Mapping[str, Any]:
        """The operation's handler. Gives the template's output."""
        attempt = self._attempt(run)
        if failure := attempt.workspace.failure():
            await self._take_back(attempt, failure["made"])
            attempt.workspace.remove()
            raise _restored(failure["error"])
        try:
            for number, step in enumerate(attempt.evaluation.template.steps):
                await self._step(attempt, number, step)
            output = attempt.evaluation.output()
        except Exception as error:
            if isinstance(error, Superseded) or is_lost(error):
                raise  # this attempt is only interrupted: the next one goes on
            attempt.workspace.note_failure({"made": attempt.made, "error": _recorded(error)})
            await self._take_back(attempt, attempt.made)
            attempt.workspace.remove()
            raise
        await asyncio.to_thread(attempt.workspace.remove)
        return output

    def _attempt(self, run: Run) -> _Attempt:
        """The template as it was when the run was accepted, whatever became of its file since."""
        given = run.operation.input
        template = read_template(given["template"], given["file"], self._titles)
        return _Attempt(
            run=run,
            evaluation=Evaluation(template, given["parameters"], given["user"], run.operation.id),
            workspace=Workspace(self._workspaces / run.operation.id),
            folder=(self._root / template.file).parent,
        )

    async def _step(self, attempt: _Attempt, number: int, step: TemplateStep) -> None:
        action = self._actions[step.action]
        occasions = attempt.evaluation.occasions(step)
        for occasion in occasions:
            check_input(step, action, occasion.input)
            attempt.made.append({"action": action.id, "name": step.name, "input": occasion.input})
        begun = [await self._begin(attempt, number, step, action, occasion) for occasion in occasions]

        async def work(progress: StepRun) -> list[Values]:
            if not occasions:
                await progress.log("left out: its condition is false")
                return []
            choose = attempt.workspace.begin if action.changes_files else attempt.workspace.before
            files = await asyncio.to_thread(choose, number)
            outputs = []
            for occasion, started in zip(occasions, begun, strict=True):
                context = self._context(attempt, files, progress, started)
                outputs.append(await action.run(context, occasion.input))
            if action.changes_files:
                await asyncio.to_thread(attempt.workspace.commit, number)
            return outputs

        attempt.evaluation.record(step, await attempt.run.step(step.id, step.name, work))
        if action.final and occasions:
            attempt.made.clear()

    async def _begin(
        self, attempt: _Attempt, number: int, step: TemplateStep, action: Action, occasion: Occasion
    ) -> Any:
        """What the action's `begin` gave: recorded in the very transaction that it worked in, so it happens once."""
        if (begin := action.begin) is None:
            return None
        name = begin_step(step, occasion.key)
        context = self._context(attempt, attempt.workspace.before(number), Silent(), None)
        return await attempt.run.transaction(
            name, action.begin_title, lambda call: begin(call, context, occasion.input)
        )

    def _context(self, attempt: _Attempt, files: Path, progress: Progress, begun: Any) -> ActionContext:
        return ActionContext(
            files=files,
            folder=attempt.folder,
            root=self._root,
            progress=progress,
            transaction=attempt.transaction,
            run=attempt.run.operation.id,
            parameters=attempt.evaluation.parameters,
            begun=begun,
        )

    async def _take_back(self, attempt: _Attempt, made: list[dict[str, Any]]) -> None:
        """Undoes the steps from the last to the first. What can't be undone is said, and the rest goes on."""
        context = self._context(attempt, attempt.workspace.before(0), Silent(), None)
        for entry in reversed(made):
            undo = self._actions[entry["action"]].undo
            if undo is None:
                continue
            await attempt.run.log(f"taking back: {entry['name']}")
            try:
                await undo(context, entry["input"])
            except RoadbedError as error:
                log.warning("%s could not be taken back: %s", entry["name"], error)
                await attempt.run.log(f"could not take it back: {error}")


class Silent:
    """A Progress for what happens between steps: keeps what is said, for whoever asks."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    async def log(self, text: str) -> None:
        self.lines.append(text)

    async def progress(self, done: int, total: int, message: str | None = None) -> None:
        """Nobody waits."""

    async def unless_cancelled(self, work: Awaitable[T]) -> T:
        return await work


def begin_step(step: TemplateStep, key: str | None = None) -> str:
    """The name of the operation's step in which something is begun for the template's `step`, or for one item of it."""
    return f"{step.id}:begin" if key is None else f"{step.id}:begin:{key}"


def _recorded(error: Exception) -> dict[str, Any]:
    if isinstance(error, RoadbedError):
        return {"message": error.message, "hint": error.hint, "file": error.problem.file, "line": error.problem.line}
    if isinstance(error, Cancelled):
        return {"cancelled": True}
    return {"message": "the run was broken off by an error of the platform", "hint": "look at the platform's log"}


def _restored(record: Mapping[str, Any]) -> Exception:
    if record.get("cancelled"):
        return Cancelled()
    return StepFailed(record["message"], hint=record["hint"], file=record.get("file"), line=record.get("line"))
