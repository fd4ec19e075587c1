"""Operations on a real database and queue: accepted, done, logged, failed, in the right order, by those who may."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from control_kit import Control, open_control, steps
from fakes.access import allow
from roadbed.control.errors import OperationNotFound
from roadbed.control.run import Run, StepRun
from roadbed.kit.access import Principal, Target
from roadbed.kit.errors import InvalidInput, Refused, Unauthenticated
from roadbed.storage.call import Call
from roadbed.storage.database import Database
from waiting import until


async def test_runs_the_handler_and_keeps_steps_log_and_result(control: Control) -> None:
    async def build(step: StepRun) -> Any:
        await step.log("unpacking\ninstalling")
        await step.progress(1, 2, "half")
        return ("a", 1)

    async def deploy(run: Run) -> Mapping[str, Any]:
        built = await run.step("build", "Build", build)
        return {"built": built, "input": run.operation.input["n"]}

    control.operations.register("deploy", deploy)
    accepted = await control.enqueue("deploy", input={"n": 7}, steps=[("build", "Build"), ("never", "Never")])
    assert accepted.state == "queued"
    assert [step.state for step in accepted.steps] == ["waiting", "waiting"]

    done = await control.ended(accepted.id)
    assert done.state == "succeeded"
    assert done.result == {"built": ["a", 1], "input": 7}
    assert steps(done) == {"build": ("succeeded", ["a", 1]), "never": ("skipped", None)}
    assert (done.steps[0].done, done.steps[0].total, done.steps[0].message) == (1, 2, "half")
    assert await control.log(accepted.id) == ["unpacking", "installing"]
    assert done.started_at is not None
    assert done.ended_at is not None
    assert control.audit.actions == ["operation.create"]


async def test_acts_in_the_name_of_who_asked(control: Control) -> None:
    seen: list[Principal] = []

    async def note(run: Run) -> None:
        seen.append(run.principal)

    control.operations.register("note", note)
    operation = await control.enqueue("note")
    await control.ended(operation.id)
    assert seen == [control.principal]
    assert operation.requested_by == "user:olga"


async def test_a_rolled_back_call_leaves_no_operation_and_no_job(control: Control) -> None:
    ran: list[str] = []

    async def note(run: Run) -> None:
        ran.append(run.operation.title)

    async def refused_after_all() -> None:
        async with control.database.call(control.principal) as call:
            await control.operations.enqueue(
                call, kind="note", title="lost", target=Target("stack", "orders@dev"), input={}
            )
            raise InvalidInput("no")

    control.operations.register("note", note)
    with pytest.raises(InvalidInput):
        await refused_after_all()
    await control.ended((await control.enqueue("note")).id)
    assert ran == ["note"]


async def test_a_users_error_is_kept_as_its_problem_document(control: Control) -> None:
    async def read(_: StepRun) -> None:
        raise InvalidInput("port is not a number", hint="write 8080", file="score.yaml", line=3)

    async def deploy(run: Run) -> None:
        await run.step("read", "Read", read)

    control.operations.register("deploy", deploy)
    failed = await control.ended((await control.enqueue("deploy", steps=[("read", "Read"), ("build", "Build")])).id)
    assert failed.state == "failed"
    assert failed.error is not None
    assert failed.error["code"] == "invalid_input"
    assert (failed.error["detail"], failed.error["file"], failed.error["line"]) == (
        "port is not a number",
        "score.yaml",
        3,
    )
    assert steps(failed) == {"read": ("failed", None), "build": ("skipped", None)}
    assert failed.steps[0].message == "port is not a number"


async def test_a_mistake_shows_an_id_and_no_traceback(control: Control, caplog: pytest.LogCaptureFixture) -> None:
    async def broken(_: Run) -> None:
        raise KeyError("secret detail")

    control.operations.register("broken", broken)
    failed = await control.ended((await control.enqueue("broken")).id)
    assert failed.error is not None
    assert failed.error["code"] == "internal"
    assert "secret detail" not in str(failed.error)
    assert failed.error["id"] in caplog.text
    assert "secret detail" in caplog.text


@pytest.mark.parametrize("result", [{"when": object()}, {"n": {1, 2}}])
async def test_a_result_that_is_no_json_is_a_mistake(control: Control, result: dict[str, Any]) -> None:
    async def odd(_: Run) -> Mapping[str, Any]:
        return result

    control.operations.register("odd", odd)
    assert (await control.ended((await control.enqueue("odd")).id)).state == "failed"


async def test_a_kind_that_nobody_handles_fails_and_says_so(control: Control) -> None:
    failed = await control.ended((await control.enqueue("unheard.of")).id)
    assert failed.error is not None
    assert "unheard.of" in failed.error["detail"]


async def test_a_transaction_step_and_its_record_commit_together(control: Control) -> None:
    async def deploy(run: Run) -> Mapping[str, Any]:
        async def record(call: Call) -> Any:
            other = await control.operations.enqueue(
                call, kind="other", title="other", target=Target("stack", "x@dev"), input={}
            )
            return other.id

        return {"other": await run.transaction("record", "Record", record)}

    async def other(_: Run) -> None: ...

    control.operations.register("deploy", deploy)
    control.operations.register("other", other)
    done = await control.ended((await control.enqueue("deploy")).id)
    assert done.result is not None
    assert (await control.ended(done.result["other"])).state == "succeeded"
    assert steps(done)["record"] == ("succeeded", done.result["other"])


async def test_the_same_lock_is_held_by_one_at_a_time_in_order(control: Control) -> None:
    order: list[tuple[str, str]] = []

    async def note(run: Run) -> None:
        order.append(("begin", run.operation.title))
        await asyncio.sleep(0)
        order.append(("end", run.operation.title))

    control.operations.register("note", note)
    ids = []
    for n in range(6):
        async with control.database.call(control.principal) as call:
            operation = await control.operations.enqueue(
                call, kind="note", title=str(n), target=Target("stack", "orders@dev"), input={}, lock="orders@dev"
            )
            ids.append(operation.id)
    for id_ in ids:
        await control.ended(id_)
    assert order == [(what, str(n)) for n in range(6) for what in ("begin", "end")]


async def test_other_locks_do_not_wait(control: Control) -> None:
    both = asyncio.Barrier(2)

    async def meet(_: Run) -> None:
        await both.wait()

    control.operations.register("meet", meet)
    first = await control.enqueue("meet", lock="a@dev")
    second = await control.enqueue("meet", lock="b@dev")
    assert (await control.ended(first.id)).state == "succeeded"
    assert (await control.ended(second.id)).state == "succeeded"


async def test_many_operations_at_once_each_run_once(control: Control) -> None:
    counts: dict[str, int] = {}

    async def count(run: Run) -> None:
        counts[run.operation.id] = counts.get(run.operation.id, 0) + 1

    control.operations.register("count", count)
    accepted = await asyncio.gather(*(control.enqueue("count", lock=f"app{n % 10}@dev") for n in range(60)))
    for operation in accepted:
        assert (await control.ended(operation.id)).state == "succeeded"
    assert counts == {operation.id: 1 for operation in accepted}


async def test_a_chatty_step_is_written_in_batches_and_whole(control: Control) -> None:
    written = 0
    subscription = control.events.subscribe()

    async def chat(step: StepRun) -> None:
        for n in range(2_000):
            await step.log(f"line {n}")
            await step.progress(n, 2_000)

    async def run_it(run: Run) -> None:
        await run.step("chat", "Chat", chat)

    control.operations.register("chat", run_it)
    operation = await control.enqueue("chat")
    await control.ended(operation.id)
    assert await control.log(operation.id) == [f"line {n}" for n in range(2_000)]
    async for event in subscription:
        written += event.type == "operation.log"
        if event.type == "operation.changed" and (await control.get(operation.id)).ended:
            break
    assert written < 20


async def test_lists_by_page_state_and_target(database: Database) -> None:
    async with open_control(database, work=False) as control:
        ids = [(await control.enqueue("k", target=f"app{n % 2}@dev")).id for n in range(5)]
        async with database.call(control.principal) as call:
            first = await control.operations.list(call, limit=2)
            second = await control.operations.list(call, limit=2, cursor=first.next)
            third = await control.operations.list(call, limit=2, cursor=second.next)
            odd = await control.operations.list(call, target="app1@dev", state="queued")
            none = await control.operations.list(call, state="failed")
    listed = [operation.id for page in (first, second, third) for operation in page.items]
    assert sorted(listed) == sorted(ids)
    assert listed == sorted(listed, reverse=True)
    assert third.next is None
    assert len(odd.items) == 2
    assert list(none.items) == []


async def test_what_may_not_be_seen_does_not_exist(database: Database) -> None:
    def own_only(principal: Principal | None, action: str, target: Target) -> None:
        allow(principal, action, target)
        if target.attributes.get("user") != str(principal):
            raise OperationNotFound("there is no such operation")

    async with open_control(database, work=False, authorise=own_only) as control:
        mine = await control.enqueue("k")
        control.principal = Principal("user", "eve")
        for attempt in (control.get, control.cancel, control.log):
            with pytest.raises(OperationNotFound):
                await attempt(mine.id)
        async with database.call(control.principal) as call:
            assert list((await control.operations.list(call)).items) == []


async def test_nobody_is_refused_everywhere(database: Database) -> None:
    async with open_control(database, work=False) as control:
        operation = await control.enqueue("k")
        control.principal = None
        async with database.call(None) as call:
            for attempt in (
                control.enqueue("k"),
                control.get(operation.id),
                control.get("op_none"),
                control.cancel(operation.id),
                control.log(operation.id),
                control.operations.list(call),
                control.operations.follow(call, operation.id),
                control.operations.watch(call),
            ):
                with pytest.raises(Unauthenticated):
                    await attempt


async def test_there_is_one_handler_a_kind(control: Control) -> None:
    async def nothing(_: Run) -> None: ...

    control.operations.register("k", nothing)
    with pytest.raises(ValueError, match="already"):
        control.operations.register("k", nothing)


async def test_a_step_name_is_used_once(control: Control) -> None:
    async def twice(run: Run) -> None:
        await run.transaction("same", "Same", _nothing)
        await run.transaction("same", "Same", _nothing)

    control.operations.register("twice", twice)
    assert (await control.ended((await control.enqueue("twice")).id)).state == "failed"


async def _nothing(_: Call) -> None: ...


async def test_following_yields_states_and_lines_and_ends(control: Control) -> None:
    go = asyncio.Event()

    async def talk(run: Run) -> None:
        await run.log("first")
        await go.wait()
        await run.log("second")

    control.operations.register("talk", talk)
    operation = await control.enqueue("talk")
    async with control.database.call(control.principal) as call:
        followed = await control.operations.follow(call, operation.id)
    lines, states = [], []
    async for change in followed:
        if hasattr(change, "text"):
            lines.append(change.text)
            go.set()
        else:
            states.append(change.state)
    assert lines == ["first", "second"]
    assert states[-1] == "succeeded"
    assert await control.log(operation.id) == lines


async def test_refusals_by_policy_reach_the_caller(database: Database) -> None:
    def no_cancel(principal: Principal | None, action: str, target: Target) -> None:
        allow(principal, action, target)
        if action == "operation.cancel":
            raise Refused("only operators cancel in production")

    async with open_control(database, work=False, authorise=no_cancel) as control:
        operation = await control.enqueue("k")
        with pytest.raises(Refused):
            await control.cancel(operation.id)
        assert (await control.get(operation.id)).state == "queued"
        await until(lambda: control.audit.actions == ["operation.create"])
