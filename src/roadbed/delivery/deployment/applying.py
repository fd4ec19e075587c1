"""The step of a deployment that applies its plan, and that of the way back."""

from __future__ import annotations

from roadbed.control.run import Run, StepRun
from roadbed.delivery.deployment.asked import DeploymentInput
from roadbed.delivery.deployment.planned import Planned
from roadbed.delivery.watcher import StepWatcher
from roadbed.engine.service import Engine, StackInfo

APPLY = ("apply", "Applying")


class Applying:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def step(self, run: Run, stack: StackInfo, planned: Planned, release: int) -> None:
        """The engine asks for itself whether it was cancelled: what an earlier attempt began is ended in any case."""
        await self._apply(run, APPLY, stack, planned, release)

    async def back(self, run: Run, stack: StackInfo, planned: Planned, release: int | None) -> None:
        """To a release that was in force, or to nothing that runs. It can't be cancelled, and asks nobody: what was in
        force was approved when it came.
        """
        title = "Ending what it began" if release is None else "Bringing the release before back"
        await self._apply(run, ("restore", title), stack, planned, release, back=True)

    async def _apply(
        self,
        run: Run,
        step: tuple[str, str],
        stack: StackInfo,
        planned: Planned,
        release: int | None,
        *,
        back: bool = False,
    ) -> None:
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

        await run.step(*step, apply, cancellable=False)
