"""Cancelling: what waits ends at once, what runs is asked, what has ended can't be."""

from __future__ import annotations

import asyncio

import pytest

from control_kit import Control, open_control, steps
from roadbed.control.errors import Cancelled, OperationEnded, OperationNotFound
from roadbed.control.run import Run, StepRun
from roadbed.storage.database import Database
from waiting import until


async def test_a_queued_operation_ends_at_once_and_never_runs(database: Database) -> None:
    async with open_control(database, work=False) as control:
        ran: list[str] = []

        async def note(run: Run) -> None:
            ran.append(run.operation.id)

        control.operations.register("note", note)
        first, second = [await control.enqueue("note", lock="a", steps=[("s", "S")]) for _ in range(2)]
        cancelled = await control.cancel(first.id)
        assert cancelled.state == "cancelled"
        assert cancelled.ended_at is not None
        assert steps(cancelled) == {"s": ("skipped", None)}
        await control.worker.start()
        await control.ended(second.id)
        assert ran == [second.id]


async def test_a_running_operation_hears_it_and_cleans_up(control: Control) -> None:
    undone = asyncio.Event()

    async def wait_long(step: StepRun) -> None:
        await step.unless_cancelled(asyncio.Event().wait())

    async def clean_up(_: StepRun) -> None:
        undone.set()

    async def deploy(run: Run) -> None:
        try:
            await run.step("wait", "Wait", wait_long)
        except Cancelled:
            await run.step("undo", "Undo", clean_up)
            raise

    control.operations.register("deploy", deploy)
    operation = await control.enqueue("deploy", steps=[("wait", "Wait"), ("undo", "Undo"), ("later", "Later")])
    await control.state(operation.id, "running")
    asked = await control.cancel(operation.id)
    assert asked.cancel_requested
    done = await control.ended(operation.id)
    assert done.state == "cancelled"
    assert undone.is_set()
    assert {name: state for name, (state, _) in steps(done).items()} == {
        "wait": "skipped",
        "undo": "succeeded",
        "later": "skipped",
    }
    assert control.audit.actions == ["operation.create", "operation.cancel"]


async def test_a_step_that_looks_is_told(control: Control) -> None:
    started = asyncio.Event()

    async def loop(step: StepRun) -> None:
        while True:
            await step.check_cancelled()
            started.set()
            await asyncio.sleep(0.01)

    async def deploy(run: Run) -> None:
        await run.step("loop", "Loop", loop)

    control.operations.register("deploy", deploy)
    operation = await control.enqueue("deploy")
    await started.wait()
    await control.cancel(operation.id)
    assert (await control.ended(operation.id)).state == "cancelled"


async def test_no_further_step_begins(control: Control) -> None:
    in_first, go, second = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def first_step(_: StepRun) -> None:
        in_first.set()
        await go.wait()

    async def second_step(_: StepRun) -> None:
        second.set()

    async def deploy(run: Run) -> None:
        await run.step("first", "First", first_step)
        await until(run._cancel.is_set, what="the wish to cancel")
        await run.step("second", "Second", second_step)

    control.operations.register("deploy", deploy)
    operation = await control.enqueue("deploy")
    await in_first.wait()
    await control.cancel(operation.id)
    go.set()
    assert (await control.ended(operation.id)).state == "cancelled"
    assert not second.is_set()


async def test_one_that_finishes_all_the_same_has_succeeded(control: Control) -> None:
    started, go = asyncio.Event(), asyncio.Event()

    async def deaf(_: Run) -> None:
        started.set()
        await go.wait()

    control.operations.register("deaf", deaf)
    operation = await control.enqueue("deaf")
    await started.wait()
    await control.cancel(operation.id)
    go.set()
    assert (await control.ended(operation.id)).state == "succeeded"


async def test_what_has_ended_or_never_was_can_not_be_cancelled(control: Control) -> None:
    async def nothing(_: Run) -> None: ...

    control.operations.register("k", nothing)
    operation = await control.ended((await control.enqueue("k")).id)
    with pytest.raises(OperationEnded) as caught:
        await control.cancel(operation.id)
    assert caught.value.status == 409
    with pytest.raises(OperationNotFound):
        await control.cancel("op_none")
