"""Dry runs: what a template would make, without making any of it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from roadbed.golden_paths.domain import DryRun, PlannedStep, TemplateStep
from roadbed.golden_paths.driver import Action, ActionContext, Values
from roadbed.golden_paths.evaluation import Evaluation, Occasion, check_input, examples
from roadbed.golden_paths.runner import Silent
from roadbed.storage.call import Call

_MAX_SHOWN = 200_000


class Rehearsal:
    """Runs the steps that change nothing outside; of the others it only evaluates the input."""

    def __init__(
        self,
        actions: Mapping[str, Action],
        evaluation: Evaluation,
        *,
        root: Path,
        transaction: Callable[[], AbstractAsyncContextManager[Call]],
    ) -> None:
        self._actions = actions
        self._evaluation = evaluation
        self._root = root
        self._transaction = transaction
        self._progress = Silent()

    async def run(self) -> DryRun:
        with tempfile.TemporaryDirectory(prefix="roadbed-rehearsal-") as folder:
            files = Path(folder)
            steps = [await self._step(step, files) for step in self._evaluation.template.steps]
            return DryRun(tuple(steps), _contents(files), tuple(self._progress.lines), self._evaluation.output())

    async def _step(self, step: TemplateStep, files: Path) -> PlannedStep:
        action = self._actions[step.action]
        occasions = self._evaluation.occasions(step)
        outputs = [await self._occasion(step, action, occasion, files) for occasion in occasions]
        self._evaluation.record(step, outputs)
        shown = occasions[0].input if occasions else {}
        return PlannedStep(step.id, step.name, step.action, skipped=not occasions, input=shown)

    async def _occasion(self, step: TemplateStep, action: Action, occasion: Occasion, files: Path) -> Values:
        check_input(step, action, occasion.input)
        if not action.rehearses:
            return examples(action)
        context = ActionContext(
            files=files,
            folder=(self._root / self._evaluation.template.file).parent,
            root=self._root,
            progress=self._progress,
            transaction=self._transaction,
            run=self._evaluation.run,
            parameters=self._evaluation.parameters,
        )
        return await action.run(context, occasion.input)


def _contents(root: Path) -> dict[str, str | None]:
    paths = (path for path in sorted(root.rglob("*")) if path.is_file() and not path.is_symlink())
    return {path.relative_to(root).as_posix(): _text(path) for path in paths}


def _text(path: Path) -> str | None:
    if path.stat().st_size > _MAX_SHOWN:
        return None
    try:
        return path.read_text()
    except UnicodeDecodeError:
        return None
