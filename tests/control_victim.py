"""`python control_victim.py URL FOLDER [ROUNDS]`: a worker process to be killed in the middle of a step.

The operation `survive` has three steps; each appends a line to `FOLDER/done` when its work is done, and the second
waits for `FOLDER/go` before it does.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from control_kit import make_control
from roadbed.control.run import Run, StepRun
from roadbed.control.service import Operations
from roadbed.storage.database import Database
from waiting import until


def register(operations: Operations, folder: Path) -> None:
    def note(line: str) -> None:
        with (folder / "done").open("a") as file:
            file.write(f"{line} {os.getpid()}\n")

    async def quick(step: StepRun) -> str:
        await step.log(f"{step.name} in {os.getpid()}")
        note(step.name)
        return f"{step.name} by {os.getpid()}"

    async def slow(step: StepRun) -> str:
        note(f"{step.name}-begun")
        await until((folder / "go").exists, what="go")
        return await quick(step)

    async def survive(run: Run) -> dict[str, str]:
        works = {"first": quick, "second": slow, "third": quick}
        return {name: await run.step(name, name, work) for name, work in works.items()}

    operations.register("survive", survive)


async def main(url: str, folder: Path) -> None:
    control = make_control(Database(url))
    register(control.operations, folder)
    await control.events.start()
    await control.worker.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
