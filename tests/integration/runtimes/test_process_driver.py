"""Real replicas under real shims."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from artifacts import make_artifact
from roadbed.kit.ids import new_id
from roadbed.runtimes.domain import Endpoint
from roadbed.runtimes.driver import Instance, Status
from roadbed.runtimes.drivers.process.driver import ProcessDriver
from roadbed.runtimes.errors import InvalidService
from roadbed.runtimes.settings import RuntimeSettings
from roadbed.runtimes.workloads import Container, Port, Workload
from roadbed.sandbox import detect
from waiting import until

SETTINGS = RuntimeSettings(grace_s=2, log_bytes=4096, log_files=3)


@pytest.fixture
async def driver(home: Path) -> AsyncIterator[ProcessDriver]:
    driver = ProcessDriver(home, SETTINGS)
    yield driver
    for id_ in driver.known():
        state = driver._state(id_)
        if (status := driver.inspect(id_)) and status.running and state:
            os.kill(state["pid"], signal.SIGKILL)
            await driver.wait(id_)


async def start(driver: ProcessDriver, home: Path, program: str, *ports: str, **fields: object) -> str:
    artifact = make_artifact(home, {"main.py": program}, command=["python3", "main.py"])
    instance = Instance(new_id("rep"), 1, "orders@dev")
    await driver.start(instance, workload(artifact, *ports, **fields))  # type: ignore[arg-type]
    return instance.id


def workload(artifact: str, *ports: str, secrets: tuple[str, ...] = (), **fields: object) -> Workload:
    """Of one container."""
    main = Container(**fields)  # type: ignore[arg-type]
    return Workload(artifact, {"main": main}, secrets, tuple(Port(name) for name in ports))


def text(driver: ProcessDriver, id_: str) -> str:
    return "".join(path.read_text() for path in driver.log_files(id_) if path.exists())


def lines(driver: ProcessDriver, id_: str) -> list[str]:
    """`stdout hello`, without times."""
    return [" ".join([line.split(" ", 3)[1], line.split(" ", 3)[3]]) for line in text(driver, id_).splitlines()]


async def ended(driver: ProcessDriver, id_: str) -> Status:
    return await driver.wait(id_)


async def test_what_a_replica_sees_of_its_environment(driver: ProcessDriver, home: Path) -> None:
    program = "import os; print(os.environ['GREETING'], os.environ['HOME'], os.getcwd(), os.environ['PORT'].isdigit())"
    id_ = await start(driver, home, program, "web", variables={"GREETING": "hello"})
    status = await ended(driver, id_)
    assert (status.code, status.reason, status.attempt) == (0, None, 1)
    assert lines(driver, id_)[0] == "stdout hello /tmp /app True"


async def test_a_program_writes_beside_its_code_for_itself_alone(driver: ProcessDriver, home: Path) -> None:
    if not detect.host().layers:
        pytest.skip("this kernel allows no layers over folders")
    program = "import os; os.makedirs('instance'); open('instance/site.db', 'x').close(); print(os.listdir('instance'))"
    for attempt in ("one", "two"):
        id_ = await start(driver, home, program, attempt)
        status = await ended(driver, id_)
        assert status.code == 0, lines(driver, id_)
        assert lines(driver, id_)[0] == "stdout ['site.db']"
    assert not list((home / "builds").rglob("site.db"))


async def test_secrets_are_masked_in_output_and_found_nowhere_on_disk(driver: ProcessDriver, home: Path) -> None:
    program = (
        "import os, sys, time; print('key', os.environ['KEY']); print(os.environ['KEY'], file=sys.stderr); input()"
    )
    id_ = await start(driver, home, program, variables={"KEY": "hunter22"}, secrets=("hunter22",))
    await ended(driver, id_)
    assert "stdout key ••••••" in lines(driver, id_)
    assert "stderr ••••••" in lines(driver, id_)
    folder = home / "replicas" / id_
    assert not [path for path in folder.rglob("*") if path.is_file() and b"hunter22" in path.read_bytes()]


async def test_arguments_of_no_process_hold_a_secret(driver: ProcessDriver, home: Path) -> None:
    id_ = await start(driver, home, "import time; print('up'); time.sleep(600)", variables={"KEY": "sesame99"})
    await until(lambda: "stdout up" in lines(driver, id_))
    arguments = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    assert not [line for line in arguments if b"sesame99" in line]


async def test_a_graceful_end(driver: ProcessDriver, home: Path) -> None:
    program = """
import signal, subprocess, sys, time
child = subprocess.Popen(["sleep", "600"])
def end(*_):
    print("child", child.wait())
    sys.exit(7)
signal.signal(signal.SIGTERM, end)
print("up")
while True: time.sleep(600)
"""
    id_ = await start(driver, home, program)
    await until(lambda: "stdout up" in lines(driver, id_))
    await driver.stop(id_)
    status = await ended(driver, id_)
    assert (status.code, status.reason) == (7, "stopped")
    assert "stdout child -15" in lines(driver, id_)  # the whole group was told


async def test_killed_when_it_does_not_stop(driver: ProcessDriver, home: Path) -> None:
    program = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up'); time.sleep(600)"
    id_ = await start(driver, home, program)
    await until(lambda: "stdout up" in lines(driver, id_))
    await driver.stop(id_)
    await driver.stop(id_)
    assert (await ended(driver, id_)).code == 137
    assert lines(driver, id_)[1:] == [
        "system stopping: sent SIGTERM",
        "system it did not stop within 2 s: sent SIGKILL",
        "system stopped",
    ]


async def test_an_exit_at_once_and_a_command_that_is_not_there(driver: ProcessDriver, home: Path) -> None:
    id_ = await start(driver, home, "import sys; sys.exit('no database')")
    assert (await ended(driver, id_)).code == 1
    assert lines(driver, id_) == ["stderr no database", "system ended with exit code 1"]
    id_ = await start(driver, home, "", command=("nonsense",))
    assert (await ended(driver, id_)).code == 127
    assert lines(driver, id_)[0] == "stderr roadbed: cannot run nonsense: No such file or directory"


@pytest.mark.parametrize("how", ["cgroup", "watch"])
async def test_more_memory_than_allowed(
    driver: ProcessDriver, home: Path, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if how == "watch":
        monkeypatch.setattr("roadbed.runtimes.drivers.process.driver.cgroup", lambda _: None)
    elif detect.isolation().memory != "cgroup":
        pytest.skip("control groups can't be written here")
    program = "import time; hold = bytearray(200 * 1024 * 1024); time.sleep(600)"
    id_ = await start(driver, home, program, memory_mb=64)
    status = await ended(driver, id_)
    assert (status.code, status.reason) == (137, "out of memory")
    assert lines(driver, id_)[-1] == "system ended: it used more memory than its limit of 64 MB"


async def test_what_is_written_beside_the_code_counts_as_memory(
    driver: ProcessDriver, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not detect.host().layers:
        pytest.skip("this kernel allows no layers over folders")
    monkeypatch.setattr("roadbed.runtimes.drivers.process.driver.cgroup", lambda _: None)
    program = "import time; open('big', 'wb').write(bytes(100 * 1024 * 1024)); time.sleep(600)"
    id_ = await start(driver, home, program, memory_mb=64)
    assert (await ended(driver, id_)).reason == "out of memory"


async def test_a_later_daemon_finds_replica_output_and_exit_code(driver: ProcessDriver, home: Path) -> None:
    program = "import os, time; print('up')\nwhile not os.path.exists('/signs/end'): time.sleep(0.05)\nprint('bye')"
    id_ = await start(driver, home, program)
    await until(lambda: "stdout up" in lines(driver, id_))
    later = ProcessDriver(home, SETTINGS)
    status = later.inspect(id_)
    assert status is not None
    assert status.running
    assert later.known() == [id_]
    usage = later.usage(id_)
    assert usage is not None
    assert usage.memory > 4_000_000
    artifact = next((home / "builds").iterdir())
    (artifact / "signs" / "end").touch()
    assert (await later.wait(id_)).code == 0
    assert "stdout bye" in lines(later, id_)
    assert later.usage(id_) is None


async def test_a_killed_shim_takes_its_replica_along(driver: ProcessDriver, home: Path) -> None:
    id_ = await start(driver, home, "import time; print('up'); time.sleep(600)")
    await until(lambda: "stdout up" in lines(driver, id_))
    state = driver._state(id_)
    assert state is not None
    os.kill(state["pid"], signal.SIGKILL)
    assert (await ended(driver, id_)).reason == "its shim was killed"
    await until(lambda: not Path(f"/proc/{state['replica']}/exe").exists())


async def test_a_second_start_of_the_same_instance_adopts_it(driver: ProcessDriver, home: Path) -> None:
    artifact = make_artifact(home, {}, command=["sleep", "600"])
    instance = Instance(new_id("rep"), 1, "orders@dev")
    first = await driver.start(instance, workload(artifact, "web"))
    pid = (driver._state(instance.id) or {})["pid"]
    assert await driver.start(instance, workload(artifact, "web")) == first
    assert (driver._state(instance.id) or {})["pid"] == pid


async def test_logs_are_rotated_and_bounded(driver: ProcessDriver, home: Path) -> None:
    id_ = await start(driver, home, "for n in range(1000): print(n, 'x' * 90)")
    await ended(driver, id_)
    assert len(driver.log_files(id_)) == 3
    assert len(text(driver, id_)) < 3 * (4096 + 70_000)
    assert lines(driver, id_)[-2].startswith("stdout 999 ")


async def test_a_command_inside_a_replica_sees_what_it_sees(driver: ProcessDriver, home: Path) -> None:
    program = "import time; open('/tmp/mark', 'w').close(); print('up'); time.sleep(600)"
    artifact = make_artifact(home, {"main.py": program}, command=["python3", "main.py"])
    given = workload(artifact, variables={"A": "1"})
    id_ = new_id("rep")
    await driver.start(Instance(id_, 1, "orders@dev"), given)
    await until(lambda: "stdout up" in lines(driver, id_))
    script = 'test -e /tmp/mark && test "$A" = 1 && test -e main.py && test "$(id -u)" -gt 0'
    assert await driver.execute(id_, given, "main", ["sh", "-c", script], timeout_s=20) == 0
    assert await driver.execute(id_, given, "main", ["false"], timeout_s=20) == 1
    assert await driver.execute(id_, given, "main", ["sleep", "600"], timeout_s=0.5) == 124


async def test_what_can_not_run_is_refused(driver: ProcessDriver, home: Path) -> None:
    with pytest.raises(InvalidService, match="is gone from this machine"):
        await driver.start(Instance("rep_1", 1, "orders@dev"), Workload("0123456789abcdef"))
    with pytest.raises(InvalidService, match="which command"):
        await driver.start(Instance("rep_1", 1, "orders@dev"), Workload(make_artifact(home, {})))
    assert driver.known() == []


async def test_forgetting_removes_all_traces(driver: ProcessDriver, home: Path) -> None:
    id_ = await start(driver, home, "")
    await ended(driver, id_)
    driver.forget(id_)
    assert driver.inspect(id_) is None
    assert driver.known() == []


@pytest.mark.parametrize("victim", ["pid", "replica"])
async def test_nothing_is_left_however_early_shim_or_bubblewrap_is_killed(
    driver: ProcessDriver, home: Path, victim: str
) -> None:
    artifact = make_artifact(home, {}, command=["sleep", "600"])
    groups = []
    for number in range(10):
        await driver.start(Instance(f"rep_{number}", 1, "orders@dev"), Workload(artifact))
        state = driver._state(f"rep_{number}")
        assert state is not None
        os.kill(state[victim], signal.SIGKILL)
        await ended(driver, f"rep_{number}")
        groups.append(state["replica"])
    await until(lambda: not _members(groups))


def _members(groups: list[int]) -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            zombie = (entry / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
            if os.getpgid(int(entry.name)) in groups and not zombie:
                found.append(int(entry.name))
        except OSError:
            continue
    return found


async def test_what_a_shim_of_an_older_release_has_written_is_understood(driver: ProcessDriver, home: Path) -> None:
    id_ = await start(driver, home, "import time; print('up'); time.sleep(600)", "web")
    await until(lambda: "stdout up" in lines(driver, id_))
    state = driver._state(id_)
    assert state is not None
    older = {name: value for name, value in state.items() if name not in ("ports", "containers")}
    (home / "replicas" / id_ / "state.json").write_text(json.dumps(older))
    assert driver.endpoints(id_) == {"": Endpoint("127.0.0.1", state["port"])}
    assert driver.usage(id_) is not None
    assert not (status := driver.inspect(id_)) or not status.down
    await driver.stop(id_)
    assert (await driver.wait(id_)).reason == "stopped"
