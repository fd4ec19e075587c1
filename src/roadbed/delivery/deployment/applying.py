"""The step of a deployment that applies its plan, and that of the way back."""

from __future__ import annotations

from roadbed.control.run import Run, StepRun
from roadbed.delivery.deployment.asked import DeploymentInput
from roadbed.delivery.deployment.planned import Planned
from roadbed.delivery.watcher import StepWatcher
from roadbed.engine.service import Engine, StackInfo


class Applying:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def step(
        self,
        run: Run,
        name: str,
        title: str,
        stack: StackInfo,
        planned: Planned,
        release: int | None,
        *,
        back: bool = False,
    ) -> None:
        """The engine asks for itself whether it was cancelled: what an earlier attempt began is ended in any case.

        On the way `back` it can't be cancelled, and asks nobody: what was in force was approved when it came.
        """
        final_backups = DeploymentInput.from_dict(run.operation.input).final_backups

        async def apply(step: StepRun) -> None:
            watcher = StepWatcher(step, total=planned.changes, cancellable=not back)
            await self._engine.apply(
                run.principal,
                stack,
                planned.number,
                watcher,
                release=release,
                asks=not back,
                final_backups=final_backups,
            )

        await run.step(name, title, apply, cancellable=False)
