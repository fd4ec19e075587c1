"""Workers die, databases go away: operations end all the same, and what was recorded is never done again."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

import control_victim
from control_kit import Control, make_control, open_control, steps
from control_victim import register
from roadbed.control.errors import Superseded
from roadbed.control.processes import ProcessId, this_process
from roadbed.control.run import Run, StepRun
from roadbed.storage.database import Database
from roadbed.storage.embedded import EmbeddedPostgres
from waiting import until

pytestmark = pytest.mark.slow


@asynccontextmanager
async def victim(database: Database, folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process with a worker of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        control_victim.__file__,
        database.url,
        str(folder),
        env={**os.environ, "PYTHONPATH": str(Path(control_victim.__file__).parent)},
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def done(folder: Path) -> list[str]:
    try:
        return [line.split()[0] for line in (folder / "done").read_text().splitlines()]
    except FileNotFoundError:
        return []


async def test_a_killed_workers_operation_ends_elsewhere_each_recorded_step_once(
    database: Database, tmp_path: Path
) -> None:
    async with open_control(database, work=False) as control:
        register(control.operations, tmp_path)
        async with victim(database, tmp_path) as process:
            operation = await control.enqueue("survive", lock="orders@dev")
            next_in_line = await control.enqueue("survive", lock="orders@dev")
            await until(lambda: "second-begun" in done(tmp_path), what="the second step")
            process.kill()  # its remains stay until we wait for it: they must not count as alive
            (tmp_path / "go").touch()
            await control.worker.start()
            finished = await control.ended(operation.id)
            await control.ended(next_in_line.id)
        assert finished.state == "succeeded"
        once = ["first", "second-begun", "second-begun", "second", "third"]
        assert done(tmp_path) == [*once, "first", "second-begun", "second", "third"]
        assert finished.result is not None
        assert finished.result["first"] == f"first by {process.pid}"
        assert finished.result["second"] == f"second by {os.getpid()}"
        assert await control.log(operation.id) == [
            f"first in {process.pid}",
            f"second in {os.getpid()}",
            f"third in {os.getpid()}",
        ]


def _more_than(begun: int, folder: Path) -> Callable[[], bool]:
    return lambda: done(folder).count("second-begun") > begun


async def test_killed_again_and_again_it_still_ends_once(database: Database, tmp_path: Path) -> None:
    async with open_control(database, work=False) as control:
        register(control.operations, tmp_path)
        operation = await control.enqueue("survive")
        for _ in range(3):
            begun = done(tmp_path).count("second-begun")
            async with victim(database, tmp_path) as process:
                await until(_more_than(begun, tmp_path), what="the second step")
                process.kill()
        (tmp_path / "go").touch()
        await control.worker.start()
        assert (await control.ended(operation.id)).state == "succeeded"
        assert [line for line in done(tmp_path) if line != "second-begun"] == ["first", "second", "third"]


async def test_a_worker_that_stops_hands_its_work_on(database: Database, tmp_path: Path) -> None:
    async with open_control(database) as first, open_control(database, work=False) as second:
        register(first.operations, tmp_path)
        register(second.operations, tmp_path)
        operation = await first.enqueue("survive")
        await until(lambda: "second-begun" in done(tmp_path), what="the second step")
        await first.worker.close()
        assert (await second.get(operation.id)).state == "running"
        (tmp_path / "go").touch()
        await second.worker.start()
        ended = await second.ended(operation.id)
        assert (ended.state, ended.attempt, ended.taken_up_again) == ("succeeded", 2, True)
        assert done(tmp_path).count("first") == 1


async def test_a_live_worker_is_left_alone_however_old_its_heartbeat(database: Database, tmp_path: Path) -> None:
    async with open_control(database, work=False) as control, victim(database, tmp_path):
        register(control.operations, tmp_path)
        operation = await control.enqueue("survive")
        await until(lambda: "second-begun" in done(tmp_path), what="the second step")
        async with database.session() as session:
            await session.execute(text("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '20 s'"))
        await control.worker.start()
        await control.worker._put_back()
        (tmp_path / "go").touch()
        finished = await control.ended(operation.id)
        assert finished.result is not None
        assert len({by.split()[-1] for by in finished.result.values()}) == 1
        assert done(tmp_path).count("second-begun") == 1


async def test_another_hosts_worker_is_given_up_after_its_silence(database: Database, tmp_path: Path) -> None:
    async with open_control(database, work=False) as control:
        register(control.operations, tmp_path)
        (tmp_path / "go").touch()
        operation = await control.enqueue("survive")
        async with database.session() as session:
            await session.execute(text("INSERT INTO procrastinate_workers DEFAULT VALUES"))
            await session.execute(
                text("INSERT INTO operation_workers SELECT id, 'elsewhere', 1, '1' FROM procrastinate_workers")
            )
            await session.execute(text("SELECT procrastinate_fetch_job_v2(NULL, max(id)) FROM procrastinate_workers"))
        await control.worker._put_back()
        async with database.session() as session:
            assert await session.scalar(text("SELECT status::text FROM procrastinate_jobs")) == "doing"
            await session.execute(text("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '31 s'"))
        await control.worker.start()
        assert (await control.ended(operation.id)).state == "succeeded"


async def test_who_was_superseded_writes_nothing_more(control: Control) -> None:
    seen: list[type[BaseException]] = []

    async def overtaken(run: Run) -> None:
        async with control.database.session() as session:
            await session.execute(text("UPDATE operations SET attempt = attempt + 1"))
        try:
            await run.step("late", "Late", _nothing)
        except Superseded:
            seen.append(Superseded)
            raise

    control.operations.register("overtaken", overtaken)
    operation = await control.enqueue("overtaken")
    await until(lambda: seen, what="the refusal")
    later = await control.get(operation.id)
    assert later.state == "running"
    assert steps(later) == {}


async def _nothing(_: StepRun) -> None: ...


async def test_a_lost_database_during_a_handler_costs_nothing_recorded(database: Database) -> None:
    async with open_control(database) as control:
        attempts: list[int] = []

        async def first(_: StepRun) -> int:
            return len(attempts)

        async def deploy(run: Run) -> dict[str, int]:
            attempts.append(1)
            value = await run.step("first", "First", first)
            if len(attempts) == 1:
                await _cut_all_connections(database)
                async with run.database.session() as session:
                    await session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
            return {"first": value, "attempts": len(attempts)}

        control.operations.register("deploy", deploy)
        operation = await control.enqueue("deploy", lock="orders@dev")
        await until(lambda: len(attempts) == 2, what="the second attempt")  # until then our own queries may be cut
        finished = await control.ended(operation.id)
        assert finished.result == {"first": 1, "attempts": 2}
        following = await control.enqueue("deploy", lock="orders@dev")
        assert (await control.ended(following.id)).state == "succeeded"


async def _cut_all_connections(database: Database) -> None:
    async with await psycopg.AsyncConnection.connect(database.url, autocommit=True) as connection:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture
async def own_server(home: Path) -> AsyncIterator[EmbeddedPostgres]:
    """A server that this test may stop."""
    server = EmbeddedPostgres(home / "pg", name="test's", durable=False)
    await server.start()
    yield server
    await server.stop()


async def test_a_database_that_restarts_while_a_handler_works(own_server: EmbeddedPostgres, migrated: str) -> None:
    database = Database(migrated)
    async with open_control(database) as control:
        begun, go = asyncio.Event(), asyncio.Event()

        async def wait(step: StepRun) -> str:
            begun.set()
            await go.wait()
            await step.log("still here")
            return "waited"

        async def deploy(run: Run) -> dict[str, str]:
            return {"step": await run.step("wait", "Wait", wait)}

        control.operations.register("deploy", deploy)
        operation = await control.enqueue("deploy")
        await begun.wait()
        await own_server.stop()
        go.set()
        await own_server.start()

        async def ended() -> bool:
            return await _ended(control, operation.id)

        await until(ended, what="the end")
        after = await control.enqueue("deploy")
        assert (await control.ended(after.id)).state == "succeeded"
        assert (await control.get(operation.id)).result == {"step": "waited"}
    await database.close()


async def _ended(control: Control, id_: str) -> bool:
    try:
        return (await control.get(id_)).ended
    except Exception:
        return False


@pytest.fixture
async def migrated(own_server: EmbeddedPostgres) -> str:
    from roadbed.storage.models import load_metadata
    from roadbed.storage.queue_schema import ensure_queue_schema

    await own_server.ensure_database("control")
    url = own_server.url("control")
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await ensure_queue_schema(connection)
    database = Database(url)
    async with database.engine.begin() as transaction:
        await transaction.run_sync(load_metadata().create_all)
    await database.close()
    return url


async def test_a_process_is_told_from_its_remains_and_its_successor() -> None:
    me = this_process()
    assert me.alive()
    assert not ProcessId(me.host, me.pid, "1").alive()
    child = await asyncio.create_subprocess_exec("sleep", "60")
    os.kill(child.pid, 0)
    stat = Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()
    known = ProcessId(me.host, child.pid, stat[19])
    assert known.alive()
    child.send_signal(signal.SIGKILL)
    await until(lambda: not known.alive(), what="death")
    await child.wait()
    assert not known.alive()


async def test_starting_without_handlers_is_not_needed(database: Database) -> None:
    """A worker may close before it ever started."""
    control = make_control(database)
    await control.worker.close()
