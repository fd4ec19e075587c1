"""An operation that waits for somebody: it holds nothing, survives its server, and goes on where it was."""

from __future__ import annotations

import pytest

from control_kit import Control, open_control, steps
from roadbed.control.errors import OperationNotFound
from roadbed.control.run import Run, StepRun
from roadbed.storage.call import Call
from roadbed.storage.database import Database


class Desk:
    """A handler that waits until somebody has said yes, and notes what it did."""

    def __init__(self, control: Control) -> None:
        self.yes, self.did = False, list[str]()
        control.operations.register("deploy", self.deploy)
        control.operations.register("note", self.note)

    async def deploy(self, run: Run) -> None:
        await run.step("build", "Build", self._build)
        await run.wait("approve", "Waiting for approval", self._look)
        await run.step("apply", "Apply", self._apply)

    async def note(self, run: Run) -> None:
        self.did.append("note")

    async def _build(self, step: StepRun) -> None:
        self.did.append("build")

    async def _look(self, call: Call) -> str | None:
        return None if self.yes else "1 approval by an operator"

    async def _apply(self, step: StepRun) -> None:
        self.did.append("apply")


async def wake(control: Control, id_: str) -> bool:
    async with control.database.call(control.principal) as call:
        return await control.operations.wake(call, id_)


STEPS = [("build", "Build"), ("apply", "Apply")]


async def test_it_gives_up_its_lock_and_goes_on_when_it_is_woken(control: Control) -> None:
    desk = Desk(control)
    operation = await control.enqueue("deploy", lock="orders@dev", steps=STEPS)
    parked = await control.state(operation.id, "waiting")
    assert [step.name for step in parked.steps] == ["build", "approve", "apply"], "where it comes, not at the end"
    assert parked.steps[1].message == "1 approval by an operator"
    await control.ended((await control.enqueue("note", lock="orders@dev")).id)
    assert desk.did == ["build", "note"]

    assert await wake(control, operation.id)
    assert not await wake(control, operation.id), "it is looked at already"
    await control.state(operation.id, "waiting")

    desk.yes = True
    assert await wake(control, operation.id)
    done = await control.ended(operation.id)
    assert done.state == "succeeded"
    assert desk.did == ["build", "note", "apply"]
    assert not done.taken_up_again, "waiting is no accident"
    assert {name: state for name, (state, _) in steps(done).items()} == dict.fromkeys(
        ("build", "approve", "apply"), "succeeded"
    )


async def test_it_survives_its_server(database: Database) -> None:
    async with open_control(database) as control:
        Desk(control)
        operation = await control.enqueue("deploy", lock="orders@dev", steps=STEPS)
        await control.state(operation.id, "waiting")
    async with open_control(database) as control:
        desk = Desk(control)
        desk.yes = True
        assert (await control.get(operation.id)).state == "waiting"
        await wake(control, operation.id)
        assert (await control.ended(operation.id)).state == "succeeded"
        assert desk.did == ["apply"]


async def test_one_that_waits_can_be_cancelled(control: Control) -> None:
    desk = Desk(control)
    operation = await control.enqueue("deploy", lock="orders@dev", steps=STEPS)
    await control.state(operation.id, "waiting")
    await control.cancel(operation.id)
    assert (await control.ended(operation.id)).state == "cancelled"
    assert desk.did == ["build"]
    assert not await wake(control, operation.id)


async def test_nothing_can_be_woken_that_there_is_not(control: Control) -> None:
    with pytest.raises(OperationNotFound):
        await wake(control, "op_none")
