"""Real commands in real sandboxes, and without where the kernel is said to forbid them."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import time
from pathlib import Path

import pytest

from roadbed.sandbox import detect
from roadbed.sandbox.domain import File, Host, Limits, Mount, Sandbox
from roadbed.sandbox.run import run
from waiting import until

SANDBOX = Sandbox(environment={"PATH": "/usr/bin:/bin", "GREETING": "hello"})
needs_sandbox = pytest.mark.skipif(not detect.isolation().sandbox, reason="this kernel forbids sandboxes")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "seen").write_text("yes")
    tmp_path.chmod(0o755)  # as root, what is mounted must be readable by everybody
    return tmp_path


@pytest.fixture(params=["sandboxed", "unsandboxed"])
def host(request: pytest.FixtureRequest) -> Host:
    if request.param == "unsandboxed":  # whose user may not reach an interpreter in a private home
        return dataclasses.replace(detect.host(), bwrap=None, python="/usr/bin/python3")
    if not detect.isolation().sandbox:
        pytest.skip("this kernel forbids sandboxes")
    return detect.host()


async def test_output_code_and_environment(host: Host) -> None:
    done = await run(SANDBOX, ["sh", "-c", "echo $GREETING; echo no >&2; exit 3"], timeout=30, host=host)
    assert (done.code, done.stdout, done.stderr) == (3, b"hello\n", b"no\n")


async def test_standard_input_and_lines(host: Host) -> None:
    lines = []

    async def keep(line: str) -> None:
        lines.append(line)

    done = await run(SANDBOX, ["cat"], stdin=b"one\ntwo\r\nthree", timeout=30, on_line=keep, host=host)
    assert lines == ["one", "two", "three"]
    assert done.stdout == b"one\ntwo\r\nthree"


async def test_output_beyond_the_limit_is_read_but_not_kept(host: Host) -> None:
    done = await run(SANDBOX, ["head", "-c", "300000", "/dev/zero"], timeout=30, max_output=1000, host=host)
    assert (len(done.stdout), done.truncated, done.code) == (1000, True, 0)


@pytest.mark.parametrize("stream", [1, 2])
async def test_what_floods_is_ended(host: Host, stream: int) -> None:
    command = ["sh", "-c", f"cat /dev/zero >&{stream}"]
    done = await run(SANDBOX, command, timeout=60, max_output=1000, flood=10_000_000, host=host)
    assert (done.flooded, done.timed_out, done.truncated) == (True, False, True)
    done = await run(SANDBOX, ["sh", "-c", "echo no"], timeout=60, flood=10_000_000, host=host)
    assert (done.flooded, done.code) == (False, 0)


async def test_who_hears_slowly_does_not_hold_up_the_end(host: Host) -> None:
    async def slowly(line: str) -> None:
        await asyncio.sleep(0.05)

    done = await run(SANDBOX, ["yes"], timeout=0.5, on_line=slowly, host=host)
    assert done.timed_out


async def test_a_command_that_is_not_there_says_so(host: Host) -> None:
    done = await run(SANDBOX, ["no-such-program"], timeout=30, host=host)
    assert (done.code, done.stderr) == (127, b"roadbed: cannot run no-such-program: No such file or directory\n")


async def test_no_rights_and_no_way_to_gain_any(host: Host) -> None:
    done = await run(SANDBOX, ["cat", "/proc/self/status"], timeout=30, host=host)
    status = dict(line.split(":\t", 1) for line in done.stdout.decode().splitlines() if ":\t" in line)
    assert status["CapEff"] == status["CapPrm"] == status["CapBnd"] == "0000000000000000"
    assert status["NoNewPrivs"] == "1"
    assert "0" not in status["Uid"].split()


async def test_after_a_time_out_nothing_is_left(host: Host) -> None:
    mark = f"{time.time_ns() % 10**9}"
    done = await run(SANDBOX, ["sh", "-c", f"sleep 9{mark} & echo begun; sleep 8{mark}"], timeout=1, host=host)
    assert (done.timed_out, done.stdout) == (True, b"begun\n")
    await until(lambda: not _running(mark))


async def test_what_a_command_leaves_behind_ends_with_it(host: Host) -> None:
    mark = f"{time.time_ns() % 10**9}"
    done = await run(SANDBOX, ["sh", "-c", f"sleep 7{mark} & echo done"], timeout=30, host=host)
    assert (done.timed_out, done.code) == (False, 0)
    await until(lambda: not _running(mark))


@pytest.mark.skipif(os.geteuid() != 0, reason="limits of the user's own processes are the user's own")
async def test_limits_hold(host: Host) -> None:
    sandbox = dataclasses.replace(SANDBOX, limits=Limits(open_files=20, cpu_seconds=7, nice=5))
    done = await run(sandbox, ["sh", "-c", "ulimit -n; ulimit -t; nice"], timeout=30, host=host)
    assert done.stdout.split() == [b"20", b"7", str(os.nice(0) + 5).encode()]


@needs_sandbox
async def test_only_what_is_mounted_is_seen(folder: Path) -> None:
    sandbox = dataclasses.replace(SANDBOX, mounts=(Mount(str(folder), "/app"),), workdir="/app")
    script = f"pwd; cat seen; test -e {folder} || echo hidden; ls /tmp | wc -l; test -w . || echo ro"
    done = await run(sandbox, ["sh", "-c", script], timeout=30)
    assert done.stdout == b"/app\nyeshidden\n0\nro\n"


@needs_sandbox
async def test_files_stand_where_they_are_asked_for(folder: Path) -> None:
    files = {"/app/conf/a.txt": File(b"A"), "/srv/deep/b.txt": File(b"B")}
    sandbox = dataclasses.replace(SANDBOX, mounts=(Mount(str(folder), "/app"),), files=files)
    done = await run(sandbox, ["cat", "/app/seen", "/app/conf/a.txt", "/srv/deep/b.txt"], timeout=30)
    assert done.stdout == b"yesAB"
    assert [path.name for path in folder.iterdir()] == ["seen"]


@needs_sandbox
async def test_files_are_their_readers_own_in_their_mode_wherever_they_lie(folder: Path) -> None:
    modes = {"/etc/own/a": 0o400, "/srv/run.sh": 0o755, "/app/deep/b": 0o600, "/app/c": 0o644}
    if os.geteuid() == 0:  # else these folders are somebody else's
        modes |= {"/usr/share/own/a": 0o400, "/etc/ssl/certs/own.pem": 0o644}
    files = {path: File(b"#!/bin/sh\necho ran", mode) for path, mode in modes.items()}
    sandbox = dataclasses.replace(SANDBOX, mounts=(Mount(str(folder), "/app"),), files=files)
    script = f"stat -c '%n %a %U' {' '.join(modes)}; cat {' '.join(modes)} | grep -c echo; /srv/run.sh; touch /usr/x"
    done = await run(sandbox, ["sh", "-c", script], timeout=30)
    told = [f"{path} {mode:o} app" for path, mode in modes.items()]
    assert done.stdout.decode().splitlines() == [*told, str(len(modes)), "ran"]
    assert b"Read-only file system" in done.stderr


@needs_sandbox
async def test_a_writable_folder_below_a_read_only_one(folder: Path, tmp_path: Path) -> None:
    data = tmp_path.with_name(f"{tmp_path.name}-data")
    data.mkdir()
    data.chmod(0o777)
    mounts = (Mount(str(folder), "/app"), Mount(str(data), "/app/data", writable=True), Mount(str(data), "/mnt"))
    sandbox = dataclasses.replace(SANDBOX, mounts=mounts)
    done = await run(sandbox, ["sh", "-c", "echo kept > /app/data/a; cat /mnt/a; touch /app/x /mnt/x"], timeout=30)
    assert done.stdout == b"kept\n"
    assert done.stderr.count(b"Read-only file system") == 2
    assert ([path.name for path in folder.iterdir()], (data / "a").read_text()) == (["seen"], "kept\n")


@needs_sandbox
async def test_a_folder_within_a_mount_is_reached_through_no_link(tmp_path: Path) -> None:
    (tmp_path / "real" / "deep").mkdir(parents=True)
    (tmp_path / "real" / "deep" / "seen").touch()
    (tmp_path / "link").symlink_to("real")
    for path, seen in (("real/deep", True), ("link/deep", False)):
        mounts = (Mount(str(tmp_path), "/data", within=path),)
        sandbox = dataclasses.replace(SANDBOX, mounts=mounts)
        if seen:
            assert (await run(sandbox, ["ls", "/data"], timeout=30)).stdout == b"seen\n"
        else:
            with pytest.raises(OSError, match="Not a directory"):
                await run(sandbox, ["ls", "/data"], timeout=30)


@needs_sandbox
async def test_no_processes_but_its_own_and_no_network_when_told() -> None:
    sandbox = dataclasses.replace(SANDBOX, network=False)
    done = await run(
        sandbox, ["sh", "-c", "cd /proc; echo [0-9]* | wc -w; cat net/dev | grep -c :; id -un"], timeout=30
    )
    processes, interfaces, user = done.stdout.split()
    assert int(processes) <= 4
    assert (interfaces, user) == (b"1", b"app")


def _running(mark: str) -> bool:
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if mark in entry.read_bytes().decode(errors="replace"):
                return True
        except OSError:
            continue
    return False


@needs_sandbox
async def test_folders_on_the_way_to_a_mount_can_be_passed_through(folder: Path) -> None:
    place = f"/tmp/{folder.name}/deep"
    sandbox = dataclasses.replace(SANDBOX, mounts=(Mount(str(folder), place),))
    done = await run(sandbox, ["cat", f"{place}/seen"], timeout=10)
    assert (done.stdout, done.stderr) == (b"yes", b"")
    certificates = await run(SANDBOX, ["ls", "/etc/ssl/certs"], timeout=10)
    assert b"Permission denied" not in certificates.stderr


@needs_sandbox
async def test_nothing_is_left_however_early_it_is_cut_off() -> None:
    mark = f"{time.time_ns() % 10**9}"
    for moment in range(30):
        await run(SANDBOX, ["sleep", f"6{mark}"], timeout=moment * 0.0005)
    await until(lambda: not _running(mark))
